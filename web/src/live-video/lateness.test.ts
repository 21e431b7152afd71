import { describe, expect, it } from 'vitest'
import { arrive, punctual, type Lateness, wayMs } from './lateness.js'

function run (ages: Array<[now: number, age: number]>) {
  let lateness: Lateness = punctual
  return ages.map(([now, age]) => { const step = arrive(lateness, age, now); lateness = step.lateness; return step.late })
}
describe('a frame that comes late', () => {
  it('is not decoded once the way was known to be quick', () => expect(run([[0, 20], [40, 25], [80, 1500], [81, 1460], [200, 30]])).toEqual([false, false, true, true, false]))
  it('is taken when it belongs to the pictures a viewer starts with', () => expect(run([[0, 3900], [1, 3860], [2, 2000], [3, 40]])).toEqual([false, false, false, false]))
  it('is taken on a way that is always slow, and by a clock that is wrong', () => {
    expect(run([[0, 2500], [40, 2510], [80, 2600]])).toEqual([false, false, false])
    expect(run([[0, -90_000], [40, -89_990]])).toEqual([false, false])
  })
  it('is measured by the last ten seconds', () => expect(run([[0, 20], [11_000, 1400]])).toEqual([false, false]))
  it('forgives the quickest way of late, up to a limit, so that a lasting overload is no long way', () => {
    const known = (...ages: number[]) => wayMs(ages.reduce((lateness, age, i) => arrive(lateness, age, i).lateness, punctual))
    expect([known(), known(20, 15, 300), known(900, 1200), known(-90_000)]).toEqual([0, 15, 400, 0])
  })
})
