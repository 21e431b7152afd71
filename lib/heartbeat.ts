import type { WebSocket } from 'ws'

export const PING_EVERY_MS = 10_000
export const DEAD_AFTER_MS = 30_000

/**
 * Finds a peer that is gone without saying so: pings, and cuts the socket when nothing at all was heard for
 * `deadAfterMs`. `excused` holds the verdict back, for a socket that is deliberately not read. Ends with the socket.
 */
export function keepAlive (socket: WebSocket, { pingEveryMs = PING_EVERY_MS, deadAfterMs = DEAD_AFTER_MS, excused = (): boolean => false } = {}) {
  // Counted in ticks rather than by the clock: a machine that slept must not find every peer dead on waking.
  const allowed = Math.ceil(deadAfterMs / pingEveryMs)
  let silentTicks = 0
  const heard = () => { silentTicks = 0 }
  const timer = setInterval(() => {
    if (excused()) silentTicks = 0
    if (silentTicks++ >= allowed) return socket.terminate()
    if (socket.readyState === socket.OPEN) socket.ping()
  }, pingEveryMs)
  socket.on('message', heard)
  socket.on('ping', heard)
  socket.on('pong', heard)
  socket.once('close', () => clearInterval(timer))
}
