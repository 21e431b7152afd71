/** Draws the timeline. Grey is normal; colour stands only where a person should act (ISA-101), and for the one accent. */
import type { TimelineRow } from '../../../../server/contract/recording.js'
import { type Placed, placed } from './layout.js'
import { type Tick, type View, xOf } from './view.js'

export const RULER_PX = 26
export const ROW_PX = 30
const BAR = { top: 5, height: 13 }

export interface Colours { page: string, panel: string, line: string, text: string, quiet: string, accent: string, critical: string, major: string, minor: string, warning: string }
export function coloursOf (element: Element): Colours {
  const style = getComputedStyle(element)
  const value = (name: string) => style.getPropertyValue(name).trim()
  return { page: value('--page'), panel: value('--panel'), line: value('--line'), text: value('--text'), quiet: value('--text-quiet'), accent: value('--accent'), critical: value('--critical'), major: value('--major'), minor: value('--minor'), warning: value('--warning') }
}
const coverage: Record<TimelineRow['coverage'][number]['kind'], string> = { recorded: '#6f7b84', recording: '#8f9ca6', archived: '#55616a', refilled: '#6f7b84' }

export interface Scene {
  width: number
  view: View
  ticks: readonly Tick[]
  /** In the order of the screen; null has not been told yet. */
  rows: ReadonlyArray<TimelineRow | null>
  selected: number
  unknown: readonly View[]
  selection: { from: number | null, to: number | null }
  now: number
  colours: Colours
  dayLabel: string
}
type Pen = CanvasRenderingContext2D

function hatch (pen: Pen, x: number, y: number, width: number, height: number, colour: string, step: number) {
  pen.save()
  pen.beginPath()
  pen.rect(x, y, width, height)
  pen.clip()
  pen.strokeStyle = colour
  pen.lineWidth = 1.5
  pen.beginPath()
  // Fixed to the canvas rather than to the gap, so that neighbours join and nothing crawls while it is moved.
  for (let at = Math.floor((x - height) / step) * step; at < x + width; at += step) { pen.moveTo(at, y + height); pen.lineTo(at + height, y) }
  pen.stroke()
  pen.restore()
}

function thing (pen: Pen, p: Placed, top: number, c: Colours) {
  const y = top + BAR.top
  switch (p.kind) {
    case 'coverage':
      pen.fillStyle = coverage[p.coverage.kind]
      pen.fillRect(p.x, y, p.width, BAR.height)
      if (p.coverage.kind === 'refilled') hatch(pen, p.x, y, p.width, BAR.height, '#a3b0b9', 4)
      if (p.coverage.kind === 'archived') { pen.fillStyle = '#8f9ca6'; pen.fillRect(p.x, y + BAR.height - 2, p.width, 2) }
      if (p.coverage.kind === 'recording') { pen.fillStyle = c.text; pen.fillRect(p.x + p.width - Math.min(2, p.width), y, 2, BAR.height) }
      return
    case 'gap':
      pen.fillStyle = p.fault ? '#2b1c10' : c.page
      pen.fillRect(p.x, y, p.width, BAR.height)
      hatch(pen, p.x, y, p.width, BAR.height, p.fault ? c.major : '#4a5359', p.fault ? 5 : 7)
      if (p.fault) { pen.fillStyle = c.major; pen.fillRect(p.x, y, p.width, 2) }
      return
    case 'lock':
      pen.fillStyle = c.accent
      pen.fillRect(p.x, y - 3, p.width, 2)
      return
    case 'event':
      // Motion is a quiet band, single events a tick: both below the bar.
      pen.fillStyle = p.event.type === 'motion' ? '#aab4bb' : '#e6eaed'
      pen.fillRect(p.x, y + BAR.height + 2, p.width, p.event.type === 'motion' ? 2 : 4)
      return
    case 'alarm':
      pen.fillStyle = { critical: c.critical, major: c.major, minor: c.minor }[p.alarm.severity] ?? c.warning
      pen.beginPath()
      pen.moveTo(p.x + 1.5, y + BAR.height + 1)
      pen.lineTo(p.x + 6, y + BAR.height + 8)
      pen.lineTo(p.x - 3, y + BAR.height + 8)
      pen.fill()
      return
    case 'bookmark':
      pen.fillStyle = '#fff'
      pen.fillRect(p.x + 1, y - 4, 1.5, BAR.height + 6)
      pen.beginPath()
      pen.moveTo(p.x + 1, y - 4)
      pen.lineTo(p.x + 9, y - 1)
      pen.lineTo(p.x + 1, y + 3)
      pen.fill()
  }
}

function ruler (pen: Pen, { view, ticks, width, colours: c, dayLabel }: Scene, height: number) {
  pen.textBaseline = 'middle'
  const { width: dayWidth } = (() => { pen.font = '600 12.5px system-ui, sans-serif'; return pen.measureText(dayLabel) })()
  for (const tick of ticks) {
    const x = Math.round(xOf(view, width, tick.at)) + 0.5
    pen.strokeStyle = tick.day ? '#56616a' : c.line
    pen.beginPath()
    pen.moveTo(x, tick.day ? 0 : RULER_PX - 6)
    pen.lineTo(x, height)
    pen.stroke()
    pen.font = tick.day ? '600 12.5px system-ui, sans-serif' : '12.5px system-ui, sans-serif'
    pen.fillStyle = tick.day ? c.text : c.quiet
    // The day of the left edge stands there always.
    if (x + 4 > dayWidth + 14 && x + 40 < width) pen.fillText(tick.label, x + 4, RULER_PX / 2)
  }
  pen.font = '600 12.5px system-ui, sans-serif'
  pen.fillStyle = c.text
  pen.fillText(dayLabel, 4, RULER_PX / 2)
}

export function drawTimeline (pen: Pen, scene: Scene) {
  const { width, view, rows, colours: c, selection } = scene
  const height = RULER_PX + rows.length * ROW_PX
  pen.clearRect(0, 0, width, height)
  pen.lineWidth = 1
  if (rows[scene.selected] !== undefined && rows.length > 1) { pen.fillStyle = 'rgb(90 177 214 / 10%)'; pen.fillRect(0, RULER_PX + scene.selected * ROW_PX, width, ROW_PX) }
  ruler(pen, scene, height)
  rows.forEach((row, i) => {
    const top = RULER_PX + i * ROW_PX
    pen.fillStyle = '#0e1113'
    pen.fillRect(0, top + BAR.top, width, BAR.height)
    if (row) for (const p of placed(row, view, width, scene.now)) thing(pen, p, top, c)
    for (const part of scene.unknown) {
      const x = xOf(view, width, part.from)
      const w = xOf(view, width, part.to) - x
      pen.fillStyle = c.panel
      pen.fillRect(x, top + BAR.top, w, BAR.height)
      hatch(pen, x, top + BAR.top, w, BAR.height, '#2a3137', 12)
    }
  })
  const nowX = xOf(view, width, scene.now)
  if (nowX < width) {
    pen.fillStyle = 'rgb(0 0 0 / 45%)'
    pen.fillRect(nowX, RULER_PX, width - nowX, height)
    pen.fillStyle = c.text
    pen.fillRect(Math.round(nowX), RULER_PX - 4, 1, height)
  }
  if (selection.from !== null || selection.to !== null) {
    const a = xOf(view, width, selection.from ?? selection.to!)
    const b = xOf(view, width, selection.to ?? selection.from!)
    pen.fillStyle = 'rgb(90 177 214 / 22%)'
    pen.fillRect(Math.min(a, b), 0, Math.abs(b - a), height)
    pen.fillStyle = c.accent
    for (const x of [selection.from === null ? null : a, selection.to === null ? null : b]) if (x !== null) pen.fillRect(Math.round(x) - 1, 0, 2, height)
  }
}
