/** What masks hide of cameras that turn: what is not known is hidden. */
import { describe, expect, it } from 'vitest'
import type { MaskRegion } from '../../contract/footage.js'
import type { PtzPosition } from '../../contract/ptz.js'
import { createAims } from './aims.js'
import { AIM_FOR_MS, coverNow, coverRecorded, WHOLE } from './cover.js'

const window: MaskRegion[] = [[[0, 0], [0.5, 0], [0, 0.5]]]
const there: PtzPosition = { pan: 0.5, tilt: -0.1, zoom: 0.3 }
const at = 1_000_000

describe('the cover of a camera', () => {
  it.each<[string, Parameters<typeof coverNow>[1], Partial<Parameters<typeof coverNow>[2]>, number, MaskRegion[]]>([
    ['fixed: its masks', null, { turns: false, position: null }, at, window],
    ['turning, standing where they were drawn: its masks', there, {}, at, window],
    ['a hair beside it: its masks', there, { position: { pan: 0.502, tilt: -0.102, zoom: 0.3 } }, at, window],
    ['elsewhere: everything', there, { position: { ...there, pan: 0.52 } }, at, WHOLE],
    ['zoomed in: everything', there, { position: { ...there, zoom: 0.5 } }, at, WHOLE],
    ['moving, or silent about where: everything', there, { position: null }, at, WHOLE],
    ['not asked lately: everything', there, {}, at + AIM_FOR_MS + 1, WHOLE],
    ['drawn without a place: everything', null, {}, at, WHOLE],
    ['telling no angles: everything', { pan: null, tilt: null, zoom: null }, { position: { pan: null, tilt: null, zoom: null } }, at, WHOLE],
    ['of which nobody knows whether it turns: everything', there, { turns: null }, at, WHOLE]
  ])('%s', (_name, drawnAt, aim, now, hidden) => {
    expect(coverNow(window, drawnAt, { turns: true, position: there, at, ...aim }, now)).toEqual(hidden)
  })
  it('without masks hides nothing, wherever it looks', () => {
    expect(coverNow([], null, { turns: true, position: null, at: 0 }, at)).toEqual([])
    expect(coverRecorded([], true)).toEqual([])
  })
  it('of recordings of one that turns, or may turn, is everything', () => {
    expect([coverRecorded(window, true), coverRecorded(window, null), coverRecorded(window, false)]).toEqual([WHOLE, WHOLE, window])
  })
})

describe('where heads look', () => {
  function stage () {
    let now = at
    const head = { position: there as PtzPosition | null, moving: false as boolean | null, away: false }
    const told: string[] = []
    const aims = createAims({ clock: { now: () => now }, turns: async () => true, look: async () => {
      if (head.away) throw new Error('away')
      return { turns: true, position: head.position, moving: head.moving }
    } })
    aims.onChanged(id => told.push(id))
    return { aims, head, told, pass: (ms: number) => { now += ms } }
  }
  it('is forgotten the moment one is told to move, and known again when it stands', async () => {
    const { aims, head, told, pass } = stage()
    expect((await aims.ask('a')).position).toEqual(there)
    aims.turned('a', 'begins')
    expect((await aims.of('a')).position).toBe(null)
    expect(told).toEqual(['a', 'a'])
    // It has not begun yet, and says that it stands.
    pass(3000)
    expect((await aims.ask('a')).position).toBe(null)
    aims.turned('a', 'ends')
    expect((await aims.ask('a')).position).toBe(null)
    pass(1000)
    head.moving = true
    expect((await aims.ask('a')).position).toBe(null)
    head.moving = false
    expect((await aims.ask('a')).position).toEqual(there)
    expect(told).toEqual(['a', 'a', 'a'])
  })
  it('is not taken from an answer that was on its way when it was told to move', async () => {
    const { aims } = stage()
    await aims.ask('a')
    const answer = aims.ask('a')
    aims.turned('a', 'begins')
    aims.turned('a', 'ends')
    expect((await answer).position).toBe(null)
  })
  it('is asked of those who are masked, again and again, and told to be unknown when they fall silent', async () => {
    const { aims, head, told, pass } = stage()
    aims.watch(['a'])
    aims.tick()
    await expect.poll(() => told).toEqual(['a'])
    head.away = true
    pass(AIM_FOR_MS + 1)
    aims.tick()
    expect(told).toEqual(['a', 'a'])
  })
  it('is known of a camera that does not say whether it moves once it was twice at the same place', async () => {
    const { aims, head } = stage()
    head.moving = null
    expect((await aims.ask('a')).position).toBe(null)
    expect((await aims.ask('a')).position).toEqual(there)
  })
})
