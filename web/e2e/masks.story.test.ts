/** A privacy mask from its drawing to everybody's screens: live, on the wall, in recordings, stills, snapshots and clips. The tests are chapters of one story. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CameraMasks } from '../../server/contract/footage.js'
import type { Invitation, User } from '../../server/contract/people.js'
import type { Clip } from '../../server/contract/recording.js'
import { DemoClient } from '../../tools/demo/client.js'
import { until } from './program.js'
import { System } from './system.js'
import { type TileLook, Wall } from './wall.js'

const person = { login: 'watcher', password: 'sees-less-than-the-others' }
/** The mask's grey, as decoded. */
const hidden = (value: number) => value > 20 && value < 62
/** Of the left half, without its edges: all hidden or not. */
const leftHalf = ({ pixels }: Pick<TileLook, 'pixels'>) => pixels.filter((_, i) => i % 64 > 2 && i % 64 < 29 && i > 64 * 2 && i < 64 * 34)
const isHidden = (t: TileLook) => t.pixels.length > 0 && leftHalf(t).every(hidden)

describe('a privacy mask', () => {
  let system: System
  let admin: Wall
  let watcher: Wall
  let client: DemoClient
  let cameraId: string
  let name: string

  beforeAll(async () => {
    system = await System.start()
    cameraId = system.id('C02')
    name = system.plan.cameras.find(c => c.id === 'C02')!.name
    const { invitation } = await system.client.call<{ user: User, invitation: Invitation }>('POST', '/users', { login: person.login, displayName: 'Watcher', roles: ['operator'], allGroups: true, groupIds: [] })
    client = new DemoClient(system.origin)
    await client.call('POST', '/invitations/accept', { token: invitation.url.split('#token=')[1], password: person.password })
    await client.call('POST', '/session', person)
    admin = await Wall.open(system.origin, system.login, system.password)
  })
  afterAll(async () => {
    await watcher?.close()
    await admin?.close()
    await system?.stop()
  })

  it('is drawn over the camera\'s picture, by keyboard and by mouse', async () => {
    const { page } = admin
    await page.goto(`${system.origin}/devices/${cameraId}`)
    await page.getByRole('button', { name: 'Змінити маски' }).click()
    await page.locator('fieldset img').waitFor()
    await page.getByRole('button', { name: 'Додати прямокутник' }).click()
    // Its corners, one by one, to the edges of the left half.
    for (const [corner, x, y] of [[1, 0, 0], [2, 0.5, 0], [3, 0.5, 1], [4, 0, 1]] as const) {
      const box = (await page.locator('fieldset svg[viewBox="0 0 1000 1000"]').boundingBox())!
      await page.getByRole('button', { name: `Ділянка 1, кут ${corner}` }).hover()
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 4 })
      await page.mouse.up()
    }
    await page.getByRole('button', { name: 'Ділянка 1, кут 2' }).press('Shift+ArrowLeft')
    if (process.env.TEST_SCREENS) {
      await page.setViewportSize({ width: 1920, height: 1080 })
      await page.screenshot({ path: join(process.env.TEST_SCREENS, 'masks.png') })
      await page.setViewportSize({ width: 390, height: 844 })
      await page.screenshot({ path: join(process.env.TEST_SCREENS, 'masks-phone.png') })
      await page.setViewportSize({ width: 1600, height: 900 })
    }
    await page.getByRole('button', { name: 'Зберегти маски' }).click()
    await page.getByText('1 маска').waitFor()
    const { regions } = await system.client.call<CameraMasks>('GET', `/devices/${cameraId}/masks`)
    expect(regions).toHaveLength(1)
    expect(regions[0]!.map(p => p.map(v => Math.round(v * 50) / 50))).toEqual([[0, 0], [0.5, 0], [0.5, 1], [0, 1]])
    expect(admin.faults).toEqual([])
  })

  it('hides that part from an operator on the wall, which says so, and not from an administrator', async () => {
    watcher = await Wall.open(system.origin, person.login, person.password)
    const tile = await watcher.tileWhere(name, 'live and masked', t => t.show === 'live' && isHidden(t))
    expect(tile.text).toContain('Із масками')
    await admin.page.goto(system.origin)
    await admin.tileWhere(name, 'live and whole', t => t.show === 'live' && t.pixels.length > 0 && !leftHalf(t).every(hidden))
    if (process.env.TEST_SCREENS) await watcher.page.screenshot({ path: join(process.env.TEST_SCREENS, 'wall-masked.png') })
    await watcher.focus(name)
    await watcher.focusWhere('live, large and masked', t => t.show === 'live' && t.width >= 640 && isHidden(t))
  })

  it('hides it in snapshots, stills and clips too, and leaves the recording whole', async () => {
    const grey = async (path: string, who: DemoClient) => {
      const answer = await fetch(`${system.origin}/api/v1${path}`, { headers: who.headers })
      expect([path, answer.status]).toEqual([path, 200])
      return leftHalf({ pixels: [...spawnSync('ffmpeg', ['-v', 'error', '-f', 'jpeg_pipe', '-i', 'pipe:0', '-vf', 'scale=64:36,format=gray', '-f', 'rawvideo', 'pipe:1'], { input: Buffer.from(await answer.arrayBuffer()) }).stdout] })
    }
    const at = Date.now() - 8000
    await until('something recorded', 60_000, async () => (await fetch(`${system.origin}/api/v1/devices/${cameraId}/still?at=${at}`, { headers: system.client.headers })).ok || null)
    for (const path of [`/devices/${cameraId}/snapshot`, `/devices/${cameraId}/still?at=${at}`]) {
      expect((await grey(path, client)).every(hidden)).toBe(true)
      expect((await grey(path, system.client)).every(hidden)).toBe(false)
    }
    const clipOf = async (who: DemoClient) => {
      const { id } = await who.call<Clip>('POST', '/clips', { deviceId: cameraId, from: at - 3000, to: at })
      const clip = await until('the clip', 60_000, async () => { const c = await who.call<Clip>('GET', `/clips/${id}`); return c.status === 'running' ? null : c })
      expect(clip).toMatchObject({ status: 'done', failure: null })
      const file = join(system.dataDir, `${id}.mp4`)
      writeFileSync(file, Buffer.from(await (await fetch(`${system.origin}/api/v1/clips/${id}/file`, { headers: who.headers })).arrayBuffer()))
      const frames = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-vf', 'scale=64:36,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'], { maxBuffer: 1e9 }).stdout
      expect(frames.length).toBeGreaterThan(64 * 36 * 10)
      return { masked: clip.masked, hidden: leftHalf({ pixels: [...frames.subarray(-64 * 36)] }).every(hidden) }
    }
    expect([await clipOf(client), await clipOf(system.client)]).toEqual([{ masked: true, hidden: true }, { masked: false, hidden: false }])
  })
})
