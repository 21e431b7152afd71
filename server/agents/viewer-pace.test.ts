import { describe, expect, it } from 'vitest'
import { askPace, freshPace, judgeFragment, pacing, type Backlog, type PaceState } from './viewer-pace.js'

const key = { key: true, audio: false }
const delta = { key: false, audio: false }
const audio = { key: true, audio: true }
const clear: Backlog = { bytes: 0, oldestMs: 0, unheardMs: 0 }
const behind: Backlog = { bytes: 10_000, oldestMs: pacing.slowMs, unheardMs: pacing.slowMs }
const playing: PaceState = { ...freshPace, waitKey: false }

describe('a viewer', () => {
  it('begins at a key frame', () => {
    expect(judgeFragment(freshPace, delta, clear, 0).send).toBe(false)
    expect(judgeFragment(freshPace, audio, clear, 0).send).toBe(false)
    const started = judgeFragment(freshPace, key, clear, 0)
    expect(started.send).toBe(true)
    expect(judgeFragment(started.state, delta, clear, 40).send).toBe(true)
  })
  it('a second behind gets key frames only, and is told', () => {
    const slow = judgeFragment(playing, delta, behind, 0)
    expect(slow).toMatchObject({ send: false, mode: { mode: 'keyframes', reason: 'slow_viewer' } })
    expect(judgeFragment(slow.state, key, { bytes: 9000, oldestMs: 100, unheardMs: 100 }, 10)).toMatchObject({ send: true, mode: null })
    expect(judgeFragment(slow.state, key, behind, 10)).toMatchObject({ send: false, close: false })
    expect(judgeFragment(slow.state, audio, clear, 10).send).toBe(false)
  })
  it('with many bytes waiting is slow only if they wait', () => {
    const bytes = pacing.slowBytes + 1
    expect(judgeFragment(playing, delta, { bytes, oldestMs: 50, unheardMs: 50 }, 0).send).toBe(true)
    expect(judgeFragment(playing, delta, { bytes, oldestMs: pacing.slowBytesForMs, unheardMs: 0 }, 0).mode).toMatchObject({ reason: 'slow_viewer' })
  })
  it('whose line holds what the kernel has taken is slow too, and gets a key frame when the last has arrived', () => {
    const onItsWay = (unheardMs: number): Backlog => ({ ...clear, unheardMs })
    const slow = judgeFragment(playing, delta, onItsWay(pacing.unheardMs), 0)
    expect(slow.mode).toMatchObject({ mode: 'keyframes', reason: 'slow_viewer' })
    expect(judgeFragment(slow.state, key, onItsWay(pacing.onItsWayMs), 1000).send).toBe(false)
    expect(judgeFragment(slow.state, key, onItsWay(pacing.onItsWayMs - 1), 1000).send).toBe(true)
    const draining = judgeFragment(slow.state, delta, clear, 1000).state
    expect(judgeFragment(judgeFragment(draining, delta, onItsWay(pacing.onItsWayMs), 2000).state, delta, clear, 1000 + pacing.recoverMs).mode).toBeNull()
    expect(judgeFragment(playing, delta, onItsWay(pacing.hopelessMs), 0).close).toBe(true)
  })
  it('drained for three seconds gets everything again, from a key frame on', () => {
    let { state } = judgeFragment(playing, delta, behind, 0)
    ;({ state } = judgeFragment(state, delta, clear, 100))
    ;({ state } = judgeFragment(state, delta, { bytes: 1, oldestMs: 0, unheardMs: 0 }, 200))
    ;({ state } = judgeFragment(state, delta, clear, 300))
    expect(judgeFragment(state, delta, clear, 300 + pacing.recoverMs - 1).mode).toBeNull()
    const back = judgeFragment(state, delta, clear, 300 + pacing.recoverMs)
    expect(back).toMatchObject({ send: false, mode: { mode: 'all', reason: 'recovered' } })
    expect(judgeFragment(back.state, key, clear, 4000).send).toBe(true)
  })
  it('that falls behind again at once waits twice as long', () => {
    const relapsed = judgeFragment({ ...playing, recoveredAt: 1000, recoverMs: pacing.recoverMs }, delta, behind, 2000)
    expect(relapsed.state.recoverMs).toBe(pacing.recoverMs * 2)
    expect(judgeFragment({ ...playing, recoveredAt: 1000, recoverMs: 12_000 }, delta, behind, 1000 + pacing.relapseMs).state.recoverMs).toBe(pacing.recoverMs)
  })
  it('stuck for ten seconds or four megabytes is shown the door', () => {
    expect(judgeFragment(playing, delta, { bytes: 1, oldestMs: pacing.hopelessMs, unheardMs: 0 }, 0).close).toBe(true)
    expect(judgeFragment(playing, delta, { bytes: pacing.hopelessBytes + 1, oldestMs: 0, unheardMs: 0 }, 0).close).toBe(true)
  })
  it('may ask for key frames only, and for everything again', () => {
    const asked = askPace(playing, 'keyframes')
    expect([judgeFragment(asked, key, clear, 0).send, judgeFragment(asked, delta, clear, 0).send, judgeFragment(asked, audio, clear, 0).send]).toEqual([true, false, false])
    expect(judgeFragment(asked, delta, behind, 0).mode).toBeNull()
    const again = askPace(asked, 'all')
    expect(judgeFragment(again, delta, clear, 0).send).toBe(false)
    expect(judgeFragment(again, key, clear, 0).send).toBe(true)
  })
})
