/** Growing pauses after wrong passwords. An attempt counts before the password is looked at, so that a burst gains nothing. */
const FREE_ATTEMPTS = 5
const FIRST_PAUSE_MS = 30_000
const LONGEST_PAUSE_MS = 15 * 60_000
const MAX_UNKNOWN_LOGINS = 10_000

/** How long an account pauses after its nth failure in a row: 30 s from the fifth, doubling to 15 minutes. */
export const pauseAfterMs = (failures: number) =>
  failures < FREE_ATTEMPTS ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - FREE_ATTEMPTS, 20), LONGEST_PAUSE_MS)

export interface Attempts { failures: number, lockedUntil: number | null }
/** Null when the account is pausing; otherwise its attempts with this one counted as failed. */
export function countAttempt (before: Attempts, now: number): Attempts | null {
  if (before.lockedUntil !== null && before.lockedUntil > now) return null
  const failures = before.failures + 1
  const pause = pauseAfterMs(failures)
  return { failures, lockedUntil: pause > 0 ? now + pause : null }
}

/** The same pauses for logins that do not exist: otherwise a pause would tell which ones do. Bounded; the oldest go first. */
export function createUnknownLogins () {
  const attempts = new Map<string, Attempts>()
  return {
    /** False while it pauses. */
    attempt (loginKey: string, now: number): boolean {
      const counted = countAttempt(attempts.get(loginKey) ?? { failures: 0, lockedUntil: null }, now)
      if (!counted) return false
      attempts.delete(loginKey)
      attempts.set(loginKey, counted)
      if (attempts.size > MAX_UNKNOWN_LOGINS) attempts.delete(attempts.keys().next().value!)
      return true
    }
  }
}
