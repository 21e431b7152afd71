import type { FailureCode } from '../../server/contract/health.js'
import { isProtocolFault } from './fault.js'

const FIRST_DELAY_MS = 1000
const MAX_DELAY_MS = 30_000
/** Failures of our client, for reasons of protocol, before ffmpeg is tried. */
const FAULTS_BEFORE_FALLBACK = 3
export const OWN_RETRY_MS = 3_600_000
/** A stream that lived so long has shown that it works. */
export const PROVEN_MS = 60_000

/** What is remembered of a stream's attempts; times monotonic, ms. */
export interface Attempts {
  /** In a row, since it last played. */
  failures: number
  /** Of our own client, for reasons of protocol. */
  ownFaults: number
  client: 'own' | 'ffmpeg'
  /** When ffmpeg took over; null while our client is in charge. */
  fellBackMs: number | null
}
export const firstAttempt = (forced: 'auto' | 'ffmpeg'): Attempts => ({ failures: 0, ownFaults: 0, client: forced === 'ffmpeg' ? 'ffmpeg' : 'own', fellBackMs: null })

/** After a pull ended. `playedMs` is how long it gave pictures. */
export function afterEnd (a: Attempts, code: FailureCode, playedMs: number, forced: 'auto' | 'ffmpeg', nowMs: number): Attempts {
  const proven = playedMs >= PROVEN_MS
  const failures = proven || playedMs > 0 && a.failures > 5 ? 1 : a.failures + 1
  if (forced === 'ffmpeg') return { ...a, failures }
  if (a.client === 'ffmpeg') return wantsOwnAgain(a, nowMs) ? { ...a, failures, client: 'own' } : { ...a, failures }
  const ownFaults = (proven ? 0 : a.ownFaults) + (isProtocolFault(code) ? 1 : 0)
  if (ownFaults < FAULTS_BEFORE_FALLBACK) return { ...a, failures, ownFaults, fellBackMs: proven ? null : a.fellBackMs }
  return { failures: 0, ownFaults, client: 'ffmpeg', fellBackMs: nowMs }
}

/** Each hour our client gets another chance; one more protocol fault sends the stream back to ffmpeg. */
export const wantsOwnAgain = (a: Attempts, nowMs: number) => a.client === 'ffmpeg' && a.fellBackMs !== null && nowMs - a.fellBackMs >= OWN_RETRY_MS

/** Doubling from 1 s to 30 s, each between half and all of it; a wrong password waits longest, for cameras lock accounts. */
export function delayMs (failures: number, code: FailureCode, random: number): number {
  const ceiling = code === 'authentication_failed' ? MAX_DELAY_MS : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1))
  return ceiling * (0.5 + random / 2)
}
