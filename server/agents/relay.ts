/**
 * Live video from agents to viewers: one subscription upstream for each (device, profile, transcode), whoever watches.
 * Bytes pass unchanged. The agent's socket is always read; a viewer's slowness is its own (viewer-pace.ts).
 */
import type { Log } from '../../lib/log.js'
import type { MaskRegion } from '../contract/footage.js'
import type { StreamProfile } from '../contract/health.js'
import type { MediaCommand, MediaHeader, StreamInfo } from '../contract/media.js'
import { StreamCache } from './stream-cache.js'
import { MediaUpstream, type UpstreamSocket } from './upstream.js'
import type { Viewer } from './viewer.js'

/** The camera's pull goes on this long after its last viewer: a click on the next tile and back costs nothing. */
export const LINGER_MS = 5000
/** A second socket of an agent is another worker (it says which cameras it has) or, after this, the successor of a dead one. */
export const SETTLE_MS = 500
const MAX_UPSTREAMS = 64

/** With `masks` the stream is always made anew, and nothing is shown that does not say that it is masked. */
export interface Wanted { deviceId: string, agentId: string, profile: StreamProfile, transcode: boolean, masks?: readonly MaskRegion[] }

interface Channel {
  wanted: Wanted
  key: string
  /** Where it is asked for, and under which number; null while the agent's media link is away. */
  from: { upstream: MediaUpstream, stream: number } | null
  info: StreamInfo
  cache: StreamCache
  viewers: Set<Viewer>
  lingering: NodeJS.Timeout | null
}

const keyOf = (w: Wanted) => `${w.agentId} ${w.deviceId} ${w.profile} ${w.transcode} ${JSON.stringify(w.masks ?? [])}`
const isMasked = ({ masks }: Wanted) => masks !== undefined && masks.length > 0
const isHevc = (codec: string | null) => codec !== null && /^(hvc1|hev1)/.test(codec)

export class MediaRelay {
  readonly #upstreams = new Map<string, MediaUpstream[]>()
  readonly #channels = new Map<string, Channel>()
  readonly #byStream = new Map<number, Channel>()
  #lastStream = 0

  constructor (private readonly deps: { log: Log, maxViewers: number }) {}

  get viewers () { return [...this.#channels.values()].reduce((n, c) => n + c.viewers.size, 0) }
  get full () { return this.viewers >= this.deps.maxViewers }
  get streams () { return this.#channels.size }

  /** An agent's media socket, authenticated. */
  attach (agentId: string, socket: UpstreamSocket) {
    const others = this.#upstreams.get(agentId) ?? []
    const upstream = new MediaUpstream(agentId, socket, {
      info: (u, info) => this.#info(u, info), bytes: (u, header, bytes) => this.#bytes(u, header, bytes),
      serves: () => this.#reroute(agentId), closed: u => this.#lost(u)
    }, this.deps.log)
    this.#upstreams.set(agentId, [...others, upstream])
    if (others.length >= MAX_UPSTREAMS) others[0]!.end()
    if (others.length > 0) return void setTimeout(() => this.#settle(upstream), SETTLE_MS)
    upstream.settled = true
    this.#reroute(agentId)
  }

  /** It has all cameras, so whoever had all before it is dead and does not know it. */
  #settle (upstream: MediaUpstream) {
    if (upstream.settled || !this.#upstreams.get(upstream.agentId)?.includes(upstream)) return
    upstream.settled = true
    for (const other of this.#upstreams.get(upstream.agentId) ?? []) if (other !== upstream && other.settled && other.serves === null) other.end()
    this.#reroute(upstream.agentId)
  }

  /** The agent was revoked: nothing of it is shown any more. */
  cut (agentId: string) { for (const upstream of this.#upstreams.get(agentId) ?? []) upstream.end() }

  #of (agentId: string) { return [...this.#channels.values()].filter(c => c.wanted.agentId === agentId) }

  #upstreamFor ({ agentId, deviceId }: Wanted) {
    const newestFirst = (this.#upstreams.get(agentId) ?? []).filter(u => u.settled).reverse()
    return newestFirst.find(u => u.serves?.has(deviceId)) ?? newestFirst.find(u => u.serves === null) ?? null
  }

  #reroute (agentId: string) {
    for (const channel of this.#of(agentId)) if ((channel.from?.upstream ?? null) !== this.#upstreamFor(channel.wanted)) this.#subscribe(channel)
  }

  /** Shows the stream to the viewer until the answered function is called. */
  watch (wanted: Wanted, viewer: Viewer): () => void {
    this.#join(this.#channel(wanted), viewer)
    return () => {
      // Looked up anew: the viewer may have been moved to a transcoded stream.
      for (const channel of this.#channels.values()) if (channel.viewers.delete(viewer)) this.#left(channel)
    }
  }

  /** Those of these devices that somebody watches. */
  watched (deviceIds: readonly string[]) {
    const wanted = new Set([...this.#channels.values()].map(c => c.wanted.deviceId))
    return deviceIds.filter(id => wanted.has(id))
  }
  watches (deviceId: string, agentId: string) { return this.#of(agentId).some(c => c.wanted.deviceId === deviceId) }

  /** A device was disabled, removed or given to another agent. */
  dropDevice (deviceId: string, code: number, reason: string) {
    for (const channel of [...this.#channels.values()].filter(c => c.wanted.deviceId === deviceId)) {
      for (const viewer of channel.viewers) viewer.close(code, reason)
      channel.viewers.clear()
      this.#end(channel)
    }
  }

  #channel (wanted: Wanted): Channel {
    const key = keyOf(wanted)
    const known = this.#channels.get(key)
    if (known) return known
    const channel: Channel = { wanted, key, from: null, info: this.#blank(wanted, 0), cache: new StreamCache(), viewers: new Set(), lingering: null }
    this.#channels.set(key, channel)
    this.#subscribe(channel)
    return channel
  }

  #blank ({ transcode }: Wanted, stream: number, silent = false): StreamInfo {
    return {
      type: 'stream', stream, status: silent ? 'failed' : 'connecting', videoCodec: null, audioCodec: null, width: null, height: null, client: 'own', transcoded: transcode,
      failure: silent ? { code: 'agent_silent', detail: 'The agent of this camera sends no video: its connection is away.' } : null
    }
  }

  #subscribe (channel: Channel) {
    this.#unsubscribe(channel)
    channel.cache.clear()
    const upstream = this.#upstreamFor(channel.wanted)
    if (upstream) {
      const stream = ++this.#lastStream
      channel.from = { upstream, stream }
      this.#byStream.set(stream, channel)
      const { deviceId, profile, transcode, masks } = channel.wanted
      upstream.send({ type: 'subscribe', stream, deviceId, profile, transcode, ...(masks && masks.length > 0 && { masks: [...masks] }) } satisfies MediaCommand)
    }
    this.#tell(channel, this.#blank(channel.wanted, channel.from?.stream ?? 0, !upstream))
  }

  #unsubscribe (channel: Channel) {
    if (!channel.from) return
    this.#byStream.delete(channel.from.stream)
    channel.from.upstream.send({ type: 'unsubscribe', stream: channel.from.stream })
    channel.from = null
  }

  #tell (channel: Channel, info: StreamInfo) {
    channel.info = info
    for (const viewer of [...channel.viewers]) this.#show(channel, viewer)
  }

  /** Tells a viewer what the stream is, or moves it to the transcoded one if it could not play this. */
  #show (channel: Channel, viewer: Viewer) {
    if (channel.wanted.transcode || viewer.hevc || !isHevc(channel.info.videoCodec)) return viewer.tell(channel.info)
    channel.viewers.delete(viewer)
    this.#left(channel)
    this.#join(this.#channel({ ...channel.wanted, transcode: true }), viewer)
  }

  #join (channel: Channel, viewer: Viewer) {
    if (channel.lingering) clearTimeout(channel.lingering)
    channel.lingering = null
    channel.viewers.add(viewer)
    this.#show(channel, viewer)
    if (!channel.viewers.has(viewer) || !channel.cache.init) return
    viewer.init(channel.cache.init)
    for (const { bytes, key, audio } of channel.cache.burst) viewer.fragment(bytes, { key, audio })
  }

  #left (channel: Channel) {
    if (channel.viewers.size > 0 || channel.lingering) return
    if (channel.wanted.transcode && this.#of(channel.wanted.agentId).some(c => c.info.failure?.code === 'transcoder_busy')) return this.#end(channel)
    channel.lingering = setTimeout(() => this.#end(channel), LINGER_MS)
  }

  #end (channel: Channel) {
    if (channel.lingering) clearTimeout(channel.lingering)
    this.#channels.delete(channel.key)
    this.#unsubscribe(channel)
  }

  /** A stream's number is honoured only on the socket on which it was asked for. */
  #from (upstream: MediaUpstream, stream: number) {
    const channel = this.#byStream.get(stream)
    return channel?.from?.upstream === upstream ? channel : undefined
  }

  #info (upstream: MediaUpstream, info: StreamInfo) {
    const channel = this.#from(upstream, info.stream)
    if (!channel) return
    // A place that is kept for nobody goes to who waits for one.
    if (info.failure?.code === 'transcoder_busy') for (const idle of this.#of(upstream.agentId)) if (idle.wanted.transcode && idle.lingering) this.#end(idle)
    this.#tell(channel, isMasked(channel.wanted) && info.status === 'playing' && !info.masked ? { ...info, status: 'failed', failure: { code: 'internal', detail: 'The agent cannot hide what is masked for you: it must be upgraded.' } } : info)
  }

  #bytes (upstream: MediaUpstream, header: MediaHeader, bytes: Buffer) {
    const channel = this.#from(upstream, header.stream)
    if (channel && isMasked(channel.wanted) && !channel.info.masked) return
    const taken = channel?.cache.take(header, bytes)
    if (!channel || !taken) return
    for (const viewer of channel.viewers) {
      if (taken === 'init') viewer.init(bytes)
      else viewer.fragment(bytes, taken)
    }
  }

  /** Viewers stay: they are shown that the picture is gone, and get it again when the agent returns. */
  #lost (upstream: MediaUpstream) {
    const left = (this.#upstreams.get(upstream.agentId) ?? []).filter(u => u !== upstream)
    if (left.length > 0) this.#upstreams.set(upstream.agentId, left)
    else this.#upstreams.delete(upstream.agentId)
    this.#reroute(upstream.agentId)
  }

  stop () {
    for (const channel of [...this.#channels.values()]) {
      for (const viewer of channel.viewers) viewer.close(1012, 'restart')
      this.#end(channel)
    }
    for (const upstream of [...this.#upstreams.values()].flat()) upstream.end()
  }
}
