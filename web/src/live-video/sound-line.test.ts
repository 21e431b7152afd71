import { describe, expect, it } from 'vitest'
import { emptyLine, place, type SoundLine } from './sound-line.js'

const LEAD = 0.08
const PIECE = 0.02
/** Pushes pieces at these moments; the times at which they are heard. */
function hear (moments: readonly number[], from: SoundLine = emptyLine) {
  let line = from
  return moments.map(now => {
    const placed = place(line, now, PIECE, LEAD)
    line = placed.line
    return placed.start
  })
}
const times = (count: number, from: number, every: number) => Array.from({ length: count }, (_, i) => from + i * every)

describe('the line of sound', () => {
  it('plays pieces one behind the other', () => {
    const heard = hear(times(50, 10, PIECE))
    expect(heard.map(start => start?.toFixed(3))).toEqual(times(50, 10 + LEAD, PIECE).map(at => at.toFixed(3)))
  })

  it('begins anew after a silence', () => {
    expect(hear([10, 12])[1]).toBeCloseTo(12 + LEAD)
  })

  it('leaves out what a viewer starts with, never overlaps, and comes back to the lead', () => {
    const moments = [...times(50, 10, 0), ...times(100, 10, PIECE)]
    const heard = hear(moments)
    const played = heard.filter(start => start !== null)
    for (let i = 1; i < played.length; i++) expect(played[i]! - played[i - 1]!).toBeGreaterThanOrEqual(PIECE - 1e-9)
    heard.forEach((start, i) => { if (start !== null) expect(start - moments[i]!).toBeLessThanOrEqual(0.25 + 1e-9) })
    expect(heard.at(-1)! - moments.at(-1)!).toBeLessThanOrEqual(LEAD + PIECE)
  })
})
