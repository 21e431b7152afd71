import { connect, type Socket } from 'node:net'
import type { Login } from '../digest/authorizer.js'
import { faultOf, RtspFault } from './fault.js'
import { InterleavedReader, type RtspMessage } from './interleaved.js'
import { RtspRequests } from './requests.js'
import { parseSdp, type SdpMedia } from './sdp.js'

export interface RtspTarget {
  host: string
  port: number
  /** Begins with a slash; may hold a query. */
  path: string
  login: Login | null
}
export interface RtspTrack { media: SdpMedia, channel: number }
export interface RtspSession {
  tracks: RtspTrack[]
  /** TCP holds the camera back until `resume`. */
  pause (): void
  resume (): void
  /** Settles when the connection ends after PLAY; never rejects. */
  ended: Promise<RtspFault>
  close (): void
}
export interface RtspOptions {
  /** Which media to set up; null refuses the whole stream by throwing. */
  choose (media: readonly SdpMedia[]): SdpMedia[]
  /** Bytes came; the packets in them follow. A clock read here is read once for all of them. */
  arrived? (): void
  /** One RTP or RTCP packet; the bytes are valid only during the call. A throw ends the session. */
  packet (channel: number, buffer: Buffer, start: number, end: number): void
  /** Known before the first packet can arrive. */
  tracks (tracks: RtspTrack[]): void
  signal: AbortSignal
  /** Instead of what is live: headers of SETUP and of PLAY. */
  replay?: { setup: Record<string, string>, play: Record<string, string> }
  /** Every message of the camera, before the packets behind it. */
  heard?: (message: RtspMessage) => void
  connectTimeoutMs?: number
  /** From connected to PLAY answered, however slowly the bytes come. */
  handshakeTimeoutMs?: number
}

/**
 * One read buffer for every connection of the process: the reader takes or copies what it needs before the callback
 * returns, so a hundred cameras need no hundred buffers.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)

/**
 * Opens a stream over TCP, interleaved (RFC 2326). The address is the target's and stays it: redirects are refused, and of
 * Content-Base and control URLs only the path is used. @throws RtspFault
 */
export async function openRtsp (target: RtspTarget, options: RtspOptions): Promise<RtspSession> {
  const wire = openWire(target, options)
  const { signal } = options
  const abort = () => wire.end(new RtspFault('internal', 'The stream was given up'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  void wire.ended.then(() => signal.removeEventListener('abort', abort))
  try {
    await wire.connected
    const timer = setTimeout(() => wire.end(wire.slowness()), options.handshakeTimeoutMs ?? 10_000)
    try {
      const { tracks, base, keepAlive } = await handshake(wire.requests, target, options)
      const pulse = setInterval(() => wire.requests.tell(keepAlive.method, base), keepAlive.everyMs)
      void wire.ended.then(() => clearInterval(pulse))
      return { tracks, pause: wire.pause, resume: wire.resume, ended: wire.ended, close () { wire.requests.tell('TEARDOWN', base); wire.end(new RtspFault('internal', 'Closed by us')) } }
    } finally {
      clearTimeout(timer)
    }
  } catch (error) {
    const fault = faultOf(error)
    wire.end(fault)
    throw fault
  }
}

/**
 * Is something there that speaks RTSP? Connects, asks OPTIONS, and goes. A refusal of the password is an answer too.
 * @returns ms from question to answer. @throws RtspFault
 */
export async function probeRtsp (target: RtspTarget, signal: AbortSignal, deadlineMs = 5000): Promise<number> {
  return askOnce({ ...target, login: null }, signal, deadlineMs, async requests => {
    const began = performance.now()
    await requests.request('OPTIONS', originOf(target) + target.path).catch((error: unknown) => {
      const fault = faultOf(error)
      if (!['authentication_failed', 'not_permitted', 'no_stream', 'wrong_identity'].includes(fault.code)) throw fault
    })
    return performance.now() - began
  })
}

/** Asks for the stream's description with the target's login, which is shown at most once, and goes. Resolves where the camera gives it. @throws RtspFault */
export async function describeRtsp (target: RtspTarget, signal: AbortSignal, deadlineMs = 5000): Promise<void> {
  await askOnce(target, signal, deadlineMs, requests => requests.request('DESCRIBE', originOf(target) + target.path, { Accept: 'application/sdp' }))
}

/** A connection for one question. */
async function askOnce<T> (target: RtspTarget, signal: AbortSignal, deadlineMs: number, ask: (requests: RtspRequests) => Promise<T>): Promise<T> {
  const wire = openWire(target, { choose: () => [], tracks () {}, packet () {}, signal, connectTimeoutMs: deadlineMs })
  const timer = setTimeout(() => wire.end(wire.slowness()), deadlineMs)
  const abort = () => wire.end(new RtspFault('internal', 'The question was given up'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await wire.connected
    return await ask(wire.requests)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    wire.end(new RtspFault('internal', 'Closed by us'))
  }
}

/** IPv6 addresses stand in brackets. */
export const originOf = ({ host, port }: Pick<RtspTarget, 'host' | 'port'>) => `rtsp://${host.includes(':') ? `[${host}]` : host}:${port}`

/** The socket, its reader, and one way to end both. */
function openWire (target: RtspTarget, options: RtspOptions) {
  let over: RtspFault | null = null
  let receivedBytes = 0
  let finish: (fault: RtspFault) => void = () => {}
  const ended = new Promise<RtspFault>(resolve => { finish = resolve })
  const end = (fault: RtspFault) => {
    if (over) return
    over = fault
    requests.fail(fault)
    if (socket.connecting) socket.destroy()
    else { socket.end(); socket.destroySoon() }
    finish(fault)
  }
  const reader = new InterleavedReader({ packet: options.packet, message: (m: RtspMessage) => {
    options.heard?.(m)
    if (m.status > 0) requests.received(m)
  } })
  const socket: Socket = connect({
    host: target.host, port: target.port, noDelay: true,
    onread: { buffer: readBuffer, callback (length, buffer) {
      if (over) return true
      receivedBytes += length
      options.arrived?.()
      try { reader.push(buffer as Buffer, length) } catch (error) { end(faultOf(error)) }
      return true
    } }
  })
  const requests = new RtspRequests(text => { if (!over && socket.writable) socket.write(text, 'latin1') }, target.login)
  socket.on('error', error => end(faultOf(error)))
  socket.on('end', () => end(new RtspFault('connection_reset', 'The camera closed the connection')))
  socket.on('close', () => end(new RtspFault('connection_reset', 'The camera closed the connection')))
  const connected = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => end(new RtspFault('connection_timeout', 'No answer from the address')), options.connectTimeoutMs ?? 5000)
    socket.once('connect', () => { clearTimeout(timer); resolve() })
    void ended.then(fault => { clearTimeout(timer); reject(fault) })
  })
  connected.catch(() => {})
  return {
    connected, ended, end, requests,
    pause: () => { socket.pause() },
    resume: () => { if (!over) socket.resume() },
    slowness: () => reader.partial || receivedBytes > 0
      ? new RtspFault('answered_too_slowly', 'The camera answers, but too slowly to be used')
      : new RtspFault('timeout', 'The camera took the connection and said nothing')
  }
}

async function handshake (requests: RtspRequests, target: RtspTarget, options: RtspOptions) {
  const origin = originOf(target)
  const url = origin + target.path
  const methods = await askMethods(requests, url)
  const described = await requests.request('DESCRIBE', url, { Accept: 'application/sdp' })
  const sdp = parseSdp(described.body)
  const base = origin + pathOf(described.headers.get('content-base')?.[0] ?? described.headers.get('content-location')?.[0], target.path)
  const chosen = options.choose(sdp.media)
  const tracks = chosen.map((media, i) => ({ media, channel: i * 2 }))
  let timeoutS = 60
  for (const track of tracks) {
    const answer = await requests.request('SETUP', controlUrl(origin, base, track.media.control),
      { Transport: `RTP/AVP/TCP;unicast;interleaved=${track.channel}-${track.channel + 1}`, ...options.replay?.setup })
    const transport = answer.headers.get('transport')?.[0] ?? ''
    const channels = /interleaved=(\d+)/.exec(transport)
    if (!channels && /UDP|client_port/i.test(transport)) throw new RtspFault('protocol_error', 'The camera insists on UDP')
    if (channels) track.channel = Number(channels[1])
    const [id, ...parameters] = (answer.headers.get('session')?.[0] ?? '').split(';')
    if (id && requests.session === null) requests.session = id.trim().slice(0, 200)
    const declared = Number(/timeout\s*=\s*(\d{1,6})/.exec(parameters.join(';'))?.[1])
    if (declared > 0) timeoutS = declared
  }
  options.tracks(tracks)
  const aggregate = controlUrl(origin, base, sdp.control === '*' ? null : sdp.control)
  await requests.request('PLAY', aggregate, options.replay?.play ?? { Range: 'npt=0.000-' })
  const keepAlive = { method: methods.includes('GET_PARAMETER') ? 'GET_PARAMETER' : 'OPTIONS', everyMs: Math.min(30_000, Math.max(1000, timeoutS * 400)) }
  return { tracks, base: aggregate, keepAlive }
}

/** Some cameras answer OPTIONS wrongly and stream well, so only its absence of an answer matters. */
async function askMethods (requests: RtspRequests, url: string): Promise<string> {
  try {
    const answer = await requests.request('OPTIONS', url)
    return (answer.headers.get('public') ?? []).join(',').toUpperCase()
  } catch (error) {
    const fault = faultOf(error)
    if (fault.code === 'protocol_error' || fault.code === 'no_stream' || fault.code === 'not_permitted') return ''
    throw fault
  }
}

/** Path and query of a URL that the camera gave; its host is not ours to believe. */
export function pathOf (url: string | undefined, fallback: string): string {
  if (!url) return fallback
  const absolute = /^rtspu?s?:\/\/[^/?]*(.*)$/i.exec(url)
  const path = absolute ? absolute[1]! : url
  const clean = path.replace(/[^\x21-\x7e]/g, '')
  return clean === '' ? '/' : clean.startsWith('/') || clean.startsWith('?') ? clean : `/${clean}`
}

/** RFC 2326 C.1.1, as cameras understand it: a relative control is appended to the base, not resolved against it. */
function controlUrl (origin: string, base: string, control: string | null): string {
  if (control === null || control === '' || control === '*') return base
  if (/^[a-z]+:\/\//i.test(control)) return origin + pathOf(control, '/')
  if (control.startsWith('/')) return origin + pathOf(control, '/')
  const clean = control.replace(/[^\x21-\x7e]/g, '')
  return base.endsWith('/') ? base + clean : `${base}/${clean}`
}
