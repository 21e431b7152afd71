/** The compliance of a town's cameras, from their sockets to an administrator's screen: a wrong clock, an old firmware, a factory account, a certificate that expires. Chapters of one story. */
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import { renderClip } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import type { Agent } from '../../server/contract/agent-link.js'
import type { CompliancePage } from '../../server/contract/compliance.js'
import type { Device } from '../../server/contract/inventory.js'
import type { AuditEntry } from '../../server/contract/people.js'
import { until } from './program.js'
import { System } from './system.js'
import { overhang } from './walk.js'
import { Wall } from './wall.js'

/** Pictures for the documentation, where somebody asks for them. */
const pictures = process.env.KALANCHA_PICTURES
const TLS_HOST = '127.49.0.1'
const TLS_NAME = 'Камера з сертифікатом, архів'

describe('the compliance of the cameras', () => {
  let system: System
  let wall: Wall
  let rtsp: RtspServer
  let onvif: OnvifFixture
  const table = (query = '') => system.client.call<CompliancePage>('GET', `/compliance${query}`)
  const checkOf = async (townId: string) => (await table('?limit=500')).items.find(i => i.id === system.id(townId))!.checks
  const picture = async (name: string, size = { width: 1920, height: 1080 }) => {
    if (!pictures || !existsSync(pictures)) return
    await wall.page.setViewportSize(size)
    await wall.page.waitForTimeout(700)
    await wall.page.screenshot({ path: join(pictures, `${name}.png`) })
  }
  /** Of the town: cameras without ONVIF. */
  const plain = () => system.plan.cameras.filter(c => c.onvifPort === null).length
  /** They are of another model. */
  const turning = () => system.plan.cameras.filter(c => c.ptz && c.onvifPort !== null).length
  const phone = { width: 390, height: 844 }
  const chip = (name: RegExp) => wall.page.getByRole('group', { name: 'Вади' }).getByRole('button', { name })

  beforeAll(async () => {
    system = await System.start()
    const folder = system.dataDir
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '12', '-subj', '/CN=camera-archive', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' })
    const [key, cert] = [readFileSync(join(folder, 'key.pem'), 'utf8'), readFileSync(join(folder, 'cert.pem'), 'utf8')]
    const clip = await renderClip({ scene: 'street', codec: 'h264', width: 320, height: 180, fps: 10, bitrateKbps: 200, seconds: 4, title: 'TLS' }, join(tmpdir(), 'kalancha-test-clips'))
    const [username, password] = ['kalancha', 'archive-corridor-7-lamp']
    rtsp = await startRtspServer({ host: TLS_HOST, port: 0, users: { [username]: password }, streams: { '/main': clip } })
    onvif = await startOnvifCamera({
      host: TLS_HOST, port: 0, users: [{ username, password }], name: 'T', model: 'Вежа-TLS', serial: 'T1', firmware: '2.4', rtspPort: rtsp.port, mainPath: '/main', subPath: '/none', tls: { key, cert },
      profiles: [{ token: 'p', name: 'main', codec: 'H264', width: 320, height: 180, fps: 10, bitrateKbps: 400, govLength: 10, path: '/main' }]
    })
    const agents = await system.client.call<Agent[]>('GET', '/agents')
    await system.client.call<Device>('POST', '/devices', {
      kind: 'camera', name: TLS_NAME, address: TLS_HOST, siteId: null, groupId: null, agentId: agents[0]!.id, parentId: null, parentPort: null, credential: { kind: 'password', username, password },
      camera: { onvif: { port: onvif.port, tls: true, certificateSha256: createHash('sha256').update(new X509Certificate(cert).raw).digest('hex') }, rtsp: { port: rtsp.port, mainPath: null, subPath: null }, pull: 'always' }
    })
    wall = await Wall.open(system.origin, system.login, system.password)
  })
  afterAll(async () => {
    await wall?.close()
    await onvif?.close()
    await rtsp?.close()
    await system?.stop()
  })
  afterEach(async context => { if (context.task.result?.state === 'fail') await wall?.page.screenshot({ path: '.cache/compliance-story.png' }).catch(() => {}) })

  it('knows of every camera how it is set, and what it sends', async () => {
    const cameras = system.plan.cameras.length + 1
    const page = await until('every camera judged', 240_000, async () => {
      const page = await table()
      return page.cameras === cameras && page.counts.fps.pass + page.counts.fps.fail === cameras - plain() && page.counts.codec.pass === cameras - plain() && page.counts.key_frames.pass === cameras && page.counts.password.pass === cameras ? page : null
    })
    expect(page.counts).toMatchObject({ onvif: { pass: cameras - plain(), unjudged: plain() }, clock: { pass: cameras - plain(), unjudged: plain() }, firmware: { unknown: cameras - plain(), unjudged: plain() }, certificate: { fail: 1, unjudged: cameras - 1 } })
    expect((await checkOf('C03')).fps).toMatchObject({ wanted: 25, profile: 'main' })
    expect((await checkOf('C08')).fps).toMatchObject({ status: 'unknown', reason: 'not_configured' })
  }, 260_000)

  it('firmware is approved out of the table, and the certificate that expires stands out', async () => {
    const { page } = wall
    await page.goto(`${system.origin}/devices`)
    await page.getByRole('link', { name: 'Відповідність' }).click()
    await chip(/^Сертифікат|Сертифікат 1/).waitFor()
    await page.getByRole('textbox', { name: 'Пошук' }).fill('ратуша')
    await until('the only row', 10_000, async () => await page.getByRole('row').count() === 2)
    await page.getByText('Площа Ринок, ратуша').first().click()
    const drawer = page.getByRole('dialog')
    await drawer.getByRole('button', { name: 'Схвалити версію 1.0.0' }).click()
    await drawer.getByRole('button', { name: 'Схвалити версію 1.0.0' }).waitFor({ state: 'detached' })
    await picture('compliance-camera')
    await page.keyboard.press('Escape')
    await until('all of that model', 10_000, async () => (await table()).counts.firmware.pass === system.plan.cameras.length - plain() - turning())
    await page.getByRole('textbox', { name: 'Пошук' }).fill('')
    await page.getByRole('button', { name: 'Прошивка', exact: true }).click()
    await page.getByRole('dialog').getByRole('switch', { name: 'Версія 2.4 схвалена' }).waitFor({ state: 'attached' })
    await picture('compliance-firmware')
    await page.getByRole('dialog').getByText('2.4', { exact: true }).locator('xpath=../div').last().click()
    await until('the other model too', 10_000, async () => (await table()).counts.firmware.unknown === turning())
    await page.keyboard.press('Escape')
  })

  it('a clock that is off, an old firmware', async () => {
    await system.fault('clock', 'C03', 90)
    await system.fault('firmware', 'C04')
    await system.client.call('POST', `/devices/${system.id('C04')}/poll`)
    await until('the clock and the firmware', 90_000, async () => (await checkOf('C03')).clock.status === 'fail' && (await checkOf('C04')).firmware.status === 'fail')
    const { clock } = await checkOf('C03')
    expect(Math.abs(Number(clock.measured) - 90_000)).toBeLessThan(3000)
    expect((await checkOf('C04')).firmware).toMatchObject({ reason: 'not_approved', measured: '0.9.3', wanted: '1.0.0' })
  })

  it('a factory account is found when an administrator asks, by one login, and the audit tells so without a password', async () => {
    const { page } = wall
    await system.fault('account', 'C06')
    await page.goto(`${system.origin}/devices/compliance?q=${encodeURIComponent('перон')}`)
    await page.getByText('Вокзал, перон 1').first().waitFor()
    await page.getByRole('button', { name: 'Заводські паролі' }).click()
    await page.getByRole('dialog').getByText('На вимогу').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Перевірити відібрані камери (1)' }).click()
    await page.getByRole('button', { name: 'Перевірити зараз' }).click()
    await until('the accepted login', 60_000, async () => (await checkOf('C06')).password.reason === 'factory_accepted')
    const { items } = await system.client.call<{ items: AuditEntry[] }>('GET', '/audit?action=device.login_check')
    expect(items.map(e => e.action).sort()).toEqual(['device.login_check.end', 'device.login_check.start', 'device.login_check.try'])
    expect(items.find(e => e.action.endsWith('end'))!.details).toMatchObject({ outcome: 'accepted', username: 'admin' })
    expect(await system.state('C06')).toBe('up')
  })

  it('a password that is easily guessed is told as soon as it is stored', async () => {
    await system.client.call('PUT', `/devices/${system.id('C07')}/credential`, { kind: 'password', username: 'kalancha', password: 'kalancha2024' })
    await until('the weak password', 90_000, async () => (await checkOf('C07')).password.reason === 'stored_weak')
    const { password } = system.plan.cameras.find(c => c.id === 'C07')!
    await system.client.call('PUT', `/devices/${system.id('C07')}/credential`, { kind: 'password', username: 'kalancha', password })
  })

  it('the table shows what is wrong, in words under the arrows, and opens by Enter', async () => {
    const { page } = wall
    await page.setViewportSize({ width: 1920, height: 1080 })
    await page.goto(`${system.origin}/devices/compliance`)
    for (const name of [/Годинник 1/, /Прошивка 1/, /Сертифікат 1/, /Пароль \d/]) await chip(name).waitFor()
    await picture('compliance')
    await chip(/Годинник/).click()
    await until('only that camera', 10_000, async () => await page.getByRole('row').count() === 2)
    await page.getByRole('grid').focus()
    // From wherever the mouse was.
    for (let i = 0; i < 13; i++) await page.keyboard.press('ArrowLeft')
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight')
    await page.locator('output').getByText(/Годинник: \+(89|90)[,\d]* с, має бути ≤ 2.000 мс; більше, ніж має бути/).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText(/більше, ніж має бути/).first().waitFor()
    await page.keyboard.press('Escape')
    const answer = await fetch(`${system.origin}/api/v1/compliance/export.csv?check=clock`, { headers: system.client.headers })
    expect((await answer.text()).trim().split('\r\n')).toHaveLength(2)
    expect(await overhang(page)).toEqual([])
  })

  it('a phone shows cards, and the camera\'s own page the list', async () => {
    const { page } = wall
    await page.setViewportSize(phone)
    await page.goto(`${system.origin}/devices/compliance`)
    await page.getByText(TLS_NAME).first().waitFor()
    await picture('compliance-phone', phone)
    expect(await overhang(page)).toEqual([])
    await page.goto(`${system.origin}/devices/${system.id('C04')}`)
    await page.getByText('Перевірки камери').scrollIntoViewIfNeeded()
    await page.getByText(/0\.9\.3, має бути 1\.0\.0; версію не схвалено/).waitFor()
    await picture('compliance-device-phone', phone)
    expect(wall.faults).toEqual([])
  })
})
