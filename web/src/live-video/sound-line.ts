/** Where the next piece of sound goes, as a pure rule: one behind the other, and never ever further behind the picture. Seconds. */

/** With more than this waiting, pieces are left out until the lead is right again: played over each other they would be noise. */
const LIMIT_S = 0.25

export interface SoundLine {
  /** When the last piece ends. */
  endsAt: number
  skipping: boolean
}
export const emptyLine: SoundLine = { endsAt: 0, skipping: false }

/** `start` is null for a piece to be left out. After a silence the line begins anew, `lead` from now. */
export function place (line: SoundLine, now: number, duration: number, lead: number): { line: SoundLine, start: number | null } {
  const waiting = line.endsAt - now
  const skipping = line.skipping ? waiting > lead : waiting > LIMIT_S
  if (skipping) return { line: { ...line, skipping }, start: null }
  const start = waiting < 0 ? now + lead : line.endsAt
  return { line: { endsAt: start + duration, skipping }, start }
}
