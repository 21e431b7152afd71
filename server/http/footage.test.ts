import { randomBytes } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { film, type Footage } from '../../agents/footage/test-segments.js'
import { newId } from '../../lib/ids.js'
import type { MaskRegion } from '../contract/footage.js'
import { agentId, openFootage, otherAgentId, T } from './test-footage.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 10_000, interval: 10 })
async function open (options: Parameters<typeof openFootage>[0] = {}) {
  const opened = await openFootage(options)
  cleanUps.push(opened.close)
  return opened
}
let plain: Footage
beforeAll(() => { plain = film({ seconds: 10 }) })
const play = (id: number, from: number, over: object = {}) => ({ type: 'play', id, from: T + from, to: null, mode: 'all', direction: 'forward', until: T + 1e7, ...over })

describe('a still over HTTP', () => {
  it('is made once for all who scrub over its second, is an entry of the audit a minute, and of nothing names the cause', async () => {
    const { signIn, camera, asked, audited } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const { id, library } = camera()
    library.add(plain, T)
    const answers = await Promise.all([3100, 3500, 3999, 8100].map(at => operator.call('GET', `/api/v1/devices/${id}/still?at=${T + at}&width=160`)))
    expect(answers.map(a => [a.status, a.headers['content-type'], a.headers.vary])).toEqual(Array(4).fill([200, 'image/jpeg', 'cookie']))
    expect(answers.map(a => Number(a.headers['x-taken-at']) - T)).toEqual([3000, 3000, 3000, 8000])
    expect(asked).toHaveLength(2)
    expect((await audited()).map(a => a.action)).toEqual(['video.stills'])
    const nothing = await operator.call('GET', `/api/v1/devices/${id}/still?at=${T + 60_000}`)
    expect([nothing.status, nothing.body]).toMatchObject([404, { kind: 'no_footage', errors: [{ code: 'link_down', message: 'Cable cut' }] }])
    expect((await (await signIn({ roles: ['operator'], allGroups: false })).call('GET', `/api/v1/devices/${id}/still?at=${T}`)).status).toBe(404)
  })
})

describe('playback', () => {
  it('is sent up to the moment that the browser wants, and what was sent is recorded', async () => {
    const { signIn, camera, watch, audited, room } = await open()
    const { id, library } = camera()
    library.add(plain, T)
    const view = watch(await signIn({ roles: ['operator'] }), id)
    view.ask(play(7, 1500, { to: T + 9000, until: T + 2000 }))
    await until(() => expect(view.frames.filter(f => f.kind === 2).map(f => f.at)).toEqual(Array.from({ length: 11 }, (_, i) => 1000 + i * 100)))
    expect(view.notes).toMatchObject([{ type: 'stream', id: 7, width: 320 }])
    expect((await audited()).map(a => a.action)).toContain('video.playback')
    view.ask({ type: 'window', id: 7, until: T + 2300 })
    await until(() => expect(view.frames.at(-1)!.at).toBe(2300))
    view.ask({ type: 'window', id: 7, until: T + 20_000 })
    await until(() => expect(view.notes.at(-1)).toMatchObject({ type: 'end', id: 7, at: T + 8900 }))
    expect(new Set(view.frames.map(f => f.id))).toEqual(new Set([7]))
    expect(room.streams.count).toBe(0)
    view.socket.close()
    await until(async () => expect((await audited()).find(a => a.action === 'video.watched')?.details.intervals).toEqual([{ from: T + 1000, to: T + 8900 }]))
  })

  it('of a new moment ends the one before; stop ends it; the agent is told by the closing of its socket', async () => {
    const { signIn, camera, watch, agent, room } = await open()
    const { id, library } = camera()
    library.add(plain, T)
    const view = watch(await signIn({ roles: ['operator'] }), id)
    view.ask(play(1, 0, { until: T + 1000 }))
    await until(() => expect(view.frames.at(-1)?.at).toBe(1000))
    view.ask(play(2, 5000, { until: T + 5500 }))
    await until(() => expect(view.frames.at(-1)).toMatchObject({ id: 2, at: 5500 }))
    view.ask({ type: 'window', id: 1, until: T + 4000 })
    await until(() => expect(agent.count).toBe(1))
    view.ask({ type: 'stop', id: 2 })
    await until(() => expect([agent.count, room.streams.count]).toEqual([0, 0]))
    expect(view.frames.filter(f => f.id === 1).at(-1)!.at).toBe(1000)
  })

  it('of nothing says what is missing and why', async () => {
    const { signIn, camera, watch } = await open()
    const { id } = camera()
    const view = watch(await signIn({ roles: ['operator'] }), id)
    view.ask(play(3, 0, { to: T + 1000 }))
    await until(() => expect(view.notes.at(-1)).toMatchObject({ type: 'failed', id: 3, code: 'no_footage', cause: 'link_down', detail: 'Cable cut' }))
  })

  it('of a camera that was moved goes on at the agent that has it next', async () => {
    const { signIn, camera, watch, store, asked } = await open()
    const { id, library, elsewhere } = camera()
    await store.transaction(async tx => {
      for (const [agent, { wallMs, ...row }] of [[otherAgentId, elsewhere.add(plain, T)], [agentId, library.add(plain, T + 12_000)]] as const) {
        await tx.insert(tx.t.segments).values({ ...row, agentId: agent, endedAt: row.startedAt + wallMs })
      }
    })
    const view = watch(await signIn({ roles: ['operator'] }), id)
    view.ask(play(1, 8000, { to: T + 14_000 }))
    await until(() => expect(view.notes.at(-1)).toMatchObject({ type: 'end', id: 1, at: T + 13_900 }))
    expect(view.frames.filter(f => f.kind === 2).map(f => f.at)).toEqual([...Array.from({ length: 20 }, (_, i) => 8000 + i * 100), ...Array.from({ length: 20 }, (_, i) => 12_000 + i * 100)])
    expect(view.notes.filter(n => n.type === 'gap')).toMatchObject([{ from: T + 10_000, to: T + 12_000, cause: 'link_down' }])
    expect(asked.map(c => c.request)).toMatchObject([{ from: T + 8000, to: T + 12_000 }, { from: T + 12_000, to: T + 14_000 }])
  })

  it('sends stills beside what is played', async () => {
    const { signIn, camera, watch } = await open()
    const { id, library } = camera()
    library.add(plain, T)
    const view = watch(await signIn({ roles: ['operator'] }), id)
    view.ask(play(1, 0, { until: T + 100 }))
    view.ask({ type: 'still', id: 9, at: T + 4444 })
    await until(() => expect(view.notes.filter(n => n.id === 9).map(n => n.type)).toEqual(['stream', 'end']))
    expect(view.frames.filter(f => f.id === 9)).toEqual([{ id: 9, kind: 1, at: -T }, { id: 9, kind: 2, at: 4000 }])
  })

  it('asks for masks where somebody must not see all', async () => {
    const mask: MaskRegion = [[0, 0], [0.5, 0], [0.5, 0.5]]
    const { signIn, camera, watch, asked } = await open({ masks: [mask] })
    const { id, library } = camera()
    library.add(plain, T)
    watch(await signIn({ roles: ['operator'] }), id).ask(play(1, 0))
    await until(() => expect(asked[0]?.request).toMatchObject({ what: 'play', masks: [mask] }))
  })

  it('is refused to those who may not, cut when the camera leaves their groups, and ends on nonsense', async () => {
    const { signIn, camera, watch, identity } = await open()
    const admin = { userId: newId(), login: 'admin', roles: ['administrator'] as const, allGroups: true, groupIds: [], sessionId: newId(), ip: '' }
    const { id: groupId } = await identity.cameraGroups.create(admin, { name: 'Centre' })
    const { id, library, move } = camera({ groupId })
    library.add(plain, T)
    expect(await watch(await signIn({ roles: ['auditor'] }), id).closed).toBe(4403)
    expect(await watch(await signIn({ roles: ['operator'], allGroups: false }), id).closed).toBe(4404)
    const view = watch(await signIn({ roles: ['operator'], allGroups: false, groupIds: [groupId] }), id)
    view.ask(play(1, 0, { until: T + 500 }))
    await until(() => expect(view.frames.at(-1)?.at).toBe(500))
    move(newId())
    expect(await view.closed).toBe(4404)
    const other = watch(await signIn({ roles: ['operator'] }), id)
    other.ask({ type: 'nonsense' })
    expect(await other.closed).toBe(1008)
  })

  it('that nobody takes is not read from the disk either, and all of it comes when somebody does', async () => {
    const { signIn, camera, watch } = await open()
    const { id, library } = camera()
    const heavy: Footage = { ...plain, samples: plain.samples.map(s => ({ ...s, bytes: randomBytes(150_000) })) }
    for (let i = 0; i < 4; i++) library.add(heavy, T + i * 10_000)
    const operator = await signIn({ roles: ['operator'] })
    const [held, slow, quick] = [watch(operator, id), watch(operator, id), watch(operator, id)]
    held.ask(play(1, 0, { to: T + 40_000, until: T + 100 }))
    slow.ask(play(1, 0, { to: T + 40_000 }))
    await until(() => expect([held.frames.length, slow.frames.length].every(n => n > 2)).toBe(true))
    slow.socket.pause()
    const before = library.opened
    quick.ask(play(2, 0, { to: T + 40_000 }))
    await until(() => expect(quick.notes.at(-1)).toMatchObject({ type: 'end' }))
    expect(library.opened - before).toBeLessThan(8)
    expect(held.frames.at(-1)!.at).toBe(100)
    slow.socket.resume()
    held.ask({ type: 'window', id: 1, until: T + 40_000 })
    for (const view of [held, slow]) {
      await until(() => expect(view.notes.at(-1)).toMatchObject({ type: 'end' }))
      expect(view.frames.filter(f => f.kind === 2)).toHaveLength(400)
    }
  })
})
