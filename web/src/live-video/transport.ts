/** One stream's WebSocket: opened, watched, opened again with growing pauses. Knows messages, not pictures. */
import { type LiveClock, type LiveMode, type LiveRequest, MEDIA_HEADER_BYTES, type MediaHeader, readMediaHeader, type StreamInfo } from '../../../server/contract/media.js'
import { heardClock, type ServerClock } from './server-clock.js'
import type { Problem } from './stale.js'

/** Milliseconds before attempt n (from 0), by the reason of the close; null means never again by itself. */
export function pauseMs (closeCode: number, attempt: number, random: number): number | null {
  if (closeCode === 4401) return null
  const base = { 4403: 60_000, 4404: 60_000, 4408: 2000, 4410: 20_000, 4503: 3000 }[closeCode]
  const wanted = base ?? Math.min(400 * 2 ** attempt, 10_000)
  return Math.round(wanted * (0.75 + random * 0.5))
}
const problems: Record<number, Problem['kind']> = { 4401: 'signed_out', 4403: 'not_permitted', 4404: 'removed', 4408: 'too_slow', 4410: 'disabled', 4503: 'agent_away' }
export const problemOf = (closeCode: number) => problems[closeCode] ?? 'network'

export interface TransportEvents {
  opened: () => void
  info: (info: StreamInfo) => void
  mode: (mode: LiveMode) => void
  clock: (clock: { serverOffsetMs: number, agentOffsetMs: number }) => void
  media: (header: MediaHeader, payload: Uint8Array) => void
  /** `retryAt` in ms of Date.now(), null when it will not try again. */
  closed: (kind: Problem['kind'], retryAt: number | null) => void
}
export interface Transport { send: (request: LiveRequest) => void, close: () => void }

const PING_MS = 4000
/** Nothing heard this long, not even an answer to a ping: the line is dead though nobody said so. */
const DEAD_MS = 10_000

export function openTransport (url: string, events: TransportEvents): Transport {
  let socket: WebSocket | null = null
  let attempt = 0
  let heardAt = 0
  /** Date.now() of the question that is not yet answered. */
  let pingedAt: number | null = null
  let clock: ServerClock | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let closed = false

  const send = (request: LiveRequest) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request)) }
  /** One question at a time: on a slow line the answer to an earlier one would pass for that to the next. */
  const ping = () => { if (pingedAt !== null) return; pingedAt = Date.now(); send({ type: 'ping' }) }
  const onText = (text: string) => {
    const message = JSON.parse(text) as StreamInfo | LiveMode | LiveClock
    if (message.type === 'stream') events.info(message)
    else if (message.type === 'mode') events.mode(message)
    else if (message.type === 'clock') {
      if (pingedAt !== null) clock = heardClock(clock, { askedAt: pingedAt, heardAt: Date.now(), serverTime: message.serverTime })
      pingedAt = null
      if (clock) events.clock({ serverOffsetMs: clock.offsetMs, agentOffsetMs: message.agentOffsetMs })
    }
  }
  const onMessage = (event: MessageEvent<string | ArrayBuffer>) => {
    heardAt = performance.now()
    if (typeof event.data === 'string') { onText(event.data); return }
    if (event.data.byteLength <= MEDIA_HEADER_BYTES) return
    attempt = 0
    events.media(readMediaHeader(new DataView(event.data)), new Uint8Array(event.data, MEDIA_HEADER_BYTES))
  }
  const lost = (code: number) => {
    socket = null
    if (closed) return
    const pause = pauseMs(code, attempt++, Math.random())
    events.closed(problemOf(code), pause === null ? null : Date.now() + pause)
    if (pause !== null) retry = setTimeout(open, pause)
  }
  const open = () => {
    if (closed) return
    const ws = new WebSocket(url)
    ws.binaryType = 'arraybuffer'
    heardAt = performance.now()
    ws.onopen = () => { pingedAt = null; heardAt = performance.now(); events.opened(); ping() }
    ws.onmessage = event => { if (ws === socket) onMessage(event) }
    ws.onclose = event => { if (ws === socket) lost(event.code) }
    socket = ws
  }
  const watch = setInterval(() => {
    if (!socket) return
    if (performance.now() - heardAt > DEAD_MS) {
      const dead = socket
      socket.onclose = null
      dead.close()
      lost(1006)
    } else ping()
  }, PING_MS)
  open()
  return {
    send,
    close () {
      closed = true
      clearInterval(watch)
      clearTimeout(retry)
      if (socket) { socket.onclose = null; socket.onmessage = null; socket.close() }
      socket = null
    }
  }
}
export function liveUrl (deviceId: string, profile: 'main' | 'sub', hevc: boolean, at: { protocol: string, host: string } = location) {
  return `${at.protocol === 'https:' ? 'wss:' : 'ws:'}//${at.host}/api/v1/devices/${deviceId}/live?profile=${profile}&hevc=${hevc ? 1 : 0}`
}
