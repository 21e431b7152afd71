/**
 * The wall's live feed over socket.io (contract/wall.ts). What is announced goes to rooms of walls with the same rights:
 * the first event at once, what follows within 50 ms in one message.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { lte } from 'drizzle-orm'
import { type Namespace, Server, type Socket } from 'socket.io'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { WallJoin, type WallEvents, type WallSnapshot } from '../contract/wall.js'
import type { Actor } from '../identity/actor.js'
import type { ActorChange } from '../identity/actor-changes.js'
import { allowed } from '../identity/permissions.js'
import type { Store } from '../store/store.js'
import { type Announce, lastWallSeq, type ScopedWallEvent } from '../store/wall-events.js'
import { EventLog, EVENTS_KEPT } from './event-log.js'
import { type AgentStatusOf, readEvents, readSnapshot, snapshotFor, type WholeSnapshot } from './snapshot.js'
import { filtered, type Visibility, visibilityKey } from './visibility.js'

export const WALL_PATH = '/socket.io'
const COALESCE_MS = 50
/** A number that was committed and never announced is fetched after this. */
const GAP_MS = 250
const CHECK_MS = 1_000
const REAUTHENTICATE_MS = 60_000
const PRUNE_MS = 60_000
const MAX_MESSAGE_BYTES = 16 * 1024
/** A wall this far behind is cut off; it comes back with its cursor. */
const BUFFERED_BYTES = 4 * 1024 * 1024
const BUFFERED_PACKETS = 200
/**
 * Only a snapshot is as long as that; ten thousand devices are 3.4 MB, and 0.2 MB deflated. What is told later stays as it is. Nothing is
 * remembered between messages, so that a quiet wall costs no memory.
 */
const SNAPSHOT_DEFLATE = { threshold: 32 * 1024, serverNoContextTakeover: true, clientNoContextTakeover: true, zlibDeflateOptions: { level: 1 } }
/** A snapshot may be on its way this long. */
const SNAPSHOT_WITHIN_MS = 60_000
const JOINS_A_MINUTE = 30
/** What changes without an event (an agent's status) is at most this old. */
const SNAPSHOT_FRESH_MS = 1_000

export interface WallDeps {
  /** The person of this upgrade's cookie, or null. Called again each minute. */
  authenticate: (request: IncomingMessage) => Promise<Actor | null>
  /** Whether the upgrade comes from our own pages. */
  sameOrigin: (request: IncomingMessage) => boolean
  agentStatus: AgentStatusOf
  /** `0.1.0+<boot>`: shown to browsers, who compare the part before the plus. */
  serverVersion: string
}

interface Wall extends Visibility {
  actor: Actor
  joined: boolean
  joins: number[]
  checkedAt: number
  /** Since when its snapshot is on the way; null once it has read it. */
  snapshotAt: number | null
}
const validJoin = Compile(WallJoin)

export async function createWall (store: Store, clock: Clock, log: Log, deps: WallDeps) {
  const start = await lastWallSeq(store.read)
  const events = new EventLog(start, await readEvents(store.read, start - EVENTS_KEPT, start))
  /** Handed to the walls up to here. */
  let flushed = start
  let queue: ScopedWallEvent[] = []
  let timer: NodeJS.Timeout | null = null
  let gapTimer: NodeJS.Timeout | null = null
  let snapshot: { seq: number, at: number, whole: Promise<WholeSnapshot> } | null = null
  /** Rights that changed: a cursor from before shows what is no longer to be seen. */
  const changedAfter = new Map<string, number>()
  const walls = new Map<Socket, Wall>()
  const rooms = new Map<string, Visibility>()
  let io: Server | null = null
  let closed = false
  let namespace: Namespace | null = null

  const message = (list: ScopedWallEvent[], v: Visibility): WallEvents => ({ events: filtered(list, v), serverTime: clock.now() })

  function flush () {
    const list = queue
    queue = []
    if (list.length === 0) {
      timer = null
      return
    }
    flushed = list.at(-1)!.event.seq
    for (const [key, v] of rooms) namespace?.to(key).emit('events', message(list, v))
    timer = setTimeout(flush, COALESCE_MS)
  }

  const publish: Announce = list => {
    if (closed) return
    queue.push(...events.take(list))
    if (!timer) flush()
    if (events.missing !== null && !gapTimer) gapTimer = setTimeout(() => { fillGap().catch(err => log.error({ err }, 'a gap in the wall events could not be filled')) }, GAP_MS)
  }

  async function fillGap () {
    try {
      if (events.missing !== null && !closed) publish(await readEvents(store.read, events.lastSeq, events.lastSeq + EVENTS_KEPT))
    } finally {
      gapTimer = null
    }
  }

  /** One reading serves all walls that come at the same moment, as after a restart. */
  function currentSnapshot () {
    const seq = events.lastSeq
    if (snapshot?.seq !== seq || clock.now() - snapshot.at > SNAPSHOT_FRESH_MS) {
      const whole = readSnapshot(store.read, deps.agentStatus)
      snapshot = { seq, at: clock.now(), whole }
      whole.catch(() => { if (snapshot?.whole === whole) snapshot = null })
    }
    return snapshot!.whole
  }

  /** From here to the end nothing waits, so nothing is flushed between the answer and the room. */
  function enter (socket: Socket, wall: Wall, whole: WholeSnapshot | null, after: number) {
    const from = whole ? whole.seq : after
    if (whole) wall.snapshotAt = clock.now()
    if (whole) socket.emit('snapshot', { ...snapshotFor(whole, wall), serverTime: clock.now(), serverVersion: deps.serverVersion } satisfies WallSnapshot)
    const missed = (events.after(from) ?? []).filter(e => e.event.seq <= flushed)
    if (!whole || missed.length > 0) socket.emit('events', message(missed, wall))
    const key = visibilityKey(wall)
    rooms.set(key, { allGroups: wall.allGroups, groupIds: wall.groupIds })
    wall.joined = true
    socket.join(key)
  }

  async function join (socket: Socket, wall: Wall, asked: unknown) {
    const now = clock.now()
    wall.joins = [...wall.joins.filter(t => now - t < 60_000), now]
    if (!validJoin.Check(asked) || wall.joins.length > JOINS_A_MINUTE) return socket.disconnect(true)
    const { after } = asked
    const known = after !== null && after > (changedAfter.get(wall.actor.userId) ?? -1) && events.after(after) !== null
    const whole = known ? null : await currentSnapshot()
    if (socket.connected) enter(socket, wall, whole, after ?? 0)
  }

  function onConnection (socket: Socket) {
    const { actor } = socket.data as { actor: Actor }
    const wall: Wall = { actor, allGroups: actor.allGroups, groupIds: actor.groupIds, joined: false, joins: [], checkedAt: clock.now(), snapshotAt: null }
    walls.set(socket, wall)
    socket.on('disconnect', () => {
      walls.delete(socket)
      const key = visibilityKey(wall)
      if (![...walls.values()].some(w => visibilityKey(w) === key)) rooms.delete(key)
    })
    socket.on('join', (asked: unknown) => {
      join(socket, wall, asked).catch(err => {
        log.error({ err }, 'a wall could not be given its snapshot')
        socket.disconnect(true)
      })
    })
  }

  const drop = (chosen: (w: Wall) => boolean) => { for (const [socket, wall] of walls) if (chosen(wall)) socket.disconnect(true) }
  function dropUser (userId: string, exceptSessionId?: string) {
    changedAfter.set(userId, events.lastSeq)
    drop(w => w.actor.userId === userId && w.actor.sessionId !== exceptSessionId)
  }

  async function reauthenticate (socket: Socket, wall: Wall) {
    wall.checkedAt = clock.now()
    const actor = await deps.authenticate(socket.request)
    if (!actor || !allowed(actor.roles, 'wall.read')) socket.disconnect(true)
    else if (visibilityKey(actor) !== visibilityKey(wall)) dropUser(actor.userId)
  }

  function check () {
    for (const [socket, wall] of walls) {
      const { writeBuffer, transport } = socket.conn as unknown as { writeBuffer: unknown[], transport?: { socket?: { bufferedAmount?: number } } }
      const isBehind = writeBuffer.length > BUFFERED_PACKETS || (transport?.socket?.bufferedAmount ?? 0) > BUFFERED_BYTES
      if (!isBehind) wall.snapshotAt = null
      // Ten thousand devices are a snapshot of 0.2 MB, deflated: a slow line takes its time.
      if (isBehind && (wall.snapshotAt === null || clock.now() - wall.snapshotAt > SNAPSHOT_WITHIN_MS)) {
        log.warn({ userId: wall.actor.userId, ip: wall.actor.ip }, 'a wall that reads too slowly is cut off')
        socket.disconnect(true)
      } else if (clock.now() - wall.checkedAt >= REAUTHENTICATE_MS) {
        reauthenticate(socket, wall).catch(err => log.warn({ err }, 'a wall could not be checked'))
      }
    }
  }

  async function prune () {
    await store.transaction(tx => tx.delete(tx.t.wallEvents).where(lte(tx.t.wallEvents.seq, events.lastSeq - EVENTS_KEPT)))
  }

  const intervals = [
    setInterval(check, CHECK_MS),
    setInterval(() => { prune().catch(err => log.warn({ err }, 'old wall events were not pruned')) }, PRUNE_MS)
  ]

  return {
    publish,
    prune,
    /** Their rights changed: they come back and start from a snapshot. */
    dropUser,
    dropSession: (sessionId: string) => drop(w => w.actor.sessionId === sessionId),
    /** For identity.onActorChanged. */
    actorChanged ({ userId, sessionId, exceptSessionId }: ActorChange) {
      if (sessionId !== null) drop(w => w.actor.sessionId === sessionId)
      else dropUser(userId, exceptSessionId)
    },
    get count () { return walls.size },
    /** Answers upgrades of WALL_PATH on this server; other paths are left to others. */
    attach (server: HttpServer) {
      io = new Server(server, {
        path: WALL_PATH, transports: ['websocket'], perMessageDeflate: SNAPSHOT_DEFLATE, httpCompression: false, serveClient: false, maxHttpBufferSize: MAX_MESSAGE_BYTES,
        destroyUpgrade: false, connectTimeout: 10_000, pingInterval: 15_000, pingTimeout: 10_000, cookie: false,
        allowRequest: (request, answer) => answer(null, deps.sameOrigin(request))
      })
      io.use((_socket, next) => next(new Error('not_found')))
      namespace = io.of('/wall')
      namespace.use((socket, next) => {
        deps.authenticate(socket.request).then(actor => {
          if (!actor) return next(new Error('unauthenticated'))
          if (!allowed(actor.roles, 'wall.read')) return next(new Error('forbidden'))
          socket.data = { actor }
          next()
        }, () => next(new Error('unavailable')))
      })
      namespace.on('connection', onConnection)
    },
    async close () {
      closed = true
      for (const interval of intervals) clearInterval(interval)
      if (timer) clearTimeout(timer)
      if (gapTimer) clearTimeout(gapTimer)
      namespace?.disconnectSockets(true)
      io?.engine.close()
    }
  }
}
export type WallFeed = Awaited<ReturnType<typeof createWall>>
