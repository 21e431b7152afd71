import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { film, type Footage } from '../../agents/footage/test-segments.js'
import { newId } from '../../lib/ids.js'
import type { Clip } from '../contract/recording.js'
import { rangeOf } from './footage-clips.js'
import type { Client } from './test-app.js'
import { agentId, openFootage, T } from './test-footage.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 15_000, interval: 20 })
let plain: Footage
beforeAll(() => { plain = film({ seconds: 10, audio: 'aac' }) })

async function open (options: Parameters<typeof openFootage>[0] = {}) {
  const opened = await openFootage(options)
  cleanUps.push(opened.close)
  const { camera, store } = opened
  /** A camera that the inventory knows, with footage of its first ten seconds and of ten more a minute later. */
  async function filmed (groupId: string | null = null) {
    const made = camera({ groupId })
    await store.transaction(async tx => {
      await tx.insert(tx.t.devices).values({ id: made.id, kind: 'camera', name: 'Соборна/1', searchText: '', groupId, address: '192.0.2.1', identityKey: made.id, note: '', enabled: true, settings: {} as never, createdAt: 0, updatedAt: 0 })
      for (const segment of [made.library.add(plain, T), made.library.add(plain, T + 60_000)]) {
        const { wallMs, ...row } = segment
        await tx.insert(tx.t.segments).values({ ...row, agentId, endedAt: segment.startedAt + wallMs })
      }
    })
    return made
  }
  const ask = async (client: Client, deviceId: string, from: number, to: number) => await client.call('POST', '/api/v1/clips', { deviceId, from: T + from, to: T + to }) as { status: number, body: Clip }
  const get = async (client: Client, id: string) => (await client.call('GET', `/api/v1/clips/${id}`)).body as Clip
  const settled = (client: Client, id: string) => until(async () => { const clip = await get(client, id); expect(clip.status).not.toBe('running'); return clip })
  const download = (client: Client, id: string, range?: string) => opened.app.inject({ method: 'GET', url: `/api/v1/clips/${id}/file`, headers: { ...client.headers, ...(range && { range }) } })
  return { ...opened, filmed, ask, get, settled, download }
}

describe('a clip', () => {
  it('is made in the background, tells what it holds and what is missing, and is downloaded whole or in parts', async () => {
    const { signIn, filmed, ask, settled, download, audited, clipsFolder } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const { id: deviceId } = await filmed()
    const { status, body } = await ask(operator, deviceId, 4500, 65_000)
    expect([status, body.status, body.deviceName]).toEqual([201, 'running', 'Соборна/1'])
    const clip = await settled(operator, body.id)
    expect(clip).toMatchObject({ status: 'done', requestedFrom: T + 4500, requestedTo: T + 65_000, deliveredFrom: T + 4000, deliveredTo: T + 65_000, masked: false, gaps: [{ from: T + 10_000, to: T + 60_000, cause: 'link_down' }] })
    const whole = await download(operator, body.id)
    expect([whole.statusCode, whole.headers['content-type'], whole.headers['accept-ranges'], Number(whole.headers['content-length'])]).toEqual([200, 'video/mp4', 'bytes', clip.bytes])
    expect(whole.headers['content-disposition']).toContain(`filename*=UTF-8''${encodeURIComponent('Соборна_1 2026-11-26T12-00-04Z.mp4')}`)
    expect(createHash('sha256').update(whole.rawPayload).digest('hex')).toBe(clip.sha256)
    const part = await download(operator, body.id, 'bytes=100-199')
    expect([part.statusCode, part.headers['content-range']]).toEqual([206, `bytes 100-199/${clip.bytes}`])
    expect(part.rawPayload.equals(whole.rawPayload.subarray(100, 200))).toBe(true)
    expect((await download(operator, body.id, `bytes=${clip.bytes}-`)).statusCode).toBe(416)
    const probe = spawnSync('ffprobe', ['-v', 'warning', '-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', join(clipsFolder, `${body.id}.mp4`)])
    expect(`${probe.stdout}${probe.stderr}`.trim()).toBe('110')
    expect((await audited()).map(a => a.action).filter(a => a.startsWith('clip.'))).toEqual(['clip.create', 'clip.made', 'clip.download'])
  })

  it('belongs to who asked for it; others do not see it, an administrator does', async () => {
    const { signIn, filmed, ask, settled, download, identity } = await open()
    const admin = await signIn({ roles: ['administrator'] })
    const group = await identity.cameraGroups.create({ userId: admin.userId, login: 'a', roles: ['administrator'], allGroups: true, groupIds: [], sessionId: admin.sessionId, ip: '' }, { name: 'Centre' })
    const { id: deviceId } = await filmed(group.id)
    const [one, other, outside] = [await signIn({ roles: ['operator'], allGroups: false, groupIds: [group.id] }), await signIn({ roles: ['operator'] }), await signIn({ roles: ['operator'], allGroups: false })]
    expect((await ask(outside, deviceId, 0, 5000)).status).toBe(404)
    expect((await ask(await signIn({ roles: ['technician'] }), deviceId, 0, 5000)).status).toBe(403)
    const { body } = await ask(one, deviceId, 0, 5000)
    await settled(one, body.id)
    expect((await other.call('GET', `/api/v1/clips/${body.id}`)).status).toBe(404)
    expect((await download(other, body.id)).statusCode).toBe(404)
    expect(((await other.call('GET', '/api/v1/clips')).body as { items: Clip[] }).items).toEqual([])
    expect(((await admin.call('GET', '/api/v1/clips')).body as { items: Clip[] }).items.map(c => c.id)).toEqual([body.id])
    expect((await one.call('DELETE', `/api/v1/clips/${body.id}`)).status).toBe(204)
    expect((await download(one, body.id)).statusCode).toBe(410)
  })

  it('is refused for an interval that is none, and fails with the cause where nothing was recorded', async () => {
    const { signIn, filmed, ask, settled } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const { id: deviceId } = await filmed()
    for (const [from, to] of [[5, 5], [0, 7 * 3_600_000], [Date.now() - T + 1e9, Date.now() - T + 2e9]]) expect((await ask(operator, deviceId, from!, to!)).status).toBe(400)
    const { body } = await ask(operator, deviceId, 200_000, 210_000)
    expect(await settled(operator, body.id)).toMatchObject({ status: 'failed', gaps: [{ from: T + 200_000, to: T + 210_000, cause: 'link_down' }], failure: { code: 'no_footage', detail: 'Cable cut' } })
  })

  it('that is cancelled stops at the agent and leaves no file', async () => {
    const { signIn, filmed, ask, get, agent, clipsFolder, room } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const { id: deviceId, library } = await filmed()
    let release = () => {}
    const read = library.open
    library.open = async segment => { library.opened++; await new Promise<void>(resolve => { release = resolve }); return read(segment) }
    const { body } = await ask(operator, deviceId, 0, 5000)
    await until(() => expect(library.opened).toBe(1))
    expect((await operator.call('POST', `/api/v1/clips/${body.id}/cancel`)).status).toBe(200)
    release()
    await until(() => expect([agent.count, room.streams.count]).toEqual([0, 0]))
    expect((await get(operator, body.id)).status).toBe('cancelled')
    await until(() => expect(existsSync(clipsFolder) ? readdirSync(clipsFolder) : []).toEqual([]))
    expect((await operator.call('POST', `/api/v1/clips/${body.id}/cancel`)).status).toBe(409)
  })

  it('fails in words when its file changes under it or the agent goes, and when the server is stopped', async () => {
    const { signIn, filmed, ask, settled, room, get } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const { id: deviceId, library } = await filmed()
    const read = library.open
    let opened = 0
    library.open = async segment => {
      const source = await read(segment)
      return ++opened > 2 ? { ...source, read: async () => Buffer.alloc(0) } : source
    }
    const { body: cut } = await ask(operator, deviceId, 0, 70_000)
    expect(await settled(operator, cut.id)).toMatchObject({ status: 'failed', failure: { code: 'damaged' } })
    library.open = () => new Promise(() => {})
    const { body: gone } = await ask(operator, deviceId, 0, 5000)
    await until(() => expect(room.streams.count).toBe(1))
    room.streams.stop()
    expect(await settled(operator, gone.id)).toMatchObject({ status: 'failed', failure: { code: 'footage_lost' } })
    const { body: stopped } = await ask(operator, deviceId, 0, 5000)
    await room.clips.stop()
    expect(await get(operator, stopped.id)).toMatchObject({ status: 'failed', failure: { code: 'server_restarted' } })
  })

  it('goes after a week, and what a crash left is cleared at the next start', async () => {
    let ms = T + 3_600_000
    const { signIn, filmed, ask, settled, room, clipsFolder, store, get } = await open({ clock: { now: () => ms } })
    const operator = await signIn({ roles: ['operator'] })
    const { id: deviceId } = await filmed()
    const { body: kept } = await ask(operator, deviceId, 0, 5000)
    await settled(operator, kept.id)
    const crashed = newId()
    await store.transaction(async tx => {
      const [row] = await tx.select().from(tx.t.clips)
      await tx.insert(tx.t.clips).values({ ...row!, id: crashed, status: 'running', sha256: null })
    })
    writeFileSync(join(clipsFolder, `${crashed}.mp4.part`), 'half')
    writeFileSync(join(clipsFolder, `${newId()}.mp4`), 'renamed, but its row was not committed')
    await room.clips.recover()
    expect(readdirSync(clipsFolder)).toEqual([`${kept.id}.mp4`])
    expect(await get(operator, crashed)).toMatchObject({ status: 'failed', failure: { code: 'server_restarted' } })
    ms += 8 * 86_400_000
    await room.clips.expire()
    expect(readdirSync(clipsFolder)).toEqual([])
    expect((await store.read.select().from(store.read.t.clips)).find(c => c.id === kept.id)?.status).toBe('expired')
  })

  it('of a person is one of few at a time', async () => {
    const { signIn, filmed, ask } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const { id: deviceId, library } = await filmed()
    library.open = () => new Promise(() => {})
    const answers = []
    for (let i = 0; i < 11; i++) answers.push((await ask(operator, deviceId, 0, 5000)).status)
    expect(answers).toEqual([...Array(10).fill(201), 429])
  })
})

describe('a range', () => {
  it.each([[undefined, 'all'], ['bytes=0-', { start: 0, end: 99 }], ['bytes=10-19', { start: 10, end: 19 }], ['bytes=90-500', { start: 90, end: 99 }], ['bytes=-10', { start: 90, end: 99 }], ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=100-', 'none'], ['bytes=20-10', 'none'], ['bytes=-', 'all'], ['bytes=0-1,5-6', 'all'], ['items=0-1', 'all']] as const)('%s', (header, expected) => { expect(rangeOf(header, 100)).toEqual(expected) })
})
