/** One camera's WebSocket of recorded video: opened, opened again with growing pauses. Knows messages, not pictures. */
import type { FootageNote, PlaybackRequest } from '../../../../server/contract/footage.js'
import { MEDIA_HEADER_BYTES, type MediaHeader, readMediaHeader } from '../../../../server/contract/media.js'
import type { Problem } from '../../live-video/stale.js'
import { pauseMs, problemOf } from '../../live-video/transport.js'

export interface LineEvents {
  opened: () => void
  note: (note: FootageNote) => void
  media: (header: MediaHeader, payload: Uint8Array) => void
  closed: (kind: Problem['kind']) => void
}
export interface Line { send: (request: PlaybackRequest) => void, isOpen: () => boolean, close: () => void }

export function openLine (url: string, events: LineEvents): Line {
  let socket: WebSocket | null = null
  let attempt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let closed = false

  const onMessage = (event: MessageEvent<string | ArrayBuffer>) => {
    if (typeof event.data === 'string') { events.note(JSON.parse(event.data) as FootageNote); return }
    if (event.data.byteLength <= MEDIA_HEADER_BYTES) return
    attempt = 0
    events.media(readMediaHeader(new DataView(event.data)), new Uint8Array(event.data, MEDIA_HEADER_BYTES))
  }
  const lost = (code: number) => {
    socket = null
    if (closed) return
    events.closed(problemOf(code))
    const pause = pauseMs(code, attempt++, Math.random())
    if (pause !== null) retry = setTimeout(open, pause)
  }
  const open = () => {
    if (closed) return
    const ws = new WebSocket(url)
    ws.binaryType = 'arraybuffer'
    ws.onopen = () => { if (ws === socket) events.opened() }
    ws.onmessage = event => { if (ws === socket) onMessage(event) }
    ws.onclose = event => { if (ws === socket) lost(event.code) }
    socket = ws
  }
  open()
  return {
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    send (request) { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request)) },
    close () {
      closed = true
      clearTimeout(retry)
      if (socket) { socket.onclose = null; socket.onmessage = null; socket.close() }
      socket = null
    }
  }
}
export function playbackUrl (deviceId: string, hevc: boolean, at: { protocol: string, host: string } = location) {
  return `${at.protocol === 'https:' ? 'wss:' : 'ws:'}//${at.host}/api/v1/devices/${deviceId}/playback?hevc=${hevc ? 1 : 0}`
}
