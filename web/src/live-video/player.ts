/** One camera on one screen: transport, sink and sound held together, with everything that a tile has to tell. */
import { MediaFlag, MediaKind, type LiveMode, type MediaHeader, type StreamInfo } from '../../../server/contract/media.js'
import { msePlays, playsHevc, webCodecsPlays } from './codecs.js'
import type { Mode } from './governor.js'
import { arrive, punctual, wayMs } from './lateness.js'
import { enrol } from './page.js'
import { mseSink } from './mse-sink.js'
import type { Presented, Sink } from './sink.js'
import { type Speaker, speakerFor } from './speaker.js'
import type { Clock, Newest, Problem } from './stale.js'
import { liveUrl, openTransport, type Transport } from './transport.js'
import { webCodecsSink } from './webcodecs-sink.js'

export interface PlayerStatus {
  newest: Newest | null
  clock: Clock | null
  problem: Problem | null
  mode: Mode
  modeReason: LiveMode['reason'] | 'slow_machine'
  keyIntervalMs: number | null
  info: StreamInfo | null
  decoder: Sink['kind'] | null
  retryAt: number | null
  visible: boolean
}
export interface PlayerOptions { deviceId: string, profile: 'main' | 'sub', canvas: HTMLCanvasElement, video: HTMLVideoElement, focused: boolean, onChange: () => void }
export interface Player { status: () => PlayerStatus, setVisible: (visible: boolean) => void, setSound: (on: boolean) => void, close: () => void }

const MAX_SINK_FAILURES = 3
const SETTLED_AGE_MS = 700
const SETTLE_MS = 2500

export function createPlayer (options: PlayerOptions): Player {
  const { deviceId, profile, canvas, video } = options
  let status: PlayerStatus = { newest: null, clock: null, problem: null, mode: 'all', modeReason: 'asked', keyIntervalMs: null, info: null, decoder: null, retryAt: null, visible: false }
  let transport: Transport | null = null
  let sink: Sink | null = null
  let speaker: Speaker | null = null
  let initBytes: Uint8Array | null = null
  let soundOn = false
  let lastNumber: number | null = null
  const lastOf = { video: -1, audio: -1 }
  let lastKeyAt: number | null = null
  let wanted: Mode = 'all'
  let sinkFailures = 0
  let noWebCodecs = false
  let generation = 0
  let closed = false
  let pauseTimer: ReturnType<typeof setTimeout> | undefined
  let lateness = punctual
  let missed = false
  const counters = { presented: 0, pictureDelayMs: null as number | null, lineLateMs: 0, droppedBefore: 0, drawnAgeMs: null as number | null, settled: false, firstAt: 0 }

  const set = (change: Partial<PlayerStatus>) => { status = { ...status, ...change }; options.onChange() }
  const dropSink = () => { if (sink) { counters.droppedBefore += sink.dropped(); sink.close(); sink = null } }

  const ageNow = (atMs: number) => Date.now() + (status.clock?.serverOffsetMs ?? 0) - (atMs - (status.clock?.agentOffsetMs ?? 0))

  const presented = (p: Presented) => {
    counters.presented++
    counters.pictureDelayMs = performance.timeOrigin + p.drawnAt - p.atMs
    counters.drawnAgeMs = status.clock ? ageNow(p.atMs) - wayMs(lateness) : null
    counters.firstAt ||= p.drawnAt
    // A viewer starts with pictures that the server kept: old at first, and no sign of overload.
    counters.settled ||= (counters.drawnAgeMs ?? 0) < SETTLED_AGE_MS || p.drawnAt - counters.firstAt > SETTLE_MS
    sinkFailures = 0
    const before = status.newest
    status = { ...status, newest: { atMs: p.atMs, drawnAt: p.drawnAt } }
    tile.presented(p)
    // Screens read ages once in a while; only the first picture and the end of a trouble are worth telling at once.
    if (!before || status.problem || performance.now() - before.drawnAt > 1000) set({ problem: null })
  }
  const sinkFailed = (_why: string, fatal: boolean) => {
    dropSink()
    sinkFailures++
    if (fatal || sinkFailures >= MAX_SINK_FAILURES) {
      // The other way may still do; when neither does, say so rather than try for ever.
      if (!noWebCodecs) { noWebCodecs = true; sinkFailures = 0 } else { set({ problem: { kind: 'unsupported' } }); return }
    }
    void makeSink()
  }
  /** Chooses how to play the codec, then hands over the init segment kept meanwhile. */
  const makeSink = async () => {
    const info = status.info
    const mine = ++generation
    dropSink()
    if (!info?.videoCodec || closed) return
    const facts = { codec: info.videoCodec, width: info.width ?? 0, height: info.height ?? 0 }
    const codecs = !noWebCodecs && await webCodecsPlays(facts.codec)
    if (mine !== generation || closed) return
    if (!codecs && !msePlays(facts.codec)) { set({ problem: { kind: 'unsupported' }, decoder: null }); return }
    const events = { presented, failed: sinkFailed }
    sink = codecs ? webCodecsSink(canvas, facts, events) : mseSink(video, facts, events)
    sink.setMode(status.mode)
    set({ decoder: sink.kind })
    if (initBytes) sink.init(initBytes)
  }
  const onInfo = (info: StreamInfo) => {
    const codecChanged = info.videoCodec !== status.info?.videoCodec
    const bad = info.status === 'failed' || info.status === 'stalled'
    const problem: Problem | null = bad ? { kind: 'stream', code: info.failure?.code ?? (info.status === 'stalled' ? 'stream_stalled' : null), detail: info.failure?.detail ?? '' } : info.status === 'playing' ? null : status.problem
    set({ info, problem })
    if (codecChanged || (info.videoCodec && !sink)) { if (codecChanged) initBytes = null; void makeSink() }
    if (codecChanged || !speaker) restartSound()
  }
  const onMedia = (header: MediaHeader, payload: Uint8Array) => {
    if (header.kind === MediaKind.init) {
      initBytes = payload
      lastNumber = null
      lastKeyAt = null
      sink?.init(payload)
      speaker?.init(payload)
      return
    }
    if (header.kind !== MediaKind.fragment) return
    const audio = (header.flags & MediaFlag.audio) !== 0
    const kind = audio ? 'audio' : 'video'
    // Numbers run over both tracks, or over each: either way the next one means that nothing is missing.
    const follows = lastNumber === null || header.number === (lastNumber + 1) >>> 0 || header.number === (lastOf[kind] + 1) >>> 0
    lastNumber = header.number
    lastOf[kind] = header.number
    if (audio) { speaker?.push(payload, header.atMs); return }
    const key = (header.flags & MediaFlag.key) !== 0
    if (key) {
      const interval = lastKeyAt === null ? null : header.atMs - lastKeyAt
      lastKeyAt = header.atMs
      if (interval !== null && interval > 0 && interval < 60_000) status = { ...status, keyIntervalMs: interval }
    }
    // What is still on its way when key frames were asked for is shown: the next key frame may be a second off.
    const arrival = arrive(lateness, ageNow(header.atMs), performance.now())
    lateness = arrival.lateness
    counters.lineLateMs = Math.max(0, ageNow(header.atMs) - wayMs(lateness))
    if (arrival.late && !key) { counters.droppedBefore++; missed = true; return }
    const broken = missed || !follows
    missed = false
    try { sink?.push(payload, { key, broken, atMs: header.atMs }) } catch (error) { sinkFailed(String(error), false) }
  }
  const askMode = (mode: Mode) => {
    if (wanted === mode) return
    wanted = mode
    transport?.send({ type: 'mode', mode })
    sink?.setMode(mode)
    set({ mode, modeReason: mode === 'keyframes' ? 'slow_machine' : 'recovered' })
  }
  const connect = async () => {
    const hevc = await playsHevc()
    if (closed || transport || !status.visible) return
    transport = openTransport(liveUrl(deviceId, profile, hevc), {
      opened: () => { lastNumber = null; lateness = punctual; counters.settled = false; counters.firstAt = 0; if (wanted === 'keyframes') transport?.send({ type: 'mode', mode: wanted }); set({ retryAt: null }) },
      info: onInfo,
      mode: m => { sink?.setMode(m.mode); set({ mode: m.mode === 'keyframes' ? 'keyframes' : wanted, modeReason: m.reason === 'slow_viewer' ? 'slow_viewer' : wanted === 'keyframes' ? 'slow_machine' : 'recovered' }) },
      clock: clock => { status = { ...status, clock } },
      media: onMedia,
      closed: (kind, retryAt) => set({ problem: { kind } as Problem, retryAt })
    })
  }
  const disconnect = () => {
    generation++
    transport?.close()
    transport = null
    dropSink()
    speaker?.close()
    speaker = null
    initBytes = null
  }
  const restartSound = () => {
    speaker?.close()
    speaker = soundOn && status.info?.audioCodec ? speakerFor(status.info.audioCodec) : null
    if (initBytes) speaker?.init(initBytes)
  }
  const tile = enrol({
    deviceId, profile, focused: options.focused, askMode,
    load: () => ({ mode: status.mode, lineLateMs: status.clock ? counters.lineLateMs : 0, waitingMs: counters.settled ? sink?.waitingMs() ?? 0 : 0, drawnAgeMs: counters.settled && sinkIsFresh(status) ? counters.drawnAgeMs : null, pixelsPerS: (status.info?.width ?? 640) * (status.info?.height ?? 360) }),
    counters: () => ({ frames: counters.presented, dropped: counters.droppedBefore + (sink?.dropped() ?? 0), mode: status.mode, decoder: status.decoder, soundBehindMs: behindMs(speaker?.delayMs() ?? null, counters.pictureDelayMs) })
  })

  return {
    status: () => status,
    setVisible (visible) {
      if (visible === status.visible || closed) return
      clearTimeout(pauseTimer)
      status = { ...status, visible }
      if (visible) void connect()
      // A glance away, or a tile that is moved, should not cost a new connection.
      else pauseTimer = setTimeout(() => { if (!status.visible) disconnect() }, 1500)
      options.onChange()
    },
    setSound (on) {
      if (on === soundOn) return
      soundOn = on
      restartSound()
    },
    close () {
      closed = true
      clearTimeout(pauseTimer)
      disconnect()
      tile.leave()
    }
  }
}
/** How far the sound is behind the picture, whatever the clocks: both came from the agent with the same one, ms. */
const behindMs = (sound: number | null, picture: number | null) => sound === null || picture === null || Number.isNaN(sound) ? null : Math.round(sound - picture)
const sinkIsFresh = (s: PlayerStatus) => s.newest !== null && performance.now() - s.newest.drawnAt < 3000
