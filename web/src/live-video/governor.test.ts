import { describe, expect, it } from 'vitest'
import { govern, type GovernorState, startGovernor, type TileLoad } from './governor.js'

const tile = (n: number, over: Partial<TileLoad> = {}): TileLoad => ({ id: String(n).padStart(3, '0'), focused: false, mode: 'all', waitingMs: 20, drawnAgeMs: 60, pixelsPerS: 640 * 360 * 25, ...over })
const wall = (count: number) => Array.from({ length: count }, (_, i) => tile(i))
/** Tiles do as they are told between steps. */
function run (tiles: TileLoad[], steps: number, from: GovernorState, at: number, load: (t: TileLoad, all: number) => Partial<TileLoad> = () => ({}), lag = 0) {
  let state = from
  let now = at
  for (let i = 0; i < steps; i++) {
    now += 250
    const all = tiles.length - state.keyframes.size
    state = govern(state, tiles.map(t => ({ ...t, mode: state.keyframes.has(t.id) ? 'keyframes' as const : 'all' as const })).map(t => ({ ...t, ...t.mode === 'all' ? load(t, all) : {} })), lag, now)
  }
  return { state, now }
}
const slow = { waitingMs: 600, drawnAgeMs: 700 }

describe('the governor', () => {
  it('begins with a few tiles and takes all within seconds on a quick machine', () => {
    expect(run(wall(16), 1, startGovernor(0), 0).state.keyframes.size).toBe(12)
    expect(run(wall(16), 20, startGovernor(0), 0).state.keyframes.size).toBe(0)
  })
  it('does not add tiles while the page itself is slow', () => expect(run(wall(16), 20, startGovernor(0), 0, undefined, 100).state.keyframes.size).toBe(12))
  it('falls back until what is left can be decoded, and stays there', () => {
    const overSix = run(wall(16), 40, startGovernor(0), 0, (_t, all) => all > 6 ? slow : {})
    expect(16 - overSix.state.keyframes.size).toBeLessThanOrEqual(6)
    expect(16 - overSix.state.keyframes.size).toBeGreaterThanOrEqual(2)
  })
  it('lets go of everything but the focused tile at once when something is so far behind that 1.5 s come near', () => {
    const all = run(wall(9), 20, startGovernor(0), 0)
    const tiles = wall(9).map((t, i) => ({ ...t, focused: i === 0 }))
    const after = govern(all.state, tiles.map(t => ({ ...t, drawnAgeMs: 950 })), 0, all.now + 3000)
    expect([...after.keyframes].sort()).toEqual(tiles.slice(1).map(t => t.id))
  })
  it('takes one late tile among punctual ones as that tile’s own trouble', () => {
    const all = run(wall(9), 20, startGovernor(0), 0)
    const after = run(wall(9).map((t, i) => i === 4 ? { ...t, ...slow } : t), 3, all.state, all.now + 3000)
    expect([...after.state.keyframes]).toEqual(['004'])
    // One late step is a hiccup.
    expect(run(wall(9).map(t => ({ ...t, ...slow })), 1, all.state, all.now + 3000).state.keyframes.size).toBe(0)
  })
  it('brings tiles back after a calm time, and waits longer after a relapse', () => {
    const all = run(wall(9), 20, startGovernor(0), 0)
    const low = run(wall(9).map(t => ({ ...t, ...slow })), 3, all.state, all.now + 3000)
    const before = low.state.keyframes.size
    expect(before).toBe(5)
    expect(run(wall(9), 12, low.state, low.now).state.keyframes.size).toBe(before)
    const calm = run(wall(9), 18, low.state, low.now)
    expect(calm.state.keyframes.size).toBe(before - 2)
    const relapse = run(wall(9).map(t => ({ ...t, ...slow })), 6, calm.state, calm.now)
    expect(relapse.state.holdMs).toBe(calm.state.holdMs * 2)
    // A long good time makes it bolder again, and in the end all are back.
    const recovered = run(wall(9), 400, relapse.state, relapse.now)
    expect(recovered.state.keyframes.size).toBe(0)
  })
  it('forgets tiles that left', () => expect(govern({ ...startGovernor(0), keyframes: new Set(['gone']) }, wall(2), 0, 1000).keyframes.size).toBe(0))
  it('a tile alone that cannot keep up falls back too', () => {
    const one = run(wall(1), 4, startGovernor(0), 0)
    expect(run([tile(0, slow)], 3, one.state, one.now + 2000).state.keyframes.size).toBe(1)
  })
})
