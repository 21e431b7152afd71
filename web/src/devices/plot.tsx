/** A line plot by uPlot: greys and the one accent, gaps left as gaps, times in the centre's zone. */
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import i18next from 'i18next'
import uPlot from 'uplot'
import { serverNow } from '../live-socket.js'
import { clockText, dayText, shortTime, timeZone } from '../time.js'
import styles from './devices.module.css'

interface Line { label: string, points: ReadonlyArray<readonly [atMs: number, value: number | null]> }
const colours = ['#5ab1d6', '#c9d1d6']
const grey = { stroke: '#98a2a9', grid: { stroke: '#2a3137', width: 1 }, ticks: { stroke: '#2a3137' } }

/** Points of all lines on one time axis, s. */
function aligned (lines: readonly Line[]): uPlot.AlignedData {
  const times = [...new Set(lines.flatMap(l => l.points.map(p => p[0])))].sort((a, b) => a - b)
  const columns = lines.map(l => { const at = new Map(l.points); return times.map(t => at.get(t) ?? null) })
  return [times.map(t => t / 1000), ...columns]
}

const DAY_MS = 86_400_000
/** While nobody points at the plot its legend tells the latest values. */
const tellLatest = (plot: uPlot) => { if ((plot.cursor.left ?? -1) < 0) plot.setLegend({ idx: plot.data[0].length - 1 }, false) }

const none: readonly number[] = []
/** Grey: the lines that cross them are what is looked at. */
function drawLimits (plot: uPlot, limits: readonly number[]) {
  const { ctx } = plot
  ctx.save()
  ctx.setLineDash([6, 5])
  ctx.strokeStyle = '#7d878e'
  for (const limit of limits) {
    const y = plot.valToPos(limit, 'y', true)
    ctx.beginPath()
    ctx.moveTo(plot.bbox.left, y)
    ctx.lineTo(plot.bbox.left + plot.bbox.width, y)
    ctx.stroke()
  }
  ctx.restore()
}

interface PlotProps { lines: readonly Line[], label: string, text: (value: number) => string, spanMs: number, height?: number, /** Shows where the values are, not how far from 0. */ fit?: boolean, /** Dashed lines across. */ limits?: readonly number[] }
/** The last `spanMs`, whether or not anything was measured at its beginning. */
export function Plot ({ lines, label, text, spanMs, height = 160, fit = false, limits = none }: PlotProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const format = useRef(text)
  const data = aligned(lines)
  const latest = useRef(data)
  const labels = lines.map(l => l.label).join('|')
  const limitsKey = limits.join(' ')
  useEffect(() => { format.current = text; latest.current = data; plot.current?.setData(data); if (plot.current) tellLatest(plot.current) })
  useEffect(() => {
    const element = box.current
    if (!element) return
    const drawnLimits = limitsKey === '' ? [] : limitsKey.split(' ').map(Number)
    const made = new uPlot({
      width: Math.max(200, element.clientWidth), height, tzDate: at => uPlot.tzDate(new Date(at * 1000), timeZone()),
      cursor: { y: false, points: { size: 6 } }, legend: { live: true },
      scales: { x: { range: () => [(serverNow() - spanMs) / 1000, serverNow() / 1000] }, y: { range: (_u, min, max) => fit ? [Math.min(min, ...drawnLimits) - 1, max + 1] : [0, max > 0 ? max * 1.15 : 1] } },
      hooks: { setCursor: [tellLatest], draw: [plot => drawLimits(plot, drawnLimits)] },
      axes: [{ ...grey, values: (_u, marks) => marks.map(m => spanMs > DAY_MS ? dayText(m * 1000) : clockText(m * 1000)) }, { ...grey, size: 92, values: (_u, marks) => marks.map(m => format.current(m)) }],
      series: [{ label: i18next.t('plot.time'), value: (_u, at) => at === null ? '' : shortTime(at * 1000) }, ...labels.split('|').map((l, i) => ({ label: l, stroke: colours[i % 2]!, width: 1.6, points: { show: fit, size: 4 }, value: (_u: uPlot, v: number | null) => v === null ? '—' : format.current(v) }))]
    }, latest.current, element)
    plot.current = made
    tellLatest(made)
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(200, element.clientWidth), height }))
    observer.observe(element)
    return () => { observer.disconnect(); made.destroy(); plot.current = null }
  }, [labels, height, spanMs, fit, limitsKey])
  return <div ref={box} className={styles.plot} role='img' aria-label={label} />
}
