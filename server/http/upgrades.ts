/** One listener for WebSocket upgrades: raw handlers by path first, Fastify's routes for the rest, socket.io on its own. */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface Upgrades {
  /** For @fastify/websocket, which would otherwise answer every upgrade on the server, other rooms' included. */
  readonly forFastify: EventEmitter
  /** Hands upgrades of exactly this path (query aside) to `handler`. The handler does its own authentication. */
  handle (path: string, handler: UpgradeHandler): void
  /** Paths under this prefix are answered by somebody who listens on the server itself (socket.io). */
  leave (prefix: string): void
  attach (server: Server): void
  /** Cuts what is still open after `graceMs`: a server does not close while an upgraded socket lives. */
  end (graceMs: number): void
  /** Did this request come as an upgrade to one of Fastify's routes? */
  isUpgrade (request: IncomingMessage): boolean
}

export function createUpgrades (): Upgrades {
  const handlers = new Map<string, UpgradeHandler>()
  const left: string[] = []
  const forFastify = new EventEmitter()
  const open = new Set<Duplex>()
  const upgrading = new WeakSet<IncomingMessage>()
  // Listens first: a header could be written by anybody on a plain request, this mark cannot.
  forFastify.on('upgrade', (request: IncomingMessage) => upgrading.add(request))
  return {
    forFastify,
    handle (path, handler) {
      if (handlers.has(path)) throw new Error(`Two handlers for upgrades of ${path}`)
      handlers.set(path, handler)
    },
    leave (prefix) { left.push(prefix) },
    end (graceMs) {
      setTimeout(() => { for (const socket of open) socket.destroy() }, graceMs).unref()
    },
    isUpgrade: request => upgrading.has(request),
    attach (server) {
      server.on('upgrade', (request, socket, head) => {
        open.add(socket)
        socket.once('close', () => open.delete(socket))
        const path = (request.url ?? '/').split('?')[0]!
        const handler = handlers.get(path)
        if (handler) return handler(request, socket, head)
        if (!left.some(prefix => path.startsWith(prefix))) forFastify.emit('upgrade', request, socket, head)
      })
    }
  }
}
