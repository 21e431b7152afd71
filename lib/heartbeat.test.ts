import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { DEAD_AFTER_MS, keepAlive, PING_EVERY_MS } from './heartbeat.js'

class Socket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  pings = 0
  ping () { this.pings++ }
  terminate () { this.readyState = 3; this.emit('close') }
}
const set = (o?: Parameters<typeof keepAlive>[1]) => {
  const socket = new Socket()
  keepAlive(socket as unknown as WebSocket, o)
  return socket
}
beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('the heartbeat', () => {
  it('cuts a peer that says nothing for 30 s', () => {
    const socket = set()
    vi.advanceTimersByTime(DEAD_AFTER_MS)
    expect([socket.readyState, socket.pings]).toEqual([1, 3])
    vi.advanceTimersByTime(PING_EVERY_MS)
    expect(socket.readyState).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })
  it.each(['message', 'ping', 'pong'])('a %s is a sign of life', event => {
    const socket = set()
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(PING_EVERY_MS)
      socket.emit(event)
    }
    expect(socket.readyState).toBe(1)
  })
  it('does not judge a socket that is deliberately not read', () => {
    let held = true
    const socket = set({ excused: () => held })
    vi.advanceTimersByTime(DEAD_AFTER_MS * 4)
    expect(socket.readyState).toBe(1)
    held = false
    vi.advanceTimersByTime(DEAD_AFTER_MS + PING_EVERY_MS)
    expect(socket.readyState).toBe(3)
  })
})
