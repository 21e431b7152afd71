import { afterEach, describe, expect, it } from 'vitest'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import { type Announcement, discoverOnvif, probeOnvif, probeOnvifHttp, readProbeMatches } from './discover.js'
import { listenForAnnouncements } from './listen.js'

const options: OnvifCameraOptions = {
  host: '127.43.0.1', port: 0, users: [{ username: 'viewer', password: 'right' }], name: 'Головна площа', model: 'KC 1', serial: 'S', rtspPort: 8554, mainPath: '/m', subPath: '/s', discovery: { port: 0 }
}
const fixtures: OnvifFixture[] = []
afterEach(async () => { await Promise.all(fixtures.splice(0).map(f => f.close())) })
const camera = async (change: Partial<OnvifCameraOptions> = {}) => {
  const made = await startOnvifCamera({ ...options, ...change })
  fixtures.push(made)
  return made
}

describe('discovery', () => {
  it('finds a camera by unicast', async () => {
    const fixture = await camera()
    expect(await probeOnvif(fixture.host, { port: fixture.discoveryPort ?? 0, timeoutMs: 3000 })).toEqual({
      address: '127.43.0.1', port: fixture.port, tls: false, path: '/onvif/device_service', name: 'Головна площа', hardware: 'KC 1', endpoint: expect.stringMatching(/^urn:uuid:/) as string
    })
  })

  it('finds cameras by multicast on an interface, each at its own address', async () => {
    const first = await camera({ host: '127.43.0.1', discovery: { port: 0, multicastInterface: '127.0.0.1' } })
    const port = first.discoveryPort ?? 0
    await camera({ host: '127.43.0.2', name: 'Second', discovery: { port, multicastInterface: '127.0.0.1' } })
    const found = await discoverOnvif({ interfaces: ['127.0.0.1'], timeoutMs: 800, port })
    expect(found.map(f => [f.address, f.name]).sort()).toEqual([['127.43.0.1', 'Головна площа'], ['127.43.0.2', 'Second']])
  })

  it('reports an answer at its sender, whatever address it names', async () => {
    const fixture = await camera()
    fixture.faults.set({ kind: 'spoof', host: '127.43.0.66', port: 8080 })
    expect(await probeOnvif(fixture.host, { port: fixture.discoveryPort ?? 0, timeoutMs: 3000 })).toMatchObject({ address: '127.43.0.1', port: 80, path: '/onvif/device_service' })
  })

  it('is silent about silence', async () => {
    expect(await probeOnvif('127.43.0.9', { port: 9, timeoutMs: 100 })).toBeNull()
    expect(await probeOnvif('127.43.0.9', { port: 9, timeoutMs: 60_000, signal: AbortSignal.abort() })).toBeNull()
  })

  it('finds ONVIF on a TCP port without a login, and nothing elsewhere', async () => {
    const fixture = await camera()
    expect(await probeOnvifHttp(fixture.host, fixture.port, { timeoutMs: 3000 })).toEqual({ path: '/onvif/device_service', name: 'Головна-площа', hardware: '' })
    expect(fixture.journal.every(e => e.headers.authorization === undefined && !e.body.includes('Security'))).toBe(true)
    fixture.faults.set({ kind: 'time', mode: 'unsupported' })
    expect(await probeOnvifHttp(fixture.host, fixture.port, { timeoutMs: 3000 })).not.toBeNull()
    const open = await camera({ host: '127.43.0.3', users: [] })
    expect(await probeOnvifHttp(open.host, open.port, { timeoutMs: 3000 })).toMatchObject({ name: 'Головна площа', hardware: 'KC 1' })
    fixture.faults.set({ kind: 'http', status: 401, body: '<html>router</html>', headers: { 'www-authenticate': 'Basic realm="router"' } })
    expect(await probeOnvifHttp(fixture.host, fixture.port, { timeoutMs: 3000 })).toBeNull()
    fixture.faults.set({ kind: 'hang' })
    fixture.faults.clear('http')
    expect(await probeOnvifHttp(fixture.host, fixture.port, { timeoutMs: 200 })).toBeNull()
    expect(await probeOnvifHttp('127.43.0.9', 9, { timeoutMs: 200 })).toBeNull()
    await expect.poll(() => fixture.connections()).toBe(0)
  })

  it('hears a camera come and go', async () => {
    const probe = await camera({ host: '127.43.0.5', discovery: { port: 0 } })
    const port = probe.discoveryPort ?? 0
    const heard: Announcement[] = []
    const listener = await listenForAnnouncements(a => heard.push(a), { interfaces: ['127.0.0.1'], port })
    const fixture = await startOnvifCamera({ ...options, host: '127.43.0.4', discovery: { port, multicastInterface: '127.0.0.1' } })
    await expect.poll(() => heard.length).toBe(1)
    expect(heard[0]).toMatchObject({ kind: 'hello', finding: { address: '127.43.0.4', port: fixture.port } })
    await fixture.close()
    await expect.poll(() => heard.length).toBe(2)
    expect(heard[1]).toMatchObject({ kind: 'bye', address: '127.43.0.4' })
    await listener.close()
  })

  it('takes no answer that it did not ask for', () => {
    const xml = (relates: string) => Buffer.from(`<s:Envelope xmlns:s="x" xmlns:a="y"><s:Header><a:RelatesTo>${relates}</a:RelatesTo></s:Header><s:Body><ProbeMatches><ProbeMatch><XAddrs>javascript:x http://[::1/ ftp://a/ http://u:p@10.0.0.1:81/a?b</XAddrs></ProbeMatch></ProbeMatches></s:Body></s:Envelope>`)
    expect(readProbeMatches(xml('other'), '10.0.0.1', new Set(['mine']))).toEqual([])
    expect(readProbeMatches(xml('mine'), '10.0.0.1', new Set(['mine']))).toEqual([{ address: '10.0.0.1', port: 81, tls: false, path: '/a?b', name: '', hardware: '', endpoint: '' }])
    expect(readProbeMatches(Buffer.from('\u0000<'), '10.0.0.1', new Set(['']))).toEqual([])
  })
})
