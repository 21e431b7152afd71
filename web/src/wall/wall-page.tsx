import { DndContext, type DragEndEvent, DragOverlay, MouseSensor, TouchSensor, useSensor, useSensors } from '@dnd-kit/core'
import { type CSSProperties, useEffect, useMemo, useReducer, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { serverNow, useWall } from '../live-socket.js'
import { missedSearch } from '../playback/playback-link.js'
import { layoutsQuery } from '../queries.js'
import { useMay } from '../session/me.js'
import { LoadingRows } from '../ui/feedback.js'
import { NoCameras } from './no-cameras.js'
import { type Arrangement, needsCameras, opening, rearrange, recall, remember, sideOf, visibleCells } from './arrangement.js'
import { CameraPicker, useCameras } from './cameras.js'
import { FocusView } from './focus-view.js'
import { SidePanel } from './side-panel.js'
import { Tile } from './tile.js'
import { Toolbar } from './toolbar.js'
import { useWallKeys } from './use-wall-keys.js'
import styles from './wall.module.css'

/** The operator's wall. */
export function WallPage () {
  const joined = useWall(w => w.seq !== null)
  const cameras = useCameras()
  const layouts = useQuery(layoutsQuery)
  const last = useMemo(() => recall(), [])
  const known = layouts.data ?? (layouts.isError ? null : undefined)
  if (known === undefined || (!joined && needsCameras(last, known))) return <div style={{ padding: 14 }}><LoadingRows rows={5} height={110} /></div>
  return <Arranged start={() => opening(last, known, cameras.map(c => c.id))} />
}

function Arranged ({ start }: { start: () => Arrangement }) {
  const { t } = useTranslation()
  const [wall, act] = useReducer(rearrange, null, start)
  const [selected, setSelected] = useState(0)
  const [focused, setFocused] = useState(false)
  const [grabbed, setGrabbed] = useState(false)
  const [picking, setPicking] = useState(false)
  const [sound, setSound] = useState(false)
  const [panel, setPanel] = useState<'cameras' | 'alarms' | null>(null)
  const [dragged, setDragged] = useState<string | null>(null)
  const joined = useWall(w => w.seq !== null)
  const noCameras = useCameras().length === 0
  const cells = visibleCells(wall)
  const navigate = useNavigate()
  const mayPlay = useMay('video.playback')
  const placed = useMemo(() => new Set(visibleCells(wall).filter(c => c !== null)), [wall])
  const sensors = useSensors(useSensor(MouseSensor, { activationConstraint: { distance: 6 } }), useSensor(TouchSensor, { activationConstraint: { delay: 300, tolerance: 8 } }))
  const cell = Math.min(selected, wall.grid - 1)
  const focusedId = focused ? cells[cell] ?? null : null

  useEffect(() => { remember(wall) }, [wall])
  const select = (next: number) => {
    setSelected(next)
    setSound(false)
    if (!focused) document.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus({ preventScroll: false })
  }
  const open = (next: number) => {
    setSelected(next)
    if (cells[next]) setFocused(true)
    else setPicking(true)
  }
  const close = () => {
    setFocused(false)
    setSound(false)
    // The grid is shown again first; then the keys belong to its tile.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-cell="${cell}"]`)?.focus({ preventScroll: true }))
  }
  const choose = (id: string) => {
    setPicking(false)
    const at = cells.indexOf(id)
    if (at >= 0) { setSelected(at); return }
    const free = cells[cell] === null ? cell : cells.indexOf(null)
    const target = free >= 0 ? free : cell
    act({ do: 'place', cell: target, id })
    setSelected(target)
  }
  const missed = () => {
    const id = cells[cell]
    if (id && mayPlay) void navigate({ to: '/playback', search: missedSearch(id, serverNow()) })
  }
  useWallKeys({ wall, selected: cell, focused: focusedId !== null, grabbed, act, select, setFocused: on => on ? setFocused(true) : close(), setGrabbed, pick: () => setPicking(true), toggleSound: () => setSound(s => !s), missed })
  const dropped = (event: DragEndEvent) => {
    setDragged(null)
    const to = event.over?.data.current?.cell as number | undefined
    const from = event.active.data.current as { cell?: number, camera?: string } | undefined
    if (to === undefined || !from) return
    if (from.camera) act({ do: 'place', cell: to, id: from.camera })
    else if (from.cell !== undefined) act({ do: 'swap', from: from.cell, to })
    setSelected(to)
  }
  const dragStarted = (data: { cell?: number, camera?: string } | undefined) => setDragged(data?.camera ?? (data?.cell === undefined ? null : cells[data.cell] ?? null))
  return (
    <DndContext sensors={sensors} onDragStart={e => dragStarted(e.active.data.current)} onDragEnd={dropped} onDragCancel={() => setDragged(null)}>
      <div className={styles.page}>
        <Toolbar wall={wall} act={act} panel={panel} setPanel={setPanel} onGrid={close} />
        <div className={styles.body}>
          <div className={styles.stage}>
            {noCameras && joined
              ? <NoCameras />
              : (
                <section className={styles.grid} data-hidden={focusedId !== null || undefined} style={{ '--side': sideOf(wall.grid) } as CSSProperties} aria-label={t('wall.tiles')}>
                  {cells.map((id, i) => <Tile key={id === null || cells.indexOf(id) !== i ? `cell-${i}` : id} cell={i} id={id} selected={i === cell} grabbed={grabbed && i === cell} onSelect={setSelected} onOpen={open} />)}
                </section>
                )}
            {focusedId && <FocusView id={focusedId} sound={sound} onSound={() => setSound(!sound)} onClose={close} />}
          </div>
          <SidePanel panel={panel} setPanel={setPanel} placed={placed} onChoose={choose} />
        </div>
        <span className='visually-hidden' role='status'>{grabbed ? `${t('keys.grab')}: ${cell + 1}` : ''}</span>
      </div>
      <DragOverlay dropAnimation={null}>{dragged && <Ghost id={dragged} />}</DragOverlay>
      <CameraPicker opened={picking} onClose={() => setPicking(false)} onChoose={choose} />
    </DndContext>
  )
}
function Ghost ({ id }: { id: string }) {
  return <div className={styles.ghost}>{useWall(w => w.devices.get(id)?.name)}</div>
}
