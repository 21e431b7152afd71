import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { WallEvents, WallSnapshot } from '../contract/wall.js'
import type { Actor } from '../identity/actor.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { createWall, type WallFeed } from '../wall/wall.js'
import { addAgent, addDevices, addGroup, failed, log, ok, Story } from './story.js'

/** A browser's wall: keeps what it was told, and lets a test await the next message that fits. */
class Browser {
  readonly heard: ({ snapshot: WallSnapshot } | { events: WallEvents['events'] })[] = []
  closed = false
  error: string | null = null
  private waiting: (() => void)[] = []
  readonly socket: Socket
  constructor (url: string, cookie: string, after: number | null = null, headers: Record<string, string> = {}) {
    this.socket = io(`${url}/wall`, { transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: { cookie, ...headers } })
    this.socket.on('connect', () => this.socket.emit('join', { after }))
    this.socket.on('snapshot', (snapshot: WallSnapshot) => this.take(() => this.heard.push({ snapshot })))
    this.socket.on('events', ({ events }: WallEvents) => this.take(() => this.heard.push({ events })))
    this.socket.on('disconnect', () => this.take(() => { this.closed = true }))
    this.socket.on('connect_error', err => this.take(() => { this.error = err.message }))
  }
  private take (act: () => void) {
    act()
    for (const wake of this.waiting.splice(0)) wake()
  }
  async until (what: () => boolean) {
    while (!what()) await new Promise<void>(resolve => this.waiting.push(resolve))
    return this
  }
  get snapshot () { return this.heard.flatMap(h => ('snapshot' in h ? [h.snapshot] : [])).at(-1) }
  get events () { return this.heard.flatMap(h => ('events' in h ? h.events : [])) }
  get seq () { return Math.max(this.snapshot?.seq ?? 0, ...this.events.map(e => e.seq)) }
}

forEachStore('the wall', stores => {
  let store: Store
  let story: Story
  let wall: WallFeed
  let server: Server
  let url: string
  let agent: string
  const actors = new Map<string, Actor>()
  const open: Browser[] = []
  const browser = (cookie: string, after?: number | null, headers?: Record<string, string>) => {
    const b = new Browser(url, cookie, after, headers)
    open.push(b)
    return b
  }
  const person = (cookie: string, groupIds: string[] | 'all', roles: Actor['roles'] = ['operator']) => {
    const actor: Actor = { userId: newId(), login: cookie, roles, allGroups: groupIds === 'all', groupIds: groupIds === 'all' ? [] : groupIds, sessionId: newId(), ip: '127.0.0.1' }
    actors.set(cookie, actor)
    return actor
  }
  async function startServer () {
    wall = await createWall(store, story.clock, log, {
      authenticate: async request => actors.get(request.headers.cookie ?? '') ?? null, sameOrigin: request => request.headers.origin !== 'http://evil.example',
      agentStatus: () => 'online', serverVersion: '1.0.0+boot'
    })
    server = createServer()
    wall.attach(server)
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    story.announce = wall.publish
  }
  async function stopServer () {
    await wall.close()
    await new Promise(resolve => { server.close(resolve) })
  }

  beforeEach(async () => {
    store = await stores.open()
    story = new Story(store)
    agent = await addAgent(store, story.clock.now(), 'north')
  })
  afterEach(async () => {
    for (const b of open.splice(0)) b.socket.disconnect()
    await stopServer()
  })

  test('two operators with two camera groups see their own only; the numbering stays whole', async () => {
    const [east, west] = [await addGroup(store, 'east'), await addGroup(store, 'west')]
    const [e, w, sw] = await addDevices(store, story.clock.now(), agent, [{ name: 'east 1', groupId: east }, { name: 'west 1', groupId: west }, { kind: 'switch', name: 'core' }])
    await story.start()
    await startServer()
    person('olena', [east])
    person('taras', [west])
    person('lead', 'all')
    const [olena, taras, lead] = [browser('olena'), browser('taras'), browser('lead')]
    for (const b of [olena, taras, lead]) await b.until(() => b.snapshot !== undefined)
    expect([olena, taras, lead].map(b => b.snapshot!.devices.map(d => d.name))).toEqual([['core', 'east 1'], ['core', 'west 1'], ['core', 'east 1', 'west 1']])

    await story.say(agent, [ok(e!), ok(w!), ok(sw!, 'snmp')])
    for (let i = 0; i < 2; i++) {
      await story.pass(5)
      await story.say(agent, [failed(e!)])
    }
    for (const b of [olena, taras, lead]) await b.until(() => b.seq === 5)
    const told = (b: Browser) => b.events.map(x => x.change.kind)
    expect(told(lead)).toEqual(['device_state', 'device_state', 'device_state', 'alarm', 'device_state'])
    expect(told(olena)).toEqual(['device_state', 'none', 'device_state', 'alarm', 'device_state'])
    expect(told(taras)).toEqual(['none', 'device_state', 'device_state', 'none', 'none'])
    const late = browser('taras')
    await late.until(() => late.snapshot !== undefined)
    expect([late.snapshot!.seq, late.snapshot!.alarms]).toEqual([5, []])
  })

  test('a wall that was away gets exactly what it missed, also after a restart of the server', async () => {
    const cameras = await addDevices(store, story.clock.now(), agent, Array.from({ length: 5 }, (_, i) => ({ name: `c${i}` })))
    await story.start()
    await startServer()
    person('olena', 'all')
    const first = browser('olena')
    await first.until(() => first.snapshot !== undefined)
    await story.say(agent, [ok(cameras[0]!)])
    await first.until(() => first.seq === 1)
    first.socket.disconnect()
    await story.say(agent, [ok(cameras[1]!), ok(cameras[2]!)])
    const back = browser('olena', 1)
    await back.until(() => back.seq === 3)
    expect([back.events.map(x => x.seq), back.snapshot]).toEqual([[2, 3], undefined])
    await stopServer()
    await story.say(agent, [ok(cameras[3]!)])
    await startServer()
    const later = browser('olena', 3)
    await later.until(() => later.seq === 4)
    expect([later.events.map(x => x.seq), later.snapshot]).toEqual([[4], undefined])
    const tooNew = browser('olena', 99)
    await tooNew.until(() => tooNew.snapshot !== undefined)
    expect(tooNew.snapshot!.seq).toBe(4)
    const nothingMissed = browser('olena', 4)
    await nothingMissed.until(() => nothingMissed.heard.length > 0)
    expect(nothingMissed.heard).toEqual([{ events: [] }])
  })

  test('a storm comes as one message after the first; an announcement that was lost is fetched', async () => {
    const cameras = await addDevices(store, story.clock.now(), agent, Array.from({ length: 60 }, (_, i) => ({ name: `c${i}` })))
    await story.start()
    await startServer()
    person('olena', 'all')
    const b = browser('olena')
    await b.until(() => b.snapshot !== undefined)
    story.announce = () => {}
    for (const id of cameras.slice(0, 50)) await story.say(agent, [ok(id)])
    for (const event of story.events) wall.publish([event])
    await b.until(() => b.seq === 50)
    expect(b.heard.slice(1).map(h => ('events' in h ? h.events.map(x => x.seq) : []))).toEqual([[1], Array.from({ length: 49 }, (_, i) => i + 2)])

    await story.say(agent, [ok(cameras[50]!)])
    story.announce = wall.publish
    await story.say(agent, [ok(cameras[51]!)])
    await b.until(() => b.seq === 52)
    expect(b.events.map(x => x.seq).slice(-2)).toEqual([51, 52])
  })

  test('without a session, without the role, or from elsewhere: refused', async () => {
    await story.start()
    await startServer()
    person('requester', 'all', ['requester'])
    const [nobody, forbidden, evil] = [browser('nobody'), browser('requester'), browser('requester', null, { origin: 'http://evil.example' })]
    for (const b of [nobody, forbidden, evil]) await b.until(() => b.error !== null)
    expect([nobody.error, forbidden.error]).toEqual(['unauthenticated', 'forbidden'])
    expect(wall.count).toBe(0)
  })

  test('a session that ended drops its wall; rights that changed bring a snapshot even to a fresh cursor', async () => {
    const group = await addGroup(store, 'east')
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'c', groupId: group }])
    await story.start()
    await startServer()
    const olena = person('olena', [group])
    const taras = person('taras', 'all')
    const [a, b] = [browser('olena'), browser('taras')]
    for (const x of [a, b]) await x.until(() => x.snapshot !== undefined)
    await story.say(agent, [ok(camera!)])
    wall.dropSession(taras.sessionId)
    await b.until(() => b.closed)
    expect(a.closed).toBe(false)
    actors.set('olena', { ...olena, groupIds: [] })
    wall.dropUser(olena.userId)
    await a.until(() => a.closed)
    const again = browser('olena', 1)
    await again.until(() => again.snapshot !== undefined)
    expect(again.snapshot!.devices).toEqual([])
  })

  test('a long snapshot is deflated on its way, a short message is not', async () => {
    const written = () => [...sockets].reduce((sum, s) => sum + s.bytesWritten, 0)
    const ids = await addDevices(store, story.clock.now(), agent, Array.from({ length: 400 }, (_, i) => ({ name: `camera ${i}` })))
    await story.start()
    await startServer()
    const sockets = new Set<{ bytesWritten: number }>()
    server.on('connection', socket => sockets.add(socket))
    person('p', 'all')
    const b = browser('p')
    await b.until(() => b.snapshot !== undefined)
    expect(b.snapshot!.devices.map(d => d.id).sort()).toEqual(ids.sort())
    const long = JSON.stringify(b.snapshot).length
    expect(long).toBeGreaterThan(64 * 1024)
    expect(written()).toBeLessThan(long / 4)
    const before = written()
    await story.say(agent, [ok(ids[0]!)])
    await b.until(() => b.events.length > 0)
    expect(written() - before).toBeGreaterThan(JSON.stringify(b.events).length)
  })

  test('nonsense instead of a join ends the connection', async () => {
    await story.start()
    await startServer()
    person('olena', 'all')
    const b = browser('olena')
    await b.until(() => b.snapshot !== undefined)
    b.socket.emit('join', { after: 'yesterday' })
    await b.until(() => b.closed)
    const flood = browser('olena')
    await flood.until(() => flood.snapshot !== undefined)
    for (let i = 0; i < 40; i++) flood.socket.emit('join', { after: 0 })
    await flood.until(() => flood.closed)
  })

  test('only the latest events are kept in the database', async () => {
    const cameras = await addDevices(store, story.clock.now(), agent, [{ name: 'c' }])
    await story.start()
    await startServer()
    await story.say(agent, [ok(cameras[0]!)])
    await store.transaction(tx => tx.update(tx.t.wallClock).set({ seq: 20_000 }))
    await stopServer()
    await startServer()
    await wall.prune()
    expect((await story.rows('wallEvents')).length).toBe(0)
  })
})
