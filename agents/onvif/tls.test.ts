/** TLS to a camera: nothing is sent before the certificate holds. The certificate is made by Debian's openssl. */
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import { systemClock } from '../../lib/clock.js'
import { OnvifCamera } from './camera-control.js'
import type { SoapTarget } from './soap.js'

const folder = mkdtempSync(join(tmpdir(), 'onvif-tls-'))
let key = ''
let cert = ''
let fingerprint = ''
beforeAll(() => {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=camera', '-addext', 'subjectAltName=IP:127.45.0.1',
    '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')], { stdio: 'ignore' })
  key = readFileSync(join(folder, 'key'), 'utf8')
  cert = readFileSync(join(folder, 'cert'), 'utf8')
  fingerprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex')
})
afterAll(() => rmSync(folder, { recursive: true }))

let fixture: OnvifFixture | null = null
afterEach(async () => { await fixture?.close(); fixture = null })
async function start (target: Partial<SoapTarget>, host = '127.45.0.1') {
  fixture = await startOnvifCamera({
    host, port: 0, users: [{ username: 'viewer', password: 'right' }], name: 'c', model: 'KC-1', serial: 'S', rtspPort: 8554, mainPath: '/m', subPath: '/s',
    tls: { key, cert }, authentication: { token: false, digest: [], basic: true }, snapshot: () => Buffer.from('jpeg')
  })
  return { fixture, camera: new OnvifCamera({ address: fixture.host, port: fixture.port, tls: true, login: { username: 'viewer', password: 'right' }, ...target }, { clock: systemClock, deadlineMs: 3000 }) }
}

describe('a camera over TLS', () => {
  it('is read when its certificate is the pinned one, even with Basic', async () => {
    const { camera, fixture } = await start({ certificateSha256: fingerprint })
    expect((await camera.information()).model).toBe('KC-1')
    expect(await camera.services()).toMatchObject({ media2: { port: fixture.port, path: '/onvif/media2_service' } })
    const [profile] = await camera.profiles()
    const snapshot = profile && await camera.snapshotUri(profile)
    if (!snapshot) throw new Error('no snapshot')
    expect((await camera.fetch(snapshot, 100)).toString()).toBe('jpeg')
    expect(fixture.journal.some(e => e.how === 'basic')).toBe(true)
  })

  it('is read when a CA vouches for it', async () => {
    expect((await (await start({ ca: cert })).camera.information()).model).toBe('KC-1')
  })

  it.each([['another pin', { certificateSha256: '0'.repeat(64) }], ['no CA that vouches', {}]])('gets nothing with %s', async (_name, target) => {
    const { camera, fixture } = await start(target)
    await expect(camera.information()).rejects.toMatchObject({ code: 'tls_failed' })
    expect(fixture.journal).toEqual([])
    await expect.poll(() => fixture.connections()).toBe(0)
  })

  it('a certificate for another address is refused', async () => {
    const { camera } = await start({ ca: cert }, '127.45.0.2')
    await expect(camera.information()).rejects.toMatchObject({ code: 'tls_failed' })
  })

  it('not one byte goes to a peer with another certificate', async () => {
    let received = 0
    const impostor = createServer({ key, cert }, socket => { socket.on('data', data => { received += data.length }); socket.on('error', () => {}) })
    await new Promise<void>(resolve => { impostor.listen(0, '127.45.0.3', resolve) })
    const camera = new OnvifCamera({ address: '127.45.0.3', port: (impostor.address() as AddressInfo).port, tls: true, certificateSha256: '1'.repeat(64), login: { username: 'u', password: 'p' } }, { clock: systemClock, deadlineMs: 3000 })
    await expect(camera.information()).rejects.toMatchObject({ code: 'tls_failed' })
    expect(received).toBe(0)
    await new Promise(resolve => { impostor.close(resolve) })
  })

  it('over IPv6', async () => {
    const { camera } = await start({ certificateSha256: fingerprint }, '::1')
    expect((await camera.information()).model).toBe('KC-1')
    const [profile] = await camera.profiles()
    expect(profile && await camera.streamUri(profile, 554)).toEqual({ port: 8554, path: '/m' })
  })

  it('plain HTTP on a TLS port and TLS on a plain port end clearly', async () => {
    const { camera, fixture } = await start({ tls: false })
    await expect(camera.information()).rejects.toMatchObject({ code: expect.stringMatching(/^(connection_reset|protocol_error)$/) as string })
    const plain = await startOnvifCamera({ host: '127.45.0.4', port: 0, users: [], name: 'c', model: 'm', serial: 's', rtspPort: 1, mainPath: '/', subPath: '/' })
    await expect(new OnvifCamera({ ...camera.target, tls: true, address: plain.host, port: plain.port }, { clock: systemClock, deadlineMs: 3000 }).information()).rejects.toMatchObject({ code: 'tls_failed' })
    await plain.close()
    expect(fixture.journal).toEqual([])
  })
})
