/** Where light stands on a bar from a little below its lowest limit to a little above its highest. Pure. */
import type { LightLevel, LightLimits, ModuleView } from '../../../server/contract/hardware.js'

const MARGIN_DB = 3

/** 0 to 1 along the bar; light beyond its ends stays at the end. */
export function placeOf (dbm: number, l: LightLimits): number {
  const from = l.lowAlarm - MARGIN_DB
  const to = l.highAlarm + MARGIN_DB
  return Math.min(1, Math.max(0, (dbm - from) / (to - from)))
}

export const severityOfLevel = (level: LightLevel | null) => level === 'low_alarm' || level === 'high_alarm' ? 'major' as const : level === 'low_warn' || level === 'high_warn' ? 'minor' as const : null

const rank = { major: 2, minor: 1 } as const
/** The worse of both directions. */
export function worstOf (m: Pick<ModuleView, 'rx' | 'tx'>): 'major' | 'minor' | null {
  const [rx, tx] = [severityOfLevel(m.rx.level), severityOfLevel(m.tx.level)]
  return (rx ? rank[rx] : 0) >= (tx ? rank[tx] : 0) ? rx : tx
}

export function matchesModule (m: ModuleView, text: string) {
  const wanted = text.trim().toLowerCase()
  return wanted === '' || [m.port, m.label, m.vendor, m.part, m.serial].some(t => t.toLowerCase().includes(wanted))
}

export const limitNames = ['lowAlarm', 'lowWarn', 'highWarn', 'highAlarm'] as const
/** The first limit that is missing, out of range or not above the one before it. */
export function faultyLimit (l: Record<(typeof limitNames)[number], number | ''>): { name: (typeof limitNames)[number], fault: 'order' | 'range' } | null {
  for (const [i, name] of limitNames.entries()) {
    const value = l[name]
    if (value === '' || value < -60 || value > 30) return { name, fault: 'range' }
    const before = i > 0 ? l[limitNames[i - 1]!] : ''
    if (before !== '' && value <= before) return { name, fault: 'order' }
  }
  return null
}
