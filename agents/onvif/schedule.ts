/** When a camera is asked again: pure functions, so that the timing can be read and tested without waiting. */
import { createHash } from 'node:crypto'

const checkEveryMs = 20_000
const clockEveryMs = 60_000
const identityEveryMs = 3_600_000
/** A changed password is noticed within this time. */
const loginEveryMs = 300_000
/** Two failed checks within about 3 s make a camera down; then it is asked less and less, at least every two minutes. */
const retryMs = [500, 2000, 5000, 10_000, 20_000, 40_000, 80_000] as const
const slowestRetryMs = 120_000
/** A wrong password is tried again rarely: cameras lock the account after five to seven failures. */
const deniedRetryMs = [60_000, 300_000] as const
const slowestDeniedRetryMs = 900_000

/** 0 to 1, the same for a device after every restart. */
export const phaseOf = (deviceId: string) => createHash('sha256').update(deviceId).digest().readUInt32BE(0) / 2 ** 32

/** Delay to the next check, ms. A camera that answers keeps its own place in the cycle, so that hundreds stay spread over it. */
export function nextCheckMs (failures: number, phase: number, now: number): number {
  if (failures > 0) return retryMs[failures - 1] ?? slowestRetryMs
  const place = Math.floor(phase * checkEveryMs)
  const ahead = (place - now % checkEveryMs + checkEveryMs) % checkEveryMs
  return ahead < checkEveryMs / 4 ? ahead + checkEveryMs : ahead
}

/** How long a check may take: four times what the camera usually needs, between 2 and 5 s; 3 s while that is not known. */
export const checkDeadlineMs = (usualRttMs: number | null) => usualRttMs === null ? 3000 : Math.round(Math.max(2000, Math.min(5000, usualRttMs * 4)))

export const smoothedRtt = (before: number | null, rttMs: number) => before === null ? rttMs : before + (rttMs - before) * 0.2

export const clockIsDue = (last: { at: number, offsetMs: number } | null, offsetMs: number, now: number) =>
  last === null || now - last.at >= clockEveryMs || Math.abs(offsetMs - last.offsetMs) > 1500

export const identityIsDue = (toldAt: number | null, now: number) => toldAt === null || now - toldAt >= identityEveryMs

/** When to log in next, after `denials` refusals in a row. */
export const nextLoginMs = (denials: number) => denials === 0 ? loginEveryMs : deniedRetryMs[denials - 1] ?? slowestDeniedRetryMs
