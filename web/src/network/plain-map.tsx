/** Routes, closures and sites without a basemap: what is known is drawn, nothing has to be fetched. */
import { ActionIcon } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconFocus2, IconMinus, IconPlus } from '@tabler/icons-react'
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PlantMap } from '../../../server/contract/plant.js'
import { boxOf, type LngLat, type MapView, project, scaleBar, toScreen, viewOf, zoom } from './map-view.js'
import styles from './network.module.css'
import { lengthText } from './units.js'

/** A fault with the part of the route where it may be. */
export interface MapFault { point: LngLat, band: readonly LngLat[], label: string }
interface PlainMapProps { map: PlantMap, chosenCable?: string, fault?: MapFault | null, onCable?: (id: string) => void, height?: string, label: string }
/** Names are drawn while they do not cover each other too much. */
const MAX_LABELS = 60

export function PlainMap ({ map, chosenCable, fault, onCable, height = '100%', label }: PlainMapProps) {
  const { t } = useTranslation()
  const { ref, width, height: tall } = useElementSize()
  const [view, setView] = useState<MapView | null>(null)
  const dragged = useRef<{ x: number, y: number, view: MapView } | null>(null)
  const box = useMemo(() => {
    const chosen = map.cables.find(c => c.id === chosenCable)
    const around = fault ? [...fault.band, fault.point, ...chosen?.route ?? []] : chosen ? chosen.route : null
    return boxOf(around ?? [...map.cables.flatMap(c => c.route), ...map.nodes.map((n): LngLat => [n.longitude, n.latitude]), ...map.sites.map((s): LngLat => [s.longitude, s.latitude])])
  }, [map, chosenCable, fault])
  const ready = width > 0 && tall > 0
  useEffect(() => { setView(ready && box ? viewOf(box, width, tall) : null) }, [box, ready, width, tall])
  const wheel = useRef<(event: WheelEvent) => void>(() => {})
  wheel.current = event => {
    if (!view) return
    event.preventDefault()
    const frame = (event.currentTarget as Element).getBoundingClientRect()
    setView(zoom(view, event.deltaY > 0 ? 1.25 : 0.8, event.clientX - frame.left, event.clientY - frame.top, width, tall))
  }
  const svg = useRef<SVGSVGElement>(null)
  useEffect(() => {
    // React listens passively, and the page would scroll along.
    const element = svg.current
    const listen = (event: WheelEvent) => wheel.current(event)
    element?.addEventListener('wheel', listen, { passive: false })
    return () => element?.removeEventListener('wheel', listen)
  }, [])
  const nearer = (factor: number) => { if (view) setView(zoom(view, factor, width / 2, tall / 2, width, tall)) }
  const onPointerMove = (event: PointerEvent) => {
    const from = dragged.current
    if (from) setView({ ...from.view, x: from.view.x - (event.clientX - from.x) * from.view.scale, y: from.view.y - (event.clientY - from.y) * from.view.scale })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] }[event.key]
    if (event.key === '+' || event.key === '=') nearer(0.8)
    else if (event.key === '-') nearer(1.25)
    else if (step && view) setView({ ...view, x: view.x + step[0]! * view.scale, y: view.y + step[1]! * view.scale })
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <section ref={ref} className={styles.map} style={{ height }} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the map is moved by arrows, which it must be able to take */}
      <svg ref={svg} width={width} height={tall} tabIndex={0} role='application' aria-label={label} onKeyDown={onKeyDown} onPointerMove={onPointerMove}
        onPointerDown={e => { if (view) dragged.current = { x: e.clientX, y: e.clientY, view } }} onPointerUp={() => { dragged.current = null }} onPointerLeave={() => { dragged.current = null }}>
        {view && <Drawing map={map} view={view} width={width} height={tall} chosenCable={chosenCable} fault={fault ?? null} onCable={onCable} />}
      </svg>
      <div className={styles.mapKeys}>
        <ActionIcon variant='default' size='lg' aria-label={t('plantMap.nearer')} onClick={() => nearer(0.6)}><IconPlus size={18} /></ActionIcon>
        <ActionIcon variant='default' size='lg' aria-label={t('plantMap.farther')} onClick={() => nearer(1.6)}><IconMinus size={18} /></ActionIcon>
        <ActionIcon variant='default' size='lg' aria-label={t('plantMap.all')} onClick={() => { if (box) setView(viewOf(box, width, tall)) }}><IconFocus2 size={18} /></ActionIcon>
      </div>
      {view && <Bar view={view} />}
      {ready && !box && <p className={styles.mapEmpty}>{t('plantMap.empty')}</p>}
    </section>
  )
}

function Bar ({ view }: { view: MapView }) {
  const { metres, pixels } = scaleBar(view)
  return <div className={styles.mapBar} style={{ width: pixels }}>{lengthText(metres)}</div>
}

interface DrawingProps { map: PlantMap, view: MapView, width: number, height: number, chosenCable?: string, fault: MapFault | null, onCable?: (id: string) => void }
function Drawing ({ map, view, width, height, chosenCable, fault, onCable }: DrawingProps) {
  const at = (p: LngLat) => toScreen(view, project(p), width, height)
  const line = (points: readonly LngLat[]) => points.map(p => at(p).map(n => n.toFixed(1)).join(',')).join(' ')
  const seen = ([x, y]: readonly [number, number]) => x > -20 && y > -20 && x < width + 20 && y < height + 20
  const nodes = map.nodes.map(n => ({ ...n, at: at([n.longitude, n.latitude]) })).filter(n => seen(n.at))
  const sites = map.sites.map(s => ({ ...s, at: at([s.longitude, s.latitude]) })).filter(s => seen(s.at))
  const labelled = nodes.length + sites.length <= MAX_LABELS
  return (
    <>
      {map.cables.map(c => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the list of cables beside the map is the way for the keyboard
        <polyline key={c.id} points={line(c.route)} className={styles.cable} data-chosen={c.id === chosenCable || undefined} data-open={onCable !== undefined || undefined} onClick={() => onCable?.(c.id)}><title>{c.name}</title></polyline>
      ))}
      {fault && fault.band.length > 1 && <polyline points={line(fault.band)} className={styles.band} />}
      {sites.map(({ id, name, at: [x, y] }) => <g key={id} className={styles.site}><rect x={x - 5} y={y - 5} width={10} height={10}><title>{name}</title></rect>{labelled && <Label x={x} y={y - 7} width={width} text={name} />}</g>)}
      {nodes.map(({ id, name, kind, at: [x, y] }) => <g key={id} className={styles.node}>{kind === 'closure' ? <circle cx={x} cy={y} r={5}><title>{name}</title></circle> : <rect x={x - 4} y={y - 7} width={8} height={14} rx={1.5}><title>{name}</title></rect>}{labelled && <Label x={x} y={y + 15} width={width} text={name} />}</g>)}
      {fault && <Fault at={at(fault.point)} label={fault.label} right={at(fault.point)[0] > width * 0.6} />}
    </>
  )
}

/** On the side where there is room. */
const Label = ({ x, y, width, text }: { x: number, y: number, width: number, text: string }) => x > width - 20 - text.length * 7 ? <text x={x - 9} y={y} textAnchor='end'>{text}</text> : <text x={x + 9} y={y}>{text}</text>

function Fault ({ at: [x, y], label, right }: { at: readonly [number, number], label: string, right: boolean }) {
  return <g className={styles.fault}><path d={`M${x} ${y - 11} ${x + 11} ${y} ${x} ${y + 11} ${x - 11} ${y}z`}><title>{label}</title></path><text x={x + (right ? -16 : 16)} y={y - 12} textAnchor={right ? 'end' : 'start'}>{label}</text></g>
}
