/** The pure rules of cameras that move: who has one, what a press is, how a tour goes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../lib/ids.js'
import type { PtzTour } from '../../contract/ptz.js'
import { free, judgeLock, type LockInput, type LockState, rankOf, type Seat, standingOf, TOUR_RANK } from './lock.js'
import { isOver, newPress, repeat } from './press.js'
import { arrived, mayGo, missed, nextStep, resumeTour, startTour } from './tour.js'

const IDLE_MS = 30_000
const person = (name: string, rank = 2): Seat => ({ id: `seat ${name}`, userId: `user ${name}`, name, rank })
const [olena, petro, lead] = [person('Олена'), person('Петро'), person('Ігор', 3)]
const tour: Seat = { id: 'tour', userId: null, name: 'Ніч', rank: TOUR_RANK }
const judge = (state: LockState, input: LockInput, now = 0) => judgeLock(state, input, now, IDLE_MS)
const heldBy = (seat: Seat, moving = false, now = 0) => judge(free, { do: 'act', seat, moving }, now).state

describe('who has a camera', () => {
  it('whoever moves it first; nobody of the same rank moves it beside them', () => {
    const { state, granted, gained } = judge(free, { do: 'act', seat: olena, moving: true })
    expect([granted, gained, state.holder?.seat]).toEqual([true, olena, olena])
    expect(judge(state, { do: 'act', seat: petro, moving: true })).toMatchObject({ granted: false, lost: null, state })
    expect(judge(state, { do: 'take', seat: petro, over: true }).granted).toBe(false)
    expect([olena, petro, lead].map(seat => standingOf(state, seat))).toEqual(['owner', 'wait', 'over'])
  })
  it('a higher one takes it over when they say so, and only then; the lower one hears who', () => {
    const state = heldBy(olena, true)
    expect(judge(state, { do: 'act', seat: lead, moving: true }).granted).toBe(false)
    expect(judge(state, { do: 'take', seat: lead, over: false }).granted).toBe(false)
    expect(judge(state, { do: 'take', seat: lead, over: true }, 5)).toMatchObject({ granted: true, gained: lead, lost: { seat: olena, reason: 'taken_over', to: 'Ігор' }, state: { holder: { since: 5 } } })
  })
  it('a lower one takes nothing over', () => {
    expect(judge(heldBy(lead), { do: 'take', seat: olena, over: true }).granted).toBe(false)
    expect([rankOf(['shift_lead', 'operator']), rankOf(['operator']), rankOf(['administrator']), rankOf(['technician'])]).toEqual([3, 2, 2, 1])
  })
  it('the same person at another screen goes on there', () => {
    const elsewhere = { ...olena, id: 'another tab' }
    expect(judge(heldBy(olena), { do: 'act', seat: elsewhere, moving: true })).toMatchObject({ granted: true, lost: { seat: olena } })
  })
  it('anybody takes it from a tour, and a tour from nobody', () => {
    expect(judge(heldBy(tour, true), { do: 'act', seat: person('Технік', 1), moving: true })).toMatchObject({ granted: true, lost: { seat: tour } })
    expect(judge(heldBy(olena), { do: 'act', seat: tour, moving: true }).granted).toBe(false)
  })
  it('it is free after half a minute without a move, but not while it moves', () => {
    expect(judge(heldBy(olena), { do: 'tick' }, IDLE_MS - 1).lost).toBe(null)
    expect(judge(heldBy(olena), { do: 'tick' }, IDLE_MS)).toMatchObject({ lost: { seat: olena, reason: 'idle' }, state: free })
    expect(judge(heldBy(olena, true), { do: 'tick' }, 10 * IDLE_MS).lost).toBe(null)
    expect(judge(heldBy(tour, true), { do: 'tick' }, 10 * IDLE_MS).lost).toBe(null)
  })
  it('it is asked for and given, kept, or comes to the one who asked when its owner goes', () => {
    const asked = judge(heldBy(olena), { do: 'ask', seat: petro }).state
    expect(judge(asked, { do: 'answer', seat: olena, give: true })).toMatchObject({ gained: petro, lost: { seat: olena, reason: 'given', to: 'Петро' }, state: { asker: null } })
    expect(judge(asked, { do: 'answer', seat: olena, give: false })).toMatchObject({ denied: petro, state: { holder: { seat: olena }, asker: null } })
    expect(judge(asked, { do: 'leave', seat: olena, reason: 'gone' })).toMatchObject({ gained: petro })
    expect(judge(asked, { do: 'tick' }, IDLE_MS)).toMatchObject({ gained: petro, lost: { reason: 'idle' } })
    expect(judge(asked, { do: 'leave', seat: petro, reason: 'gone' }).state.asker).toBe(null)
    expect(judge(asked, { do: 'answer', seat: petro, give: true }).granted).toBe(false)
  })
  it('one or nobody, whatever is done in whatever order; whoever loses it is told, and nobody else', () => {
    const seats = [olena, petro, lead, tour, { ...olena, id: 'another tab' }]
    const input = fc.record({ after: fc.integer({ min: 0, max: 40_000 }), seat: fc.constantFrom(...seats), what: fc.constantFrom('take', 'over', 'act', 'rest', 'leave', 'ask', 'give', 'keep', 'tick') })
    fc.assert(fc.property(fc.array(input, { maxLength: 40 }), acts => {
      let state = free
      let now = 0
      for (const { after, seat, what } of acts) {
        now += after
        const said: LockInput = what === 'tick' ? { do: 'tick' } : what === 'take' || what === 'over' ? { do: 'take', seat, over: what === 'over' }
          : what === 'act' ? { do: 'act', seat, moving: true } : what === 'leave' ? { do: 'leave', seat, reason: 'gone' }
            : what === 'give' || what === 'keep' ? { do: 'answer', seat, give: what === 'give' } : { do: what, seat }
        const verdict = judge(state, said, now)
        const [before, then] = [state.holder?.seat, verdict.state.holder?.seat]
        expect(verdict.lost?.seat.id ?? null).toBe(before && before.id !== then?.id ? before.id : null)
        expect(verdict.gained?.id ?? null).toBe(then && before?.id !== then.id ? then.id : null)
        // Only what a higher one asked for, or what the owner or time gave up, changes hands between two people.
        if (before && then && before.id !== then.id && verdict.lost?.reason === 'taken_over') expect(before.userId === then.userId || before.rank < then.rank).toBe(true)
        ;({ state } = verdict)
      }
    }))
  })
})

describe('a press', () => {
  const right = { pan: 1, tilt: 0, zoom: 0 }
  it('lives while it is repeated', () => {
    const press = newPress(1, right, null, 0)
    expect([isOver(press, 999), isOver(press, 1000)]).toEqual([false, true])
    expect(isOver(repeat(press, right, 900), 1800)).toBe(false)
  })
  it('is remembered as the ways it went, without its trembling', () => {
    let press = newPress(1, right, { pan: 0, tilt: 0, zoom: 0 }, 1000)
    for (const [at, pan] of [[1200, 0.99], [1400, 0.5], [1600, 0.51], [1800, -0.5]] as const) press = repeat(press, { pan, tilt: 0, zoom: 0 }, at)
    expect(press.path).toEqual([[0, 1, 0, 0], [400, 0.5, 0, 0], [800, -0.5, 0, 0]])
  })
  it('that never rests fills no disk, and tells what it left out', () => {
    let press = newPress(1, right, null, 0)
    for (let i = 1; i <= 500; i++) press = repeat(press, { pan: i % 2 === 0 ? 1 : -1, tilt: 0, zoom: 0 }, i * 100)
    expect([press.path.length, press.skipped]).toEqual([60, 441])
  })
})

describe('a tour', () => {
  const round: PtzTour = { id: newId(), name: 'Ніч', steps: [{ token: 'a', dwellS: 10 }, { token: 'b', dwellS: 20 }] }
  it('goes from preset to preset, round and round', () => {
    let run = startTour(round, 0)
    const went: string[] = []
    for (let i = 0; i < 5; i++) {
      const next = nextStep(run)
      went.push(`${next.token} ${next.dwellMs}`)
      run = arrived(next.run, next.dwellMs, 0)
    }
    expect(went).toEqual(['a 10000', 'b 20000', 'a 10000', 'b 20000', 'a 10000'])
  })
  it('waits for the person who has the camera, and a minute longer, then begins where it was', () => {
    const run = arrived(nextStep(startTour(round, 0)).run, 10_000, 0)
    expect(mayGo(run, false, null, 60_000, 10_000)).toBe(true)
    expect(mayGo(run, true, null, 60_000, 10_000)).toBe(false)
    expect(mayGo(run, false, 10_000, 60_000, 69_999)).toBe(false)
    expect(mayGo(resumeTour(run, 10_000), false, 10_000, 60_000, 70_000)).toBe(true)
    expect(nextStep(resumeTour(run, 10_000)).token).toBe('a')
  })
  it('asks a camera that does not go less and less often', () => {
    let run = startTour(round, 0)
    const waits: number[] = []
    for (let i = 0; i < 7; i++) { run = missed(nextStep(run).run, 0); waits.push(run.dueAt) }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000])
  })
})
