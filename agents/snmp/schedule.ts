/** When a switch is polled. Pure. */

/** A stable number below `period` for a device, so that polls spread evenly over it. */
export function slotOf (deviceId: string, period: number): number {
  // FNV-1a
  let hash = 0x811c9dc5
  for (let i = 0; i < deviceId.length; i++) hash = Math.imul(hash ^ deviceId.charCodeAt(i), 0x01000193) >>> 0
  return hash % period
}

/** The next time after `now` that lies `slot` into a period, ms. */
export const nextSlot = (now: number, periodMs: number, slot: number) => now + periodMs - (((now - slot) % periodMs) + periodMs) % periodMs

export interface Timing {
  intervalMs: number
  statusIntervalMs: number
  /** Longest wait between probes of a dead switch. */
  capMs: number
}
/** After so many failed checks in a row only one object is asked for. */
export const FAILURES_TO_PROBE = 3
/** For so long a dead switch is probed as often as a living one is checked: most come back soon. */
const QUICK_RETURN_MS = 600_000

/** The period of the next check of a switch that failed `failures` times and last answered (or was first asked) at `lastGoodAt`. */
export function periodMs (t: Timing, failures: number, lastGoodAt: number, now: number): number {
  const away = now - lastGoodAt
  if (failures < FAILURES_TO_PROBE || away < QUICK_RETURN_MS) return t.statusIntervalMs
  const doublings = Math.min(20, Math.floor((away - QUICK_RETURN_MS) / QUICK_RETURN_MS) + 1)
  return Math.max(t.statusIntervalMs, Math.min(t.capMs, t.statusIntervalMs * 2 ** doublings))
}
