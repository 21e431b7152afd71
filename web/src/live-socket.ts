/** Feeds the reducer from socket.io `/wall` and tells the screens how the connection stands. */
import { useSyncExternalStore } from 'react'
import { io, type Socket } from 'socket.io-client'
import type { WallEvents, WallJoin, WallSnapshot } from '../../server/contract/wall.js'
import { applyEvents, emptyWall, fromSnapshot, type WallState } from './live.js'

interface Connection {
  status: 'connecting' | 'online' | 'reconnecting' | 'offline' | 'signed_out'
  /** When the connection was lost, ms of this computer; null while online. */
  since: number | null
  /** Server's clock minus this computer's, ms. */
  clockOffsetMs: number
  /** The server runs another version than the one this page joined first. */
  versionChanged: boolean
}
/** After a refusal (the server's database is away, the rights are not there yet), ms. */
const REFUSED_RETRY_MS = 3000
interface Live { wall: WallState, connection: Connection }

const initial: Live = { wall: emptyWall, connection: { status: 'connecting', since: null, clockOffsetMs: 0, versionChanged: false } }
let live = initial
let socket: Socket | null = null
let firstVersion: string | null = null
const listeners = new Set<() => void>()

function set (next: Partial<Live>) {
  live = { ...live, ...next }
  for (const listener of listeners) listener()
}
const connection = (change: Partial<Connection>) => set({ connection: { ...live.connection, ...change } })

function join () {
  const ask: WallJoin = { after: live.wall.seq }
  socket?.emit('join', ask)
}

/** The sign: positive when the server is ahead. One-way delay makes it a little too small, which only makes pictures look older. */
function heard (serverTime: number) {
  const offset = serverTime - Date.now()
  const before = live.connection.clockOffsetMs
  // Messages that waited in a queue look like a slow clock: follow upwards at once, downwards slowly.
  const clockOffsetMs = before === 0 || offset > before ? offset : before + (offset - before) * 0.02
  return Math.abs(clockOffsetMs - before) < 1 ? before : clockOffsetMs
}

function lost (reason: 'reconnecting' | 'signed_out') {
  const status = reason === 'reconnecting' && !navigator.onLine ? 'offline' : reason
  if (live.connection.status !== status) connection({ status, since: live.connection.since ?? Date.now() })
}

function onSnapshot (snapshot: WallSnapshot) {
  firstVersion ??= snapshot.serverVersion
  const versionChanged = buildOf(firstVersion) !== buildOf(snapshot.serverVersion)
  set({ wall: fromSnapshot(live.wall, snapshot), connection: { ...live.connection, status: 'online', since: null, clockOffsetMs: heard(snapshot.serverTime), versionChanged } })
}
/** `0.1.0+boot`: a restart alone needs no new page, another build does. */
const buildOf = (version: string) => version.split('+')[0]

function onEvents (message: WallEvents) {
  const { state, gap } = applyEvents(live.wall, message)
  const clockOffsetMs = heard(message.serverTime)
  const before = live.connection
  const changed = before.status !== 'online' || clockOffsetMs !== before.clockOffsetMs
  if (state !== live.wall || changed) {
    set({ wall: state, connection: changed ? { ...before, status: 'online', since: null, clockOffsetMs } : before })
  }
  if (gap) join()
}

export function startLive () {
  if (socket) return
  socket = io('/wall', { transports: ['websocket'], reconnectionDelay: 500, reconnectionDelayMax: 5000, timeout: 8000 })
  socket.on('connect', join)
  socket.on('snapshot', onSnapshot)
  socket.on('events', onEvents)
  socket.on('disconnect', reason => {
    lost('reconnecting')
    // The server closes when a session ends; ask again, and `connect_error` will say so.
    if (reason === 'io server disconnect') setTimeout(() => socket?.connect(), 1000)
  })
  socket.on('connect_error', error => {
    const signedOut = /signed_out|unauthenticated/.test(error.message)
    lost(signedOut ? 'signed_out' : 'reconnecting')
    // Refused by the server and not by the network: socket.io does not try again by itself.
    if (!signedOut && socket?.active === false) setTimeout(() => socket?.connect(), REFUSED_RETRY_MS)
  })
  addEventListener('online', reconnectNow)
  addEventListener('offline', nowOffline)
}
const reconnectNow = () => { if (live.connection.status === 'offline') connection({ status: 'reconnecting' }); if (socket && !socket.connected) socket.connect() }
const nowOffline = () => lost('reconnecting')

export function stopLive () {
  removeEventListener('online', reconnectNow)
  removeEventListener('offline', nowOffline)
  socket?.disconnect()
  socket = null
  firstVersion = null
  set(initial)
}

const subscribe = (listener: () => void) => { listeners.add(listener); return () => { listeners.delete(listener) } }
/** The part of the live state that a component needs; it renders again only when that part changed. */
export function useLive<T> (select: (live: Live) => T): T {
  return useSyncExternalStore(subscribe, () => select(live))
}
export const useWall = <T>(select: (wall: WallState) => T) => useLive(l => select(l.wall))
/** Milliseconds by the server's clock. */
export const serverNow = () => Date.now() + live.connection.clockOffsetMs
