/** Counters, the pace of logins, the list and the CSV: the pure parts beside the rules. */
import { describe, expect, it } from 'vitest'
import { complianceChecks } from '../../contract/compliance.js'
import { factoryLogins, loginsFor } from '../../contract/factory-logins.js'
import type { StreamView } from '../../contract/health.js'
import { averageStreams, countStreams, lastDay, noCounts } from './counters.js'
import { csvOf } from './csv.js'
import { byName, chosen, countsOf, pageOf, scoped } from './list.js'
import { answered, began, ended, nextStep, pace, refusal, reserved, roundDue, shownAs } from './login-rules.js'
import { type LoginCheckState, nextState, noLoginCheck } from './state.js'
import type { TableRow } from './table.js'

const HOUR = 3_600_000
const T0 = 500_000 * HOUR
const stream = (at: number, reconnects: number | null, lost = 0, packets = 0, over: Partial<StreamView> = {}): StreamView => ({
  profile: 'main', status: 'playing', client: 'own', failure: null, codec: null, width: null, height: null, fps: 25, bitrateBps: 1000, keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: lost, reconnects, packets, at, ...over
})

describe('counters of the last day', () => {
  it('count what was added since the first look, over a restart of the agent, and forget after a day', () => {
    let counts = countStreams(noCounts, [stream(T0, 40, 7, 1000)], T0)
    expect(lastDay(counts, T0)).toEqual({ reconnects: 0, lost: 0, packets: 0 })
    counts = countStreams(counts, [stream(T0 + 1, 42, 8, 1500)], T0 + 1)
    expect(countStreams(counts, [stream(T0 + 1, 42, 8, 1500)], T0 + 2)).toBe(counts)
    counts = countStreams(counts, [stream(T0 + 2 * HOUR, 1, 0, 30)], T0 + 2 * HOUR)
    expect(lastDay(counts, T0 + 2 * HOUR)).toEqual({ reconnects: 3, lost: 1, packets: 530 })
    expect(lastDay(counts, T0 + 24 * HOUR)).toEqual({ reconnects: 1, lost: 0, packets: 30 })
    expect(lastDay(counts, T0 + 27 * HOUR)).toBeNull()
    for (let h = 3; h < 60; h++) counts = countStreams(counts, [stream(T0 + h * HOUR, h, 0, 0)], T0 + h * HOUR)
    expect(counts.hours.length).toBeLessThanOrEqual(25)
    expect(lastDay(noCounts, T0)).toBeNull()
  })

  it('averages follow slowly, keep streams apart, and begin anew after a pause', () => {
    const both = (at: number, fps: number) => [stream(at, 0, 0, 0, { fps }), stream(at, 0, 0, 0, { profile: 'sub', fps: 10 })]
    let averages = averageStreams([], both(T0, 99))
    // The first measure holds the burst with which a stream begins.
    expect(averages.map(a => a.fps)).toEqual([null, null])
    averages = averageStreams(averages, both(T0 + 10_000, 25))
    averages = averageStreams(averages, both(T0 + 20_000, 5))
    expect(averageStreams(averages, both(T0 + 20_000, 5))).toEqual(averages)
    expect(averages.map(a => [Math.round(a.fps!), a.since])).toEqual([[24, T0], [10, T0]])
    for (let i = 3; i < 120; i++) averages = averageStreams(averages, [stream(T0 + i * 10_000, 0, 0, 0, { fps: 5 })])
    expect(averages.map(a => Math.round(a.fps!))).toEqual([5])
    averages = averageStreams(averages, [stream(T0, 0, 0, 0, { status: 'failed', fps: null })])
    expect(averages).toEqual([])
  })
})

it('an old fault that was not known for a while is no new one; one that was gone is', () => {
  const failed = nextState(undefined, 'fail', 10)
  expect(nextState(failed, 'fail', 20)).toBe(failed)
  expect(nextState(nextState(failed, 'unknown', 30), 'fail', 40).since).toBe(10)
  expect(nextState(nextState(failed, 'unknown', 30), 'pass', 40).since).toBe(40)
  expect(nextState(nextState(failed, 'unknown', 30), 'fail', 30 + 2 * HOUR).since).toBe(30 + 2 * HOUR)
  expect(nextState(nextState(failed, 'pass', 30), 'fail', 40).since).toBe(40)
})

describe('the trial of factory logins', () => {
  const logins = loginsFor('')
  /** Lives through time in steps, answering each trial; tells when a login was shown. */
  function live (from: LoginCheckState, hours: number, answer: (n: number) => Parameters<typeof answered>[2], mode: 'off' | 'on_request' | 'weekly' = 'on_request') {
    let state = from
    const shown: number[] = []
    for (let now = T0; now <= T0 + hours * HOUR; now += 60_000) {
      if (mode === 'weekly' && roundDue(state, now)) state = began(state, null, now)
      const next = nextStep(state, mode, logins, now)
      if (next.do === 'end') state = ended(state, next.outcome, now)
      if (next.do !== 'try') continue
      shown.push(now)
      state = answered(reserved(state, now), next.login, answer(shown.length), now)
    }
    return { state, shown }
  }

  it('shows one an hour, each once, and ends with none accepted', () => {
    const { state, shown } = live(began(noLoginCheck, 'ann', T0), 20, () => 'refused')
    expect(shown.map(at => (at - T0) / HOUR)).toEqual(logins.map((_, i) => i))
    expect(state).toMatchObject({ outcome: 'none_accepted', startedAt: null, tried: logins.map(l => l.id) })
  })

  it('never shows more than so many in a week, however often somebody asks', () => {
    const shown: number[] = []
    let state: LoginCheckState = noLoginCheck
    for (let now = T0; now < T0 + 21 * 24 * HOUR; now += 10 * 60_000) {
      if (refusal(state, now) === null) state = began(state, 'ann', now)
      const next = nextStep(state, 'on_request', logins, now)
      if (next.do === 'end') state = ended(state, next.outcome, now)
      if (next.do !== 'try') continue
      shown.push(now)
      state = answered(reserved(state, now), next.login, 'refused', now)
    }
    for (const at of shown) expect(shown.filter(other => other > at - pace.weekMs && other <= at).length).toBeLessThanOrEqual(pace.mostAWeek)
    for (let i = 1; i < shown.length; i++) expect(shown[i]! - shown[i - 1]!).toBeGreaterThanOrEqual(pace.betweenMs)
    expect(shown.length).toBeGreaterThan(20)
  })

  it('stops at the first that is let in, and at the first sign of a lock', () => {
    expect(live(began(noLoginCheck, 'ann', T0), 20, n => n === 2 ? 'accepted' : 'refused')).toMatchObject({ state: { outcome: 'accepted', acceptedId: logins[1]!.id }, shown: [T0, T0 + HOUR] })
    const locked = live(began(noLoginCheck, 'ann', T0), 20, () => 'locked')
    expect(locked).toMatchObject({ state: { outcome: 'locked' }, shown: [T0] })
    expect(refusal(locked.state, T0 + HOUR)).toBe('locked')
    expect(refusal(locked.state, T0 + 25 * HOUR)).toBeNull()
    expect(roundDue(locked.state, T0 + 200 * HOUR)).toBe(false)
    expect(roundDue(locked.state, T0 + 800 * HOUR)).toBe(true)
  })

  it('gives up on a camera that cannot be asked, and keeps what was found before', () => {
    const { state, shown } = live(began({ ...noLoginCheck, outcome: 'accepted', acceptedId: 'admin-admin' }, 'ann', T0), 20, () => 'failed')
    expect(shown).toHaveLength(pace.mostMisses)
    expect(state).toMatchObject({ outcome: 'accepted', acceptedId: 'admin-admin', startedAt: null })
    expect(live(began(noLoginCheck, 'ann', T0), 20, () => 'failed').state.outcome).toBe('unreachable')
  })

  it('by schedule once a week; not at all when switched off, nor what the schedule began once it is only on request', () => {
    expect(live(noLoginCheck, 160, () => 'refused', 'weekly').shown).toHaveLength(logins.length)
    expect(live(noLoginCheck, 200, () => 'refused', 'weekly').shown).toHaveLength(2 * logins.length)
    expect(live(began(noLoginCheck, 'ann', T0), 20, () => 'refused', 'off').shown).toEqual([])
    expect(live(began(noLoginCheck, null, T0), 20, () => 'refused', 'on_request').shown).toEqual([])
  })

  it('is told without any password', () => {
    const state = live(began(noLoginCheck, 'ann', T0), 3, n => n === 2 ? 'accepted' : 'refused').state
    expect(shownAs(state, logins, T0)).toEqual({ state: 'accepted', tried: 2, of: logins.length, at: T0 + HOUR, nextAt: null, username: 'admin' })
    expect(shownAs(null, logins, T0).state).toBe('never')
    expect(JSON.stringify(state)).not.toMatch(/"(12345|admin)"/)
    expect(new Set(factoryLogins.map(l => l.id)).size).toBe(factoryLogins.length)
  })
})

const rowOf = (id: string, name: string, over: { site?: string, failed?: number, firmware?: string, status?: 'pass' | 'fail' } = {}): TableRow => ({
  camera: { id, name, address: '192.0.2.1', siteId: over.site ?? null, siteName: over.site ?? null, groupId: null, groupName: null, agentId: null, settings: { onvif: null, rtsp: { port: 554, mainPath: '/', subPath: null }, pull: 'always' }, hasPassword: true, strength: 'good' },
  identity: { manufacturer: 'M', model: 'X', firmware: over.firmware ?? '1' }, state: 'up', failed: over.failed ?? 0, text: name.toLowerCase(),
  checks: Object.fromEntries(complianceChecks.map(c => [c, { status: c === 'fps' ? over.status ?? 'pass' : 'pass', since: 0, reason: null, measured: null, wanted: null, profile: null }])) as TableRow['checks']
})

describe('the list', () => {
  const names = ['Їжак', 'Ялинка', 'Камера 10', 'Камера 2', 'Атриум', 'Ґанок', 'Camera', 'камера 2']
  const rows = names.map((name, i) => rowOf(String(i), name, { failed: i % 3, site: i % 2 ? 'S' : undefined, status: i === 3 ? 'fail' : 'pass' })).sort(byName)

  it('sorts names as people do, and pages through any order without skipping or repeating, though rows change between', () => {
    expect(pageOf(rows, { sort: 'name' }).page.map(r => r.camera.name)).toEqual(['Атриум', 'Ґанок', 'Їжак', 'Камера 2', 'камера 2', 'Камера 10', 'Ялинка', 'Camera'])
    for (const sort of ['failed', 'name', 'site', 'model', 'fps'] as const) {
      for (const descending of [false, true]) {
        const got: string[] = []
        let cursor: string | undefined
        do {
          const page = pageOf(rows, { sort, descending, limit: 3, ...(cursor ? { cursor } : {}) })
          got.push(...page.page.map(r => r.camera.id))
          cursor = page.next ?? undefined
        } while (cursor)
        expect([sort, descending, got]).toEqual([sort, descending, pageOf(rows, { sort, descending, limit: 100 }).page.map(r => r.camera.id)])
        expect(new Set(got).size).toBe(rows.length)
      }
    }
    const first = pageOf(rows, { limit: 3 })
    const without = rows.filter(r => r.camera.id !== first.page[2]!.camera.id)
    expect(pageOf(without, { limit: 100, cursor: first.next! }).page).toHaveLength(rows.length - 3)
  })

  it('refuses a cursor of another list', () => {
    const { next } = pageOf(rows, { limit: 2 })
    for (const cursor of ['x', next!.slice(2)]) expect(() => pageOf(rows, { cursor })).toThrow(/another list/)
    expect(() => pageOf(rows, { sort: 'name', cursor: next! })).toThrow(/another list/)
  })

  it('filters by words, site, check and status, and counts without the last two', () => {
    expect(scoped(rows, { q: 'камера 10' }).map(r => r.camera.name)).toEqual(['Камера 10'])
    expect(scoped(rows, { siteId: 'S' })).toHaveLength(4)
    expect(chosen(rows, { check: 'fps' }).map(r => r.camera.id)).toEqual(['3'])
    expect(chosen(rows, { status: 'fail' }).map(r => r.camera.id)).toEqual(['3'])
    expect(chosen(rows, { check: 'fps', status: 'pass' })).toHaveLength(7)
    expect(countsOf(rows).fps).toEqual({ pass: 7, fail: 1, unknown: 0, unjudged: 0 })
  })

  it('is written for spreadsheets so that no cell runs as a formula', () => {
    const text = [...csvOf([rowOf('1', '=HYPERLINK("http://x";"y")', { firmware: '@SUM(1)', site: '-2+3' }), rowOf('2', 'Камера, "двір"')])].join('')
    const lines = text.split('\r\n')
    expect(lines[0]).toMatch(/^\uFEFFcamera,site,group/)
    expect(lines[1]).toMatch(/^"'=HYPERLINK\(""http:\/\/x"";""y""\)",'-2\+3,/)
    expect(lines[1]).toContain(",'@SUM(1),")
    expect(lines[2]).toMatch(/^"Камера, ""двір""",/)
    expect(lines[1]!.split(',').length).toBe(lines[0]!.split(',').length)
  })
})
