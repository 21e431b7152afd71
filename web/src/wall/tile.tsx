/** One cell of the wall: a camera with its name, state and picture, or a place for one. */
import { useDraggable, useDroppable } from '@dnd-kit/core'
import { useNavigate } from '@tanstack/react-router'
import { IconPlus, IconRewindBackward30 } from '@tabler/icons-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { useReason } from '../devices/reason.js'
import { LiveView } from '../live-video/live-view.js'
import { serverNow, useWall } from '../live-socket.js'
import { missedSearch } from '../playback/playback-link.js'
import { useMay } from '../session/me.js'
import { StateMark, shownState } from '../ui/marks.js'
import { MotionMark } from './motion-mark.js'
import styles from './wall.module.css'

export interface TileProps { cell: number, id: string | null, selected: boolean, grabbed: boolean, onSelect: (cell: number) => void, onOpen: (cell: number) => void }

export const Tile = memo(function Tile ({ cell, id, selected, grabbed, onSelect, onOpen }: TileProps) {
  const { t } = useTranslation()
  const drop = useDroppable({ id: `cell-${cell}`, data: { cell } })
  const drag = useDraggable({ id: `tile-${cell}`, data: { cell }, disabled: id === null })
  const device = useWall(w => id === null ? undefined : w.devices.get(id))
  const known = useWall(w => w.seq !== null)
  const mayPlay = useMay('video.playback')
  const name = device?.name ?? t('tile.unknownDevice')
  const label = id === null ? `${t('wall.cell', { number: cell + 1 })}: ${t('wall.addCamera')}` : `${name}, ${device ? t(`state.${shownState(device)}`) : ''}`
  return (
    <div ref={drop.setNodeRef} className={styles.tile} data-selected={selected || undefined} data-over={drop.isOver || undefined} data-grabbed={grabbed || undefined} data-dragging={drag.isDragging || undefined}>
      {id !== null && (device ? <TilePicture id={id} enabled={device.enabled} /> : known && <div className={styles.gone}>{t('tile.unknownDevice')}</div>)}
      {id !== null && device && <TileName id={id} />}
      <button type='button' ref={drag.setNodeRef} {...drag.listeners} className={styles.hit} aria-label={label} aria-pressed={selected} data-cell={cell} title={id === null ? undefined : name}
        onFocus={() => onSelect(cell)} onClick={() => onOpen(cell)}>
        {id === null && <span className={styles.add}><IconPlus size={26} stroke={1.5} aria-hidden /><span>{t('wall.addCamera')}</span></span>}
      </button>
      {id !== null && device && mayPlay && <Missed id={id} />}
    </div>
  )
})

/** Opens what was to be seen half a minute ago. */
function Missed ({ id }: { id: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const label = t('playback.back30')
  return <button type='button' className={styles.missed} tabIndex={-1} aria-label={label} title={`${label} (R)`} onClick={() => { void navigate({ to: '/playback', search: missedSearch(id, serverNow()) }) }}><IconRewindBackward30 size={20} aria-hidden /></button>
}

const TilePicture = memo(function TilePicture ({ id, enabled }: { id: string, enabled: boolean }) {
  const { t } = useTranslation()
  if (!enabled) return <div className={styles.gone}>{t('tile.disabled')}</div>
  return <LiveView key={id} deviceId={id} profile='sub' />
})

/** The bar over the picture: a state that is not normal also says why. */
function TileName ({ id }: { id: string }) {
  const device = useWall(w => w.devices.get(id))
  const reason = useReason()
  if (!device) return null
  const why = reason(device)
  return (
    <div className={styles.name} data-state={shownState(device)}>
      <StateMark state={shownState(device)} size={15} />
      <span className={styles.nameText}>{device.name}</span>
      <MotionMark id={id} />
      {why && <span className={styles.why}>{why}</span>}
    </div>
  )
}
