/** Cameras to choose from: in the side panel to drag, in the picker to press Enter on. */
import { useDraggable } from '@dnd-kit/core'
import { Modal, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { WallDevice } from '../../../server/contract/wall.js'
import { byName, matches, placeNames } from '../devices/filter.js'
import { useWall } from '../live-socket.js'
import { EmptyPanel } from '../ui/feedback.js'
import { StateMark, shownState } from '../ui/marks.js'
import styles from './wall.module.css'

/** Longer lists are for searching, not for scrolling. */
const SHOWN = 150

/** Sorted once for all who ask: ten thousand names take a tenth of a second. */
const sorted = new WeakMap<ReadonlyMap<string, WallDevice>, WallDevice[]>()
function camerasOf (devices: ReadonlyMap<string, WallDevice>) {
  const known = sorted.get(devices)
  if (known) return known
  const all = [...devices.values()]
  placeNames(all)
  const cameras = all.filter(d => d.kind === 'camera').sort(byName)
  sorted.set(devices, cameras)
  return cameras
}
export const useCameras = () => camerasOf(useWall(w => w.devices))
function useFound (q: string) {
  const cameras = useCameras()
  // Not deferred: Enter must never choose from the list of what was typed before.
  return useMemo(() => cameras.filter(c => matches(c, { q })), [cameras, q])
}

const CameraText = ({ camera }: { camera: WallDevice }) => (
  <>
    <StateMark state={shownState(camera)} />
    <span className={styles.cameraText}><span className='two-lines'>{camera.name}</span>{camera.siteName && <span className={`${styles.cameraSite} two-lines`}>{camera.siteName}</span>}</span>
  </>
)

export function CameraPanel ({ placed, onChoose }: { placed: ReadonlySet<string>, onChoose: (id: string) => void }) {
  const { t } = useTranslation()
  const [q, setQ] = useState('')
  const found = useFound(q)
  return (
    <>
      <TextInput mb='xs' leftSection={<IconSearch size={16} />} placeholder={t('keys.search')} aria-label={t('keys.search')} value={q} onChange={e => setQ(e.currentTarget.value)} />
      {found.length === 0 && <EmptyPanel title={q ? t('empty.filtered') : t('wall.noCameras')} hint={q ? undefined : t('wall.noCamerasHint')} />}
      <div className={styles.cameras}>{found.slice(0, SHOWN).map(c => <DraggableCamera key={c.id} camera={c} placed={placed.has(c.id)} onChoose={onChoose} />)}</div>
      {found.length > SHOWN && <Text size='sm' className='quiet' mt='xs'>{t('common.total', { count: found.length })}</Text>}
    </>
  )
}
function DraggableCamera ({ camera, placed, onChoose }: { camera: WallDevice, placed: boolean, onChoose: (id: string) => void }) {
  const drag = useDraggable({ id: `camera-${camera.id}`, data: { camera: camera.id } })
  return <button type='button' ref={drag.setNodeRef} {...drag.listeners} className={styles.camera} data-placed={placed || undefined} title={camera.name} onClick={() => onChoose(camera.id)}><CameraText camera={camera} /></button>
}

/** Type, arrows, Enter. */
export function CameraPicker ({ opened, onClose, onChoose }: { opened: boolean, onClose: () => void, onChoose: (id: string) => void }) {
  const { t } = useTranslation()
  return <Modal opened={opened} onClose={onClose} title={t('wall.pickCamera')} size='md'>{opened && <PickerList onChoose={onChoose} />}</Modal>
}
function PickerList ({ onChoose }: { onChoose: (id: string) => void }) {
  const { t } = useTranslation()
  const [q, setQ] = useState('')
  const [at, setAt] = useState(0)
  const found = useFound(q)
  const shown = found.slice(0, 60)
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Enter' && shown[at]) { event.preventDefault(); onChoose(shown[at].id) }
    if (!step) return
    event.preventDefault()
    const next = Math.max(0, Math.min(shown.length - 1, at + step))
    setAt(next)
    document.getElementById(`pick-${next}`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <>
      <TextInput data-autofocus leftSection={<IconSearch size={16} />} placeholder={t('devices.search')} aria-label={t('keys.search')} value={q} onChange={e => { setQ(e.currentTarget.value); setAt(0) }} onKeyDown={onKey} role='combobox' aria-expanded aria-controls='camera-picker' aria-activedescendant={shown[at] ? `pick-${at}` : undefined} mb='xs' />
      {shown.length === 0 && <EmptyPanel title={q ? t('empty.filtered') : t('wall.noCameras')} />}
      <div id='camera-picker' className={styles.cameras} role='listbox' tabIndex={-1} aria-label={t('wall.cameras')} style={{ maxHeight: '50dvh', overflow: 'auto' }}>
        {shown.map((c, i) => <button type='button' key={c.id} id={`pick-${i}`} role='option' aria-selected={i === at} className={styles.camera} data-chosen={i === at || undefined} onClick={() => onChoose(c.id)}><CameraText camera={c} /></button>)}
      </div>
    </>
  )
}
