/** Two people at one camera that turns, in real browsers, down to its head: moved, locked, taken over, released, and stopped when the server dies. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invitation, Role, User } from '../../server/contract/people.js'
import { DemoClient } from '../../tools/demo/client.js'
import { until } from './program.js'
import { System } from './system.js'
import { type TileLook, Wall } from './wall.js'

interface Status { position: { x: number, y: number, zoom: number }, moveStatus: { panTilt: string } }
interface Cam { connect (callback: (error: Error | null) => void): void, getStatus (options: object, callback: (error: Error | null, status: Status) => void): void }
const { Cam } = createRequire(import.meta.url)('onvif') as { Cam: new (options: object) => Cam }
interface Entry { action: string, login: string, details: { name: string, way?: string, durationMs?: number, path?: number[][], preset?: string, from?: { pan: number } | null, to?: { pan: number } | string | null, reason?: string, takenFrom?: string | null, ended?: string } }

const password = 'turns-the-camera-at-night'
/** Mean difference of two small pictures, 0 to 255. */
const differs = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / Math.max(1, a.length)

describe('a camera that turns', () => {
  let system: System
  let olena: Wall
  let lead: Wall
  let camera: Cam
  let name: string

  async function picture (file: string, { page }: Wall, size = { width: 1920, height: 1080 }) {
    if (!process.env.TEST_SCREENS) return
    await page.setViewportSize(size)
    await page.screenshot({ path: join(process.env.TEST_SCREENS, file) })
    await page.setViewportSize({ width: 1600, height: 900 })
  }
  async function person (login: string, displayName: string, roles: Role[]) {
    const { invitation } = await system.client.call<{ user: User, invitation: Invitation }>('POST', '/users', { login, displayName, roles, allGroups: true, groupIds: [] })
    await new DemoClient(system.origin).call('POST', '/invitations/accept', { token: invitation.url.split('#token=')[1], password })
    return Wall.open(system.origin, login, password)
  }
  const head = async () => (await promisify(camera.getStatus.bind(camera))({ profileToken: 'profile_main' }))
  const rests = () => until('the head to stand', 10_000, async () => {
    const [a, b] = [await head(), await new Promise(resolve => { setTimeout(resolve, 300) }).then(head)]
    return a.position.x === b.position.x && b.moveStatus.panTilt === 'IDLE' ? b.position : null
  })
  const trace = async (action: string) => (await system.client.call<{ items: Entry[] }>('GET', `/audit?limit=200`)).items.filter(e => e.action === action)
  const lockText = (wall: Wall) => wall.page.locator('[data-lock]')
  async function steer (wall: Wall) {
    await wall.focus(name)
    await wall.focusWhere('live', t => t.show === 'live' && t.pixels.length > 0)
    await wall.page.getByRole('button', { name: 'Керувати', exact: true }).click()
    await wall.page.getByRole('toolbar', { name: 'Керування камерою' }).waitFor()
    await lockText(wall).waitFor()
  }

  beforeAll(async () => {
    system = await System.start()
    const plan = system.plan.cameras.find(c => c.id === 'C10')!
    ;({ name } = plan)
    camera = new Cam({ hostname: plan.address, port: plan.onvifPort, username: plan.username, password: plan.password, autoconnect: false, timeout: 5000 })
    await promisify(camera.connect.bind(camera))()
    olena = await person('olena', 'Олена Коваленко', ['operator'])
    lead = await person('lead', 'Ігор Мельник', ['shift_lead'])
  })
  afterAll(async () => {
    await olena?.close()
    await lead?.close()
    await system?.stop()
  })

  it('turns as far as the picture is dragged, shows it, and leaves its trace', async () => {
    await steer(olena)
    const before = await olena.focusWhere('live', t => t.show === 'live')
    const box = (await olena.page.locator('[data-ptz-surface]').boundingBox())!
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    await olena.page.mouse.move(x, y)
    await olena.page.mouse.down()
    await olena.page.mouse.move(x + 260, y, { steps: 5 })
    await until('the head to have turned right', 10_000, async () => (await head()).position.x > 0.15)
    await picture('ptz.png', olena)
    await olena.page.mouse.up()
    const stood = await rests()
    await olena.focusWhere('another', t => t.show === 'live' && differs(t.pixels, before.pixels) > 8)
    const [move] = await until('the trace', 10_000, async () => { const found = await trace('ptz.move'); return found.length > 0 && found })
    expect(move).toMatchObject({ login: 'olena', details: { name, way: 'continuous', ended: 'stop', from: { pan: 0 } } })
    expect(move!.details.durationMs).toBeGreaterThan(200)
    expect((move!.details.to as { pan: number }).pan).toBeCloseTo(stood.x, 2)
    expect((await trace('ptz.begin')).map(e => [e.login, e.details.takenFrom])).toEqual([['olena', null]])
  })

  it('shows who has it; a higher one takes it over after a question, and the lower one sees that at once', async () => {
    await olena.page.keyboard.down('ArrowLeft')
    await until('the head to turn left', 10_000, async () => (await head()).moveStatus.panTilt === 'MOVING')
    await steer(lead)
    await until('the name of who has it', 10_000, async () => (await lockText(lead).textContent())?.includes('Керує Олена Коваленко'))
    await picture('ptz-locked.png', lead)
    await picture('ptz-phone.png', lead, { width: 390, height: 844 })
    await lead.page.getByRole('button', { name: 'Перебрати' }).click()
    await lead.page.getByRole('dialog').getByRole('button', { name: 'Перебрати' }).click()
    await olena.page.locator('[data-ptz-notice=lost]').waitFor()
    expect(await olena.page.locator('[data-ptz-notice=lost]').textContent()).toContain('Ігор Мельник')
    await rests()
    await olena.page.keyboard.up('ArrowLeft')
    await until('the lead to have it', 10_000, async () => await lockText(lead).getAttribute('data-lock') === 'owner')
    // The lower one cannot move it, and is told by whom it is held.
    await olena.page.keyboard.press('ArrowUp')
    await olena.page.locator('[data-ptz-notice=locked]').waitFor()
    expect((await trace('ptz.begin'))[0]).toMatchObject({ login: 'lead', details: { takenFrom: 'Олена Коваленко' } })
    expect((await trace('ptz.end'))[0]).toMatchObject({ login: 'olena', details: { reason: 'taken_over', to: 'Ігор Мельник' } })
  })

  it('is asked for and handed over', async () => {
    await olena.page.getByRole('button', { name: 'Попросити' }).click()
    await lead.page.locator('[data-ptz-notice=asked]').waitFor()
    await picture('ptz-asked.png', lead)
    await lead.page.locator('[data-ptz-notice=asked]').getByRole('button', { name: 'Віддати' }).click()
    await until('Olena to have it', 10_000, async () => await lockText(olena).getAttribute('data-lock') === 'owner')
    await until('the lead to see it', 10_000, async () => (await lockText(lead).textContent())?.includes('Олена'))
  })

  it('goes to presets by number, to where one clicks, and home', async () => {
    await olena.page.keyboard.press('3')
    await until('the third preset', 10_000, async () => Math.abs((await head()).position.x - 0.7) < 0.01)
    const { x } = await rests()
    const box = (await olena.page.locator('[data-ptz-surface]').boundingBox())!
    await olena.page.mouse.click(box.x + box.width * 0.3, box.y + box.height / 2)
    await until('the head to have gone left', 10_000, async () => (await head()).position.x < x - 0.02)
    await rests()
    await olena.page.keyboard.press('h')
    await until('home', 10_000, async () => Math.abs((await head()).position.x) < 0.01)
    expect((await trace('ptz.move')).slice(0, 3).map(e => [e.details.way, e.details.preset])).toEqual([['home', undefined], ['point', undefined], ['preset', 'Головний вхід']])
  })

  it('keeps presets and tours, which go while nobody has it', async () => {
    const { page } = lead
    await page.getByRole('button', { name: 'Положення й обходи' }).click()
    await page.getByLabel('Зберегти, куди камера дивиться зараз').fill('Ворота лікарні, другий поверх')
    await page.getByRole('button', { name: 'Додати', exact: true }).click()
    expect(await page.getByRole('dialog').getByRole('alert').textContent()).toContain('Хтось уже змінив')
    await olena.page.getByRole('button', { name: 'Звільнити', exact: true }).click()
    await until('nobody to have it', 10_000, async () => await lockText(lead).getAttribute('data-lock') === 'free')
    await page.getByRole('button', { name: 'Додати', exact: true }).click()
    await page.getByRole('cell', { name: 'Ворота лікарні, другий поверх' }).first().waitFor()
    await page.getByRole('button', { name: 'Додати обхід' }).click()
    await page.getByLabel('Назва').fill('Нічний обхід')
    await picture('ptz-tour.png', lead)
    await page.getByRole('button', { name: 'Зберегти', exact: true }).click()
    await page.getByRole('cell', { name: 'Нічний обхід' }).first().waitFor()
    await picture('ptz-presets.png', lead)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Обходи', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Нічний обхід' }).click()
    await until('the tour at its first preset', 100_000, async () => Math.abs((await head()).position.x + 0.75) < 0.01)
    await until('the tour to be seen', 10_000, async () => await lockText(olena).getAttribute('data-lock') === 'tour')
    await page.getByRole('button', { name: 'Обходи', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Зупинити «Нічний обхід»' }).click()
    await until('nobody to have it', 10_000, async () => await lockText(olena).getAttribute('data-lock') === 'free')
    await olena.page.keyboard.press('h')
    await until('home', 10_000, async () => Math.abs((await head()).position.x) < 0.01)
  })

  it('is free again when its owner does nothing for half a minute', async () => {
    await olena.page.locator('[data-ptz-notice=lost]').waitFor({ timeout: 60_000 })
    expect(await lockText(lead).getAttribute('data-lock')).toBe('free')
    expect((await trace('ptz.end'))[0]).toMatchObject({ login: 'olena', details: { reason: 'idle' } })
  })

  it('shows its masks only where they were drawn: elsewhere nothing, to those from whom something is hidden', async () => {
    const hidden = (value: number) => value > 20 && value < 62
    const half = (t: TileLook, right: boolean) => t.pixels.filter((_, i) => (right ? i % 64 > 34 && i % 64 < 61 : i % 64 > 2 && i % 64 < 29) && i > 64 * 2 && i < 64 * 32)
    await system.client.call('PUT', `/devices/${system.id('C10')}/masks`, { regions: [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]] })
    await olena.focusWhere('masked on its left', t => t.show === 'live' && half(t, false).length > 0 && half(t, false).every(hidden) && !half(t, true).every(hidden))
    await lead.focusWhere('whole', t => t.show === 'live' && !half(t, false).every(hidden))
    await lead.page.keyboard.press('3')
    await olena.focusWhere('hidden altogether', t => t.show === 'live' && t.pixels.length > 0 && half(t, false).every(hidden) && half(t, true).every(hidden))
    await lead.focusWhere('whole', t => t.show === 'live' && !half(t, true).every(hidden))
    await lead.page.keyboard.press('h')
    await olena.focusWhere('masked on its left alone again', t => t.show === 'live' && half(t, false).length > 0 && half(t, false).every(hidden) && !half(t, true).every(hidden))
  })

  it('stands when the server dies in the middle of a move, and is moved again when it is back', async () => {
    await lead.page.keyboard.down('ArrowRight')
    await until('the head to turn', 10_000, async () => (await head()).moveStatus.panTilt === 'MOVING')
    await system.server.kill('SIGKILL')
    const stood = await rests()
    expect(stood.x).toBeLessThan(0.95)
    await lead.page.keyboard.up('ArrowRight')
    system.server.start()
    await system.ready()
    await until('the camera to be under control again', 60_000, async () => {
      await lead.page.keyboard.down('ArrowLeft')
      const { position, moveStatus } = await new Promise(resolve => { setTimeout(resolve, 400) }).then(head)
      await lead.page.keyboard.up('ArrowLeft')
      return moveStatus.panTilt === 'MOVING' && position.x < stood.x
    })
    await rests()
    expect([...olena.faults, ...lead.faults]).toEqual([])
    expect((await system.client.call<{ ok: boolean }>('GET', '/audit/verify')).ok).toBe(true)
  })
})
