import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { PlanDevice, TestStep } from '../../server/contract/agent-link.js'
import type { Observation, SampleSet } from '../../server/contract/health.js'
import type { HostSettings } from '../../server/contract/inventory.js'
import { type CheckResult, checkHost } from './check.js'
import { createHostCollector } from './collector.js'
import { createPinger, parseFping, parsePing, pingAll } from './icmp.js'
import { delayMs, phaseOf } from './schedule.js'
import { testHost } from './test-host.js'

const log = makeLog('test', 'silent')
const cleanUps: (() => unknown)[] = []
afterEach(async () => { vi.useRealTimers(); for (const clean of cleanUps.splice(0).reverse()) await clean() })
const device = (check: HostSettings['check'], over: Partial<PlanDevice> = {}): PlanDevice => ({ id: newId(), kind: 'host', name: 'h', address: '127.0.0.1', credential: null, host: { check, intervalS: 30 }, ...over })
const never = async () => { throw new Error('not ICMP') }
async function http (handler: Parameters<typeof createHttp>[1]) {
  const server = createHttp(handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => { server.closeAllConnections(); server.close() })
  return (server.address() as AddressInfo).port
}
const httpCheck = (port: number, statuses: number[] = [], path = '/'): HostSettings['check'] => ({ method: 'http', port, tls: false, path, statuses })

describe('a check', () => {
  it('by ICMP measures the round trip, and many at once take one run', async () => {
    expect((await checkHost(device({ method: 'icmp' }), createPinger())).ok).toBe(true)
    let runs = 0
    const ping = createPinger(async addresses => { runs++; return new Map(addresses.map(a => [a, a === '192.0.2.1' ? null : 1.5])) })
    expect(await Promise.all(['127.0.0.1', '192.0.2.1'].map(address => checkHost(device({ method: 'icmp' }, { address }), ping)))).toMatchObject([{ ok: true, rttMs: 1.5 }, { ok: false, failure: { code: 'timeout' } }])
    expect(runs).toBe(1)
  })
  it('never hands a program anything but numbers', async () => expect(await pingAll(['-h', '127.0.0.1 ; id', '$(id)'])).toEqual(new Map()))
  it('reads what fping and ping print', () => {
    expect(parseFping('127.0.0.1 : 0.05\n192.0.2.1  : -\nICMP Host Unreachable from x\n')).toEqual(new Map([['127.0.0.1', 0.05], ['192.0.2.1', null]]))
    expect([parsePing('64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.041 ms'), parsePing('100% packet loss')]).toEqual([0.041, null])
  })
  it('by TCP says what is wrong', async () => {
    const server = createServer(s => s.destroy())
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await checkHost(device({ method: 'tcp', port }), never)).toMatchObject({ ok: true, failure: null })
    await new Promise(resolve => server.close(resolve))
    expect(await checkHost(device({ method: 'tcp', port }), never)).toMatchObject({ ok: false, failure: { code: 'connection_refused' } })
    expect(await checkHost(device({ method: 'tcp', port }, { address: 'no-such-host.invalid' }), never)).toMatchObject({ ok: false, failure: { code: 'address_unresolved' } })
  })
  it('by HTTP looks at the status only: no redirect followed, an endless body not read', async () => {
    let asked = 0
    const port = await http((request, response) => {
      asked++
      if (request.url === '/moved') return void response.writeHead(302, { location: '/' }).end()
      if (request.url === '/endless') { response.writeHead(200); const drip = setInterval(() => response.write('x'.repeat(10_000)), 1); return void response.on('close', () => clearInterval(drip)) }
      response.writeHead(request.url === '/down' ? 503 : 200).end()
    })
    expect(await checkHost(device(httpCheck(port)), never)).toMatchObject({ ok: true })
    expect(await checkHost(device(httpCheck(port, [], '/moved')), never)).toMatchObject({ ok: true })
    expect(await checkHost(device(httpCheck(port, [], '/endless')), never)).toMatchObject({ ok: true })
    expect(await checkHost(device(httpCheck(port, [], '/down')), never)).toMatchObject({ ok: false, failure: { code: 'http_status', detail: expect.stringContaining('503') } })
    expect(await checkHost(device(httpCheck(port, [503], '/down')), never)).toMatchObject({ ok: true })
    expect(asked).toBe(5)
  })
  it('of a server that speaks no HTTP, or too much of it, is a clear failure', async () => {
    const server = createServer(s => { s.on('error', () => {}); s.end('SSH-2.0-x\r\n') })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => server.close())
    expect(await checkHost(device(httpCheck((server.address() as AddressInfo).port)), never)).toMatchObject({ ok: false, failure: { code: 'protocol_error' } })
    const port = await http((_request, response) => response.writeHead(200, { 'x-much': 'x'.repeat(60_000) }).end())
    expect(await checkHost(device(httpCheck(port)), never)).toMatchObject({ ok: false, failure: { code: 'answer_too_large' } })
  })
  it('that is given up ends', async () => {
    const port = await http(() => {})
    const signal = AbortSignal.timeout(50)
    expect(await checkHost(device(httpCheck(port)), never, signal)).toMatchObject({ ok: false, failure: { code: 'timeout' } })
  })
})

describe('the schedule', () => {
  it('confirms a failure quickly and then asks less and less', () => {
    expect([0, 1, 3, 4, 5, 6, 20].map(n => delayMs(30_000, n))).toEqual([30_000, 5000, 5000, 30_000, 60_000, 120_000, 120_000])
    expect(delayMs(600_000, 20)).toBe(600_000)
  })
  it('spreads devices', () => {
    const phases = Array.from({ length: 400 }, () => phaseOf(newId()))
    for (let i = 0; i < 4; i++) expect(phases.filter(p => p >= i / 4 && p < (i + 1) / 4).length).toBeGreaterThan(50)
  })
})

describe('the collector', () => {
  const good: CheckResult = { ok: true, rttMs: 2, failure: null }
  function set (check: (d: PlanDevice) => Promise<CheckResult>) {
    vi.useFakeTimers()
    const observations: Observation[] = []
    const samples: SampleSet[] = []
    const collector = createHostCollector({ emit: { observation: o => observations.push(o), samples: s => samples.push(s) }, log, clock: { now: () => 42 }, check })
    cleanUps.push(() => collector.stop())
    return { collector, observations, samples }
  }
  it('checks each host in its turn, leaves unchanged ones alone and forgets those that left', async () => {
    const asked: string[] = []
    const { collector, observations, samples } = set(async d => { asked.push(d.id); return good })
    const [a, b] = [device({ method: 'icmp' }), device({ method: 'icmp' })]
    collector.plan([a, b, { ...device({ method: 'icmp' }), kind: 'switch' }])
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked.sort()).toEqual([a.id, b.id].sort())
    expect(observations[0]).toMatchObject({ kind: 'reachability', at: 42, ok: true, method: 'icmp', rttMs: 2 })
    expect(samples[0]).toMatchObject({ series: ['rtt_ms'], values: [2] })
    collector.plan([structuredClone(a)])
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(asked.slice(2)).toEqual([a.id])
    collector.plan([{ ...a, address: '127.0.0.2' }])
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked).toHaveLength(4)
    collector.pollNow(a.id)
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(5)
  })
  it('says nothing of a check that ends after its device has left', async () => {
    let finish = (_: CheckResult) => {}
    const { collector, observations } = set(() => new Promise(resolve => { finish = resolve }))
    const a = device({ method: 'icmp' })
    collector.plan([a])
    await vi.advanceTimersByTimeAsync(3000)
    collector.plan([])
    finish(good)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(observations).toEqual([])
  })
})

it('"test connection" tells the address and the check', async () => {
  const steps: TestStep[] = []
  const refused = await testHost(device({ method: 'tcp', port: 1 }), { onStep: s => steps.push(s), signal: new AbortController().signal, log })
  expect(refused).toMatchObject({ ok: false, steps: [{ step: 'address', status: 'ok' }, { step: 'check', status: 'failed', failure: { code: 'connection_refused' } }] })
  expect(steps.map(s => `${s.step} ${s.status}`)).toEqual(['address running', 'address ok', 'check running', 'check failed'])
  expect(await testHost(device({ method: 'icmp' }, { address: 'no-such-host.invalid' }), { onStep () {}, signal: new AbortController().signal, log })).toMatchObject({ ok: false, steps: [{ status: 'failed' }, { status: 'skipped' }] })
})
