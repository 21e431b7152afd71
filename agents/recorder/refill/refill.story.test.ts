/** An absence filled from a camera's card, over real sockets, by the real process; cameras of every bad habit included. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Gap } from '../../../server/contract/recording.js'
import { type CardCamera, startCardCamera } from '../../../fixtures/onvif/card-camera.js'
import { startRefills } from './test-refills.js'

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
  const row = a.index.gap(gap.id)!
  // Another row has what is left where this one is used up.
  const { refill } = row.to! > row.from ? row : a.index.gaps(gap.deviceId, gap.from, gap.to!).findLast(g => g.to! > g.from) ?? row
  expect(refill && ['done', 'failed'].includes(refill.status) || (refill?.tries ?? 0) > 0).toBe(true)
  return refill!
}, { timeout: 60_000, interval: 50 })

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
    ['its clock an hour off', { clockOffsetMs: 3_600_000 }, () => {}]
  ])('%s', async (_name, options, change) => {
    const c = await camera(options)
    change(c)
    const a = await agent([c.device], { limits: { silentMs: 1500 } })
    const [from, to] = lately(20_000)
    const gap = a.absence(c.device, from, to)
    expect(await settled(a, gap)).toMatchObject({ status: 'done' })
    const came = a.refilled(c.device)
    expect(came.every(a.hashHolds)).toBe(true)
    expect(came[0]!.startedAt - from).toBeLessThan(2000)
    expect(to - (came.at(-1)!.startedAt + came.at(-1)!.wallMs)).toBeLessThan(1000)
  })

  it('hole by hole: what the card does not have stays missing, with its cause and why', async () => {
    const c = await camera()
    const a = await agent([c.device])
    const to = Date.now() - 20 * MINUTE
    // The hole is made on the card of an hour ago by a camera whose clock was set forward over it.
    const gap = a.absence(c.device, to - 3_640_000 + 20 * MINUTE, to - 3_560_000 + 20 * MINUTE, 'agent_down')
    expect(await settled(a, gap)).toMatchObject({ status: 'done', reason: 'card_empty' })
    const missing = a.missing(c.device)
    expect(missing).toHaveLength(1)
    expect(missing[0]).toMatchObject({ id: gap.id, from: gap.from, cause: 'agent_down', detail: 'away', refill: { from: gap.from, to: gap.to } })
    expect(missing[0]!.to! - c.card.stretches()[0]!.from).toBeLessThan(2000)
    expect(a.refilled(c.device)[0]!.startedAt).toBe(missing[0]!.to)
  })
})

describe('the card\'s time', () => {
  it('is brought to ours by pictures that both have: footage goes on to the millisecond', async () => {
    const c = await camera({ clockOffsetMs: 12_345 })
    const a = await agent([c.device])
    const [from, to] = lately(20_000)
    await settled(a, a.absence(c.device, from, to))
    const before = a.refilled(c.device).at(-1)!
    // As if we had recorded it ourselves.
    a.index.changeSegment(before.id, { refilled: false })
    const end = before.startedAt + before.wallMs
    await settled(a, a.absence(c.device, end, end + 15_000))
    const [after] = a.refilled(c.device)
    // The camera makes a key frame each second; by its told clock alone, this would be off by some hundred ms.
    expect((after!.startedAt - before.startedAt) % 1000).toBe(0)
  })
})

describe('a card that lies, or cannot be read, hurts nobody', () => {
  it.each<[string, string, string, Parameters<typeof startCardCamera>[0], (c: CardCamera) => void]>([
    ['plays another day', 'failed', 'wrong_times', {}, c => { c.rtsp.replayFaults.shiftMs = -86_400_000 }],
    ['plays a later day', 'failed', 'wrong_times', {}, c => { c.rtsp.replayFaults.shiftMs = 86_400_000; c.rtsp.replayFaults.endless = true }],
    ['is slower than time', 'failed', 'too_slow', {}, c => { c.rtsp.replayFaults.speed = 0.2 }],
    ['drips', 'failed', 'too_slow', {}, c => { c.rtsp.replayFaults.drip = true }],
    ['says nothing', 'waiting', 'broken', {}, c => { c.rtsp.replayFaults.mute = true }],
    ['has no place free', 'waiting', 'camera_busy', {}, c => { c.rtsp.replayFaults.refuse = '453 Not Enough Bandwidth' }],
    ['does not play for this user', 'waiting', 'refused', {}, c => { c.rtsp.replayFaults.refuse = '403 Forbidden' }],
    ['has more in its list than on it', 'done', 'card_empty', { profileG: { boasts: true, events: false } }, c => { c.card.pause(); c.card.erase() }],
    ['is empty', 'done', 'card_empty', {}, c => { c.card.pause(); c.card.erase() }],
    ['is not there at all', 'failed', 'no_card', { card: false }, () => {}],
    ['answers no search', 'waiting', 'unreachable', {}, c => { c.onvif.faults.set({ kind: 'reset' }, ['FindRecordings']) }],
    ['answers the search with 64 MB', 'waiting', 'broken', {}, c => { c.onvif.faults.set({ kind: 'huge' }, ['GetRecordingSearchResults']) }],
    ['sends another host for replay, which is not asked', 'done', '', {}, c => { c.onvif.faults.set({ kind: 'spoof', host: '127.40.8.250' }) }]
  ])('%s', async (_name, status, reason, options, change) => {
    const c = await camera(options)
    change(c)
    const a = await agent([c.device], { limits: { silentMs: 1500, slowAfterMs: 3000 } })
    const [from, to] = lately(MINUTE)
    const gap = a.absence(c.device, from, to)
    const refill = await settled(a, gap)
    expect([refill.status, refill.reason ?? '']).toEqual([status, reason])
    expect(a.missing(c.device).reduce((sum, g) => sum + g.to! - g.from, 0) + a.refilled(c.device).reduce((sum, s) => sum + s.wallMs, 0)).toBeGreaterThan(MINUTE - 1500)
    expect(a.missing(c.device).every(g => g.cause === 'camera_unreachable')).toBe(true)
    expect(a.refilled(c.device).every(s => s.status === 'closed' && a.hashHolds(s) && s.startedAt >= from && s.startedAt + s.wallMs <= to)).toBe(true)
  })

  it('keeps what came before it broke off, and fetches the rest only', async () => {
    const c = await camera()
    c.rtsp.replayFaults.breakAfter = 300
    const a = await agent([c.device])
    const [from, to] = lately(MINUTE)
    const gap = a.absence(c.device, from, to)
    expect(await settled(a, gap)).toMatchObject({ status: 'waiting', reason: 'unreachable', from, to })
    const first = a.refilled(c.device)
    expect(first.reduce((sum, s) => sum + s.wallMs, 0)).toBeGreaterThan(25_000)
    c.rtsp.replayFaults.breakAfter = 0
    const rest = a.missing(c.device).at(-1)!
    a.refills.ask(rest.id)
    await vi.waitFor(() => expect(a.missing(c.device).every(g => g.to! - g.from < 2000)).toBe(true), { timeout: 60_000, interval: 50 })
    const all = a.refilled(c.device)
    expect(all.slice(0, first.length).map(s => s.id)).toEqual(first.map(s => s.id))
    for (const [i, s] of all.entries()) if (i > 0) expect(s.startedAt).toBeGreaterThanOrEqual(all[i - 1]!.startedAt + all[i - 1]!.wallMs)
  })
})

describe('live recording comes first', () => {
  it('gives up at once when the camera\'s live recording is lost, and goes on later', async () => {
    const c = await camera()
    c.rtsp.replayFaults.speed = 2
    const a = await agent([c.device])
    const [from, to] = lately(10 * MINUTE)
    const gap = a.absence(c.device, from, to)
    await vi.waitFor(() => expect(a.refilled(c.device).length).toBeGreaterThan(0), { timeout: 60_000, interval: 50 })
    a.index.addGap({ id: gap.id.replace(/^./, 'f'), deviceId: c.device.id, from: Date.now(), to: null, cause: 'stream_failed', detail: '' })
    expect(await settled(a, gap)).toMatchObject({ status: 'waiting', reason: 'camera_busy' })
    await vi.waitFor(() => expect(c.rtsp.counts().playing).toBe(0), { timeout: 5000 })
  })

  it('fills no more than two cameras at once, and a camera one absence after the other', async () => {
    const c = await Promise.all([camera(), camera(), camera()])
    for (const one of c) one.rtsp.replayFaults.speed = 3
    const a = await agent(c.map(one => one.device))
    const [from, to] = lately(12_000)
    const gaps = c.flatMap(one => [a.absence(one.device, from, to), a.absence(one.device, from - 60_000, to - 60_000)])
    let most = 0
    await vi.waitFor(() => {
      const playing = c.map(one => one.rtsp.counts().playing)
      most = Math.max(most, playing.reduce((sum, n) => sum + n, 0))
      expect(Math.max(...playing)).toBeLessThanOrEqual(1)
      expect(gaps.every(g => a.index.gap(g.id)!.refill?.status === 'done')).toBe(true)
    }, { timeout: 60_000, interval: 20 })
    expect(most).toBe(2)
  }, 70_000)

  it('asks nothing of a camera for which it is turned off, unless a person does', async () => {
    const c = await camera()
    c.device.recording!.policy.refill = false
    const a = await agent([c.device])
    const [from, to] = lately(12_000)
    const gap = a.absence(c.device, from, to)
    const planned = a.absence(c.device, from - MINUTE, to - MINUTE, 'not_scheduled')
    expect(() => a.refills.ask(planned.id)).toThrow(expect.objectContaining({ code: 'nothing_missing' }))
    a.refills.ask(gap.id)
    expect(await settled(a, gap)).toMatchObject({ status: 'done', asked: true })
    expect(a.index.gap(planned.id)!.refill).toBeNull()
    expect(c.onvif.journal.filter(e => e.method === 'FindRecordings')).toHaveLength(1)
  })
})
