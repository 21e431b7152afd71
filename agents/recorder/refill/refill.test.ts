/** An absence filled from a camera's card, over real sockets, by the real process; cameras of every bad habit included. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Gap } from '../../../server/contract/recording.js'
import { type CardCamera, startCardCamera, startRefills } from './test-kit.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })
const camera = async (...args: Parameters<typeof startCardCamera>) => {
  const made = await startCardCamera(...args)
  closing.push(() => made.close())
  return made
}
const agent = async (...args: Parameters<typeof startRefills>) => {
  const made = await startRefills(...args)
  closing.push(() => made.stop())
  return made
}
type Agent = Awaited<ReturnType<typeof agent>>
const MINUTE = 60_000
/** Ended a while ago, from an odd moment on. */
const lately = (lengthMs: number) => { const to = Date.now() - 20 * MINUTE - 321; return [to - lengthMs, to] as const }
const settled = (a: Agent, gap: Gap) => vi.waitFor(() => {
  const { refill } = a.index.gap(gap.id)!
  expect(refill && ['done', 'failed'].includes(refill.status) || (refill?.tries ?? 0) > 0).toBe(true)
  return refill!
}, { timeout: 18_000, interval: 50 })

describe('an absence is filled from the card', () => {
  it('with runs of its own, whole, hashed, trimmed to what is missing, with sound', async () => {
    const c = await camera()
    const a = await agent([c.device])
    const [from, to] = lately(2 * MINUTE + 30_000)
    const gap = a.absence(c.device, from, to)
    expect(await settled(a, gap)).toMatchObject({ status: 'done', reason: null, percent: 100, tries: 1, asked: false })
    const came = a.refilled(c.device)
    expect(came.length).toBeGreaterThanOrEqual(3)
    expect(came.every(s => s.status === 'closed' && a.hashHolds(s) && s.audioCodec?.startsWith('mp4a'))).toBe(true)
    expect(new Set(came.map(s => s.runId)).size).toBe(1)
    // The clock that the camera tells is good to half a second; from the first key frame on.
    expect(came[0]!.startedAt).toBeGreaterThanOrEqual(from)
    expect(came[0]!.startedAt).toBeLessThan(from + 2000)
    const end = came.at(-1)!.startedAt + came.at(-1)!.wallMs
    expect([end <= to, end > to - 500]).toEqual([true, true])
    for (const [i, s] of came.entries()) if (i > 0) expect(s.startedAt).toBe(came[i - 1]!.startedAt + came[i - 1]!.wallMs)
    expect(came.reduce((sum, s) => sum + s.frames, 0)).toBeGreaterThan(1470)
    expect(a.missing(c.device).every(g => g.to! - g.from < 2000)).toBe(true)
    expect(c.onvif.recordings!.open).toBe(0)
    expect(c.rtsp.counts().playing).toBe(0)
  })

  it.each<[string, Parameters<typeof startCardCamera>[0], (c: CardCamera) => void]>([
    ['in H.265', { spec: { codec: 'h265', seconds: 4 } }, () => {}],
    ['without a history of events', { profileG: { events: false } }, () => {}],
    ['one result an answer, after some that say "Searching"', { profileG: { pageSize: 1, searchingFirst: 2 } }, () => {}],
    ['another camera\'s recording beside', { profileG: { stranger: true } }, () => {}],
    ['without times in the packets', {}, c => { c.rtsp.replayFaults.bare = true }],
    ['endless', {}, c => { c.rtsp.replayFaults.endless = true }],
    ['its clock an hour off', {}, c => { c.card.setClock(3_600_000); c.onvif.faults.set({ kind: 'clock', offsetMs: 3_600_000 }) }]
  ])('%s', async (name, options, change) => {
    const c = await camera(options)
    // A clock that was wrong all the time is wrong on the card too.
    change(c)
    const shift = name.includes('clock') ? 3_600_000 : 0
    if (shift) c.card.erase()
    const a = await agent([c.device])
    const [from, to] = shift ? await recordedAnew(c) : lately(20_000)
    const gap = a.absence(c.device, from, to)
    expect(await settled(a, gap)).toMatchObject({ status: 'done' })
    const came = a.refilled(c.device)
    expect(came.every(a.hashHolds)).toBe(true)
    expect(came[0]!.startedAt - from).toBeLessThan(2000)
    expect(to - (came.at(-1)!.startedAt + came.at(-1)!.wallMs)).toBeLessThan(1000)
  })
})

/** Some seconds by the clock of now. */
async function recordedAnew (c: CardCamera): Promise<readonly [number, number]> {
  const first = c.card.stretches()[0]!.from - 3_600_000
  await vi.waitFor(() => expect(Date.now() - first).toBeGreaterThan(15_000), { timeout: 18_000, interval: 200 })
  return [first + 1500, first + 5500]
}
