/** The curve of a trace over that of its reference, with events, two cursors and zoom. */
import 'uplot/dist/uPlot.min.css'
import { ActionIcon, Group, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconZoomIn, IconZoomOut, IconZoomReset } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import type { OtdrCurve, OtdrTrace } from '../../../../server/contract/otdr.js'
import { curveQuery } from '../data.js'
import styles from '../network.module.css'
import { dbText, kmText, lengthText } from '../units.js'
import { between, levelAt } from './cursors.js'
import { isBad } from './words.js'
import { decimals } from '../../ui/numbers.js'

interface Range { fromM: number, toM: number }
type CursorName = 'a' | 'b'
const HEIGHT = 380
const colours = { now: '#5ab1d6', reference: '#98a2a9', grid: '#2a3137', text: '#98a2a9', cursor: '#f1f3f5', event: '#6a737a', bad: '#ff9a3d' }
const NARROWEST_M = 20

/** Both curves on one axis. */
const joined = (now: OtdrCurve | undefined, reference: OtdrCurve | undefined) =>
  uPlot.join([now ? [now.distanceM, now.levelDb] : [[], []], reference ? [reference.distanceM, reference.levelDb] : [[], []]])

interface Drawn { trace: OtdrTrace, cursors: Record<CursorName, number>, active: CursorName }
/** Events as ticks with their numbers, what is bad in orange, the cursors on top. */
function draw (u: uPlot, { trace, cursors, active }: Drawn) {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  const line = (at: number, colour: string, width: number, from = bbox.top) => {
    const x = u.valToPos(at, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) return null
    ctx.strokeStyle = colour
    ctx.lineWidth = width * ratio
    ctx.beginPath()
    ctx.moveTo(x, from)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    return x
  }
  ctx.save()
  ctx.setLineDash([])
  ctx.font = `${12 * ratio}px system-ui, sans-serif`
  ctx.textAlign = 'center'
  let labelled = -Infinity
  for (const [i, event] of trace.file.events.entries()) {
    const x = line(event.distanceM - trace.launchM, colours.event, 1, bbox.top + bbox.height - 18 * ratio)
    if (x === null || x - labelled < 14 * ratio) continue
    labelled = x
    ctx.fillStyle = colours.text
    ctx.fillText(String(i + 1), x, bbox.top + bbox.height - 22 * ratio)
  }
  for (const d of trace.differences ?? []) if (isBad(d)) line(d.distanceM, colours.bad, 2)
  for (const name of ['a', 'b'] as const) {
    const x = line(cursors[name], colours.cursor, name === active ? 1.8 : 1)
    if (x === null) continue
    ctx.fillStyle = colours.cursor
    ctx.fillRect(x - 9 * ratio, bbox.top, 18 * ratio, 17 * ratio)
    ctx.fillStyle = '#14171a'
    ctx.font = `bold ${12 * ratio}px system-ui, sans-serif`
    ctx.fillText(name.toUpperCase(), x, bbox.top + 13 * ratio)
  }
  ctx.restore()
}

function usePlot (trace: OtdrTrace, data: uPlot.AlignedData, drawn: Drawn, onPlace: (at: number) => void, onRange: (range: Range | null) => void) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef({ drawn, onPlace, onRange, data })
  latest.current = { drawn, onPlace, onRange, data }
  const whole = useMemo(() => ({ fromM: -trace.launchM, toM: Math.max(trace.file.points.lengthM - trace.launchM, 100) }), [trace])
  useEffect(() => {
    const element = box.current
    if (!element) return
    const axis = { stroke: colours.text, grid: { stroke: colours.grid, width: 1 }, ticks: { stroke: colours.grid } }
    const made = new uPlot({
      width: Math.max(240, element.clientWidth), height: HEIGHT, legend: { show: false }, cursor: { y: false, drag: { x: true, y: false, setScale: true, dist: 6 } },
      scales: { x: { time: false }, y: { range: (_u, min, max) => [Math.min(0, min ?? 0), (max ?? 1) + 2] } },
      axes: [{ ...axis, values: (_u, marks) => marks.map(m => decimals(m / 1000, marks.length > 1 && marks[1]! - marks[0]! < 10 ? 3 : marks[1]! - marks[0]! < 1000 ? 2 : 0)) }, { ...axis, size: 46, values: (_u, marks) => marks.map(m => decimals(m, 0)) }],
      series: [{}, { stroke: colours.now, width: 1.4, points: { show: false }, spanGaps: true }, { stroke: colours.reference, width: 1.2, points: { show: false }, spanGaps: true, dash: [6, 4] }],
      hooks: {
        draw: [u => draw(u, latest.current.drawn)],
        setScale: [(u, key) => { if (key === 'x') latest.current.onRange(rangeOf(u, whole)) }],
        ready: [u => {
          let downAt = 0
          u.over.addEventListener('pointerdown', e => { downAt = e.clientX })
          u.over.addEventListener('click', e => { if (Math.abs(e.clientX - downAt) < 6) latest.current.onPlace(u.posToVal(e.clientX - u.over.getBoundingClientRect().left, 'x')) })
          u.over.addEventListener('dblclick', () => latest.current.onRange(null))
        }]
      }
    }, latest.current.data, element)
    made.setScale('x', { min: whole.fromM, max: whole.toM })
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(240, element.clientWidth), height: HEIGHT }))
    observer.observe(element)
    return () => { observer.disconnect(); made.destroy(); plot.current = null }
  }, [whole])
  useEffect(() => {
    const u = plot.current
    if (!u) return
    const { min, max } = u.scales.x!
    u.setData(data, false)
    u.setScale('x', { min: min ?? whole.fromM, max: max ?? whole.toM })
  }, [data, whole])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is the reason to draw
  useEffect(() => { plot.current?.redraw(false) }, [drawn.cursors.a, drawn.cursors.b, drawn.active])
  const show = (range: Range) => { plot.current?.setScale('x', { min: range.fromM, max: range.toM }) }
  return { box, whole, show, visible: () => { const x = plot.current?.scales.x; return { fromM: x?.min ?? whole.fromM, toM: x?.max ?? whole.toM } } }
}
/** Null: all of it. */
function rangeOf (u: uPlot, whole: Range): Range | null {
  const { min, max } = u.scales.x!
  if (min == null || max == null || (min <= whole.fromM + 0.5 && max >= whole.toM - 0.5)) return null
  return { fromM: Math.round(min), toM: Math.round(max) }
}

export function TracePlot ({ trace, cursors, onCursors }: { trace: OtdrTrace, cursors: Record<CursorName, number>, onCursors: (cursors: Record<CursorName, number>) => void }) {
  const { t } = useTranslation()
  const [active, setActive] = useState<CursorName>('a')
  const [range, setRange] = useState<Range | null>(null)
  const now = useQuery(curveQuery(trace.id, range))
  const reference = useQuery({ ...curveQuery(trace.referenceId ?? '', range), enabled: trace.referenceId !== null })
  const data = useMemo(() => joined(now.data, trace.referenceId === null ? undefined : reference.data), [now.data, reference.data, trace.referenceId])
  const place = (at: number) => onCursors({ ...cursors, [active]: at })
  const { box, whole, show, visible } = usePlot(trace, data, { trace, cursors, active }, place, setRange)
  const zoomBy = (factor: number) => {
    const { fromM, toM } = visible()
    const inside = cursors[active] >= fromM && cursors[active] <= toM ? cursors[active] : (fromM + toM) / 2
    const half = Math.max(NARROWEST_M, (toM - fromM) * factor) / 2
    show({ fromM: Math.max(whole.fromM, inside - half), toM: Math.min(whole.toM, inside + half) })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { fromM, toM } = visible()
    const step = (toM - fromM) / (event.shiftKey ? 60 : 600)
    if (event.key === 'ArrowLeft') place(cursors[active] - step)
    else if (event.key === 'ArrowRight') place(cursors[active] + step)
    else if (event.key === '+' || event.key === '=') zoomBy(0.5)
    else if (event.key === '-') zoomBy(2)
    else if (event.key === '0') show(whole)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <Group gap='xs' mb={8} wrap='wrap'>
        <SegmentedControl size='sm' value={active} onChange={v => setActive(v as CursorName)} data={[{ value: 'a', label: t('otdr.cursor', { name: 'A' }) }, { value: 'b', label: t('otdr.cursor', { name: 'B' }) }]} />
        <ActionIcon variant='default' size='lg' aria-label={t('otdr.zoomIn')} title={t('otdr.zoomIn')} onClick={() => zoomBy(0.5)}><IconZoomIn size={18} /></ActionIcon>
        <ActionIcon variant='default' size='lg' aria-label={t('otdr.zoomOut')} title={t('otdr.zoomOut')} onClick={() => zoomBy(2)}><IconZoomOut size={18} /></ActionIcon>
        <ActionIcon variant='default' size='lg' aria-label={t('otdr.zoomAll')} title={t('otdr.zoomAll')} onClick={() => show(whole)}><IconZoomReset size={18} /></ActionIcon>
        {trace.referenceId !== null && <span className='quiet' style={{ fontSize: 13 }}>- - - {t('otdr.reference')}</span>}
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the cursors are moved by arrows, which the plot must be able to take */}
      <div ref={box} className={styles.plot} role='application' tabIndex={0} aria-label={t('otdr.plotLabel')} data-loaded={now.data ? true : undefined} onKeyDown={onKeyDown} />
      <p className='quiet' style={{ fontSize: 13, margin: '4px 0 0' }}>{t('otdr.plotHint')}</p>
      {now.data && <Readings curve={now.data} cursors={cursors} />}
    </>
  )
}

function Readings ({ curve, cursors: { a, b } }: { curve: OtdrCurve, cursors: Record<CursorName, number> }) {
  const { t } = useTranslation()
  const level = (at: number) => { const db = levelAt(curve, at); return `${kmText(at)}${db === null ? '' : ` · ${dbText(db)}`}` }
  const measured = between(curve, a, b)
  return (
    <dl className={styles.cursors}>
      <div><dt>{t('otdr.cursor', { name: 'A' })}</dt><dd>{level(a)}</dd></div>
      <div><dt>{t('otdr.cursor', { name: 'B' })}</dt><dd>{level(b)}</dd></div>
      <div><dt>{t('otdr.fromTo')}</dt><dd>{lengthText(measured.lengthM)}</dd></div>
      <div><dt>{t('otdr.lossBetween')}</dt><dd>{measured.lossDb === null ? '—' : dbText(measured.lossDb, 3)}{measured.dbPerKm !== null && ` · ${t('plantUnit.dbPerKm', { value: decimals(measured.dbPerKm, 3) })}`}</dd></div>
    </dl>
  )
}
