/**
 * What a camera recorded itself, over RTSP as ONVIF's Streaming Specification (chapter 6) has it: a range of its clock, as fast as we take it,
 * each picture with the time of its recording. The same pipeline as for live video makes the fragments; only its clock is the recording's.
 */
import { openRtsp, type RtspSession, type RtspTarget, type RtspTrack } from './client.js'
import { faultOf, RtspFault } from './fault.js'
import { chooseMedia, MediaPipeline } from './own-pull.js'
import type { PullSink } from './pull.js'

const EXTENSION_ID = 0xabac
const NTP_EPOCH_S = 2_208_988_800
const BYE = 203

export interface ReplayMark { /** The camera's clock, ms since 1970. */ atMs: number, /** The last picture before a hole or the end. */ ends: boolean, /** The last of all. */ terminal: boolean }

/** The replay extension of an RTP packet; null without one. */
export function readReplayMark (buffer: Buffer, start: number, end: number): ReplayMark | null {
  if (end - start < 12 || !(buffer[start]! & 0x10)) return null
  const at = start + 12 + (buffer[start]! & 0x0f) * 4
  // Some cameras put it first among several (6.3.1: a JPEG extension may follow), so its length is at least, not exactly, three words.
  if (at + 16 > end || buffer.readUInt16BE(at) !== EXTENSION_ID || buffer.readUInt16BE(at + 2) < 3) return null
  const seconds = buffer.readUInt32BE(at + 4)
  if (seconds === 0) return null
  const flags = buffer[at + 12]!
  return { atMs: (seconds - NTP_EPOCH_S) * 1000 + buffer.readUInt32BE(at + 8) / 4_294_967.296, ends: (flags & 0x40) !== 0, terminal: (flags & 0x10) !== 0 }
}

const clockText = (ms: number) => new Date(ms).toISOString().replace(/[-:]/g, '')
/** The beginning of an answered `Range: clock=...`; null for anything else. */
export function rangeStart (header: string): number | null {
  const m = /clock\s*=\s*(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d(?:\.\d+)?)Z/.exec(header)
  return m ? Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]), Number(m[4]), Number(m[5])) + Number(m[6]) * 1000 : null
}

export interface ReplayOptions {
  target: RtspTarget
  /** By the camera's clock. */
  from: number, to: number
  /** The camera's clock minus ours. */
  offsetMs: number
  /** Gets fragments with our wall clock in `atMs`. */
  sink: PullSink
  /** At most so many bytes a second are taken. */
  bytesPerS: number
  signal: AbortSignal
  /** Without a packet for so long it is over. */
  silentMs?: number
}
export interface Replay {
  /** `end`: the camera said so, or closed after the end of what it has; otherwise why it broke off. Never rejects. */
  ended: Promise<'end' | RtspFault>
  /** Pictures and sound received, bytes. */
  readonly bytes: number
  close (): void
}

/** RFC 2326 wants the range's end in the same format; cameras that ignore it are cut by us. */
const playHeaders = (from: number, to: number) => ({ Require: 'onvif-replay', Range: `clock=${clockText(from)}-${clockText(to)}`, 'Rate-Control': 'no' })

export function startReplay (o: ReplayOptions): Replay {
  const { signal, offsetMs } = o
  const abort = new AbortController()
  /** Our wall clock at the recording of the packet that is being read. */
  let now = o.from - offsetMs
  const pipeline = new MediaPipeline(o.sink, { wall: () => now, mono: () => now }, now)
  const rates = new Map<number, number>()
  const firstOf = new Map<number, number>()
  let session: RtspSession | null = null
  /** Where the camera says that it begins. */
  let beginsAt = o.from
  let bytes = 0
  let marked = false
  let said: ReplayMark | null = null
  let bye = false
  const flow = throttle(o.bytesPerS, () => session)

  /** Where the camera does not say when a picture was recorded: from its first one on, which was asked for. */
  function reckon (channel: number, buffer: Buffer, start: number) {
    const rate = rates.get(channel)
    if (!rate) return
    const timestamp = buffer.readUInt32BE(start + 4)
    const first = firstOf.get(channel) ?? timestamp
    firstOf.set(channel, first)
    now = beginsAt - offsetMs + ((timestamp - first) | 0) / rate * 1000
  }

  function packet (channel: number, buffer: Buffer, start: number, end: number) {
    bytes += end - start
    flow.take(end - start)
    if (rates.has(channel)) {
      const mark = readReplayMark(buffer, start, end)
      if (mark) {
        marked = true
        said = mark
        now = mark.atMs - offsetMs
        pipeline.report(channel, { ntpMs: mark.atMs, rtpTimestamp: buffer.readUInt32BE(start + 4) })
      } else if (!marked && end - start >= 12) reckon(channel, buffer, start)
      pipeline.packet(channel, buffer, start, end, now)
    } else if (end - start >= 4 && buffer[start + 1] === BYE) bye = true
    if (said?.terminal || bye) finish()
  }
  let finished = false
  /** The last packet of a picture may still be on its way: its marker ends it. */
  function finish () {
    if (finished) return
    finished = true
    setTimeout(() => session?.close(), 200).unref()
  }

  function tracks (all: readonly RtspTrack[]) {
    for (const { media, channel } of all) rates.set(channel, media.clockRate)
    pipeline.open(all)
  }

  const run = async (): Promise<'end' | RtspFault> => {
    try {
      session = await openRtsp(o.target, {
        signal: AbortSignal.any([signal, abort.signal]), choose: chooseMedia, tracks, packet,
        heard: m => { beginsAt = rangeStart(m.headers.get('range')?.[0] ?? '') ?? beginsAt },
        replay: { setup: { Require: 'onvif-replay' }, play: playHeaders(o.from, o.to) }
      })
      const watch = flow.watch(o.silentMs ?? 10_000, () => session?.close())
      const fault = await session.ended
      watch.stop()
      if (finished || said?.ends) return 'end'
      return watch.silent ? new RtspFault('stream_stalled', 'The camera stopped sending in the middle') : fault
    } catch (error) {
      return faultOf(error)
    } finally { flow.stop() }
  }
  return {
    ended: run(),
    get bytes () { return bytes },
    close () {
      finished = true
      session?.close()
      abort.abort()
    }
  }
}

/** Takes no more than so many bytes a second, by letting TCP hold the camera back; and sees when nothing comes. */
function throttle (bytesPerS: number, sessionOf: () => RtspSession | null) {
  let credit = bytesPerS
  let at = performance.now()
  let lastMs = at
  let paused: NodeJS.Timeout | null = null
  return {
    take (size: number) {
      const now = performance.now()
      lastMs = now
      credit = Math.min(bytesPerS, credit + (now - at) / 1000 * bytesPerS) - size
      at = now
      const session = sessionOf()
      if (credit > 0 || paused || !session) return
      session.pause()
      paused = setTimeout(() => {
        paused = null
        lastMs = performance.now()
        session.resume()
      }, Math.max(20, -credit / bytesPerS * 1000))
    },
    watch (silentMs: number, gone: () => void) {
      lastMs = performance.now()
      const state = { silent: false, stop: () => clearInterval(timer) }
      const timer = setInterval(() => {
        if (paused || performance.now() - lastMs < silentMs) return
        state.silent = true
        gone()
      }, 500)
      return state
    },
    stop () { if (paused) clearTimeout(paused) }
  }
}
