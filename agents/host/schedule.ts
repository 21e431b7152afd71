import { createHash } from 'node:crypto'

const CONFIRM_MS = 5000
const MAX_BACKOFF_MS = 120_000
const CONFIRMATIONS = 3

/** 0..1, the same for a device after every restart, so that checks stay spread over the interval. */
export const phaseOf = (deviceId: string) => createHash('sha256').update(deviceId).digest().readUInt32BE(0) / 2 ** 32

/** A failure is confirmed quickly; a host that stays away is asked less and less, but at least every two minutes. */
export function delayMs (intervalMs: number, failures: number) {
  if (failures === 0) return intervalMs
  if (failures <= CONFIRMATIONS) return Math.min(intervalMs, CONFIRM_MS)
  return Math.max(intervalMs, Math.min(MAX_BACKOFF_MS, intervalMs * 2 ** Math.min(10, failures - CONFIRMATIONS - 1)))
}
