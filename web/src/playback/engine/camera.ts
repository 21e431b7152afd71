/** One camera of the screen: what it was asked for, what it has, and what it shows at the clock's moment. */
import type { FootageNote } from '../../../../server/contract/footage.js'
import { MediaFlag, type MediaHeader, MediaKind } from '../../../../server/contract/media.js'
import { hasWebCodecs, playsHevc } from '../../live-video/codecs.js'
import type { Problem } from '../../live-video/stale.js'
import { aheadUntil, type Way } from './clock.js'
import { type Line, openLine, playbackUrl } from './line.js'
import { mseScreen } from './mse-screen.js'
import type { KnownGap, Standing } from './pace.js'
import type { Screen, Shown } from './screen.js'
import { recordedSound } from './sound.js'
import { webCodecsScreen } from './webcodecs-screen.js'

export type CameraFailure = { kind: 'line', problem: Problem['kind'] } | { kind: 'footage', code: string, detail: string }
type StreamNote = Extract<FootageNote, { type: 'stream' }>

/** A picture stands for so long after the next one was due, ms of watching: later ones would be farther apart from the other cameras' than a tenth of a second. */
const GRACE_MS = 60
/** The next picture of a slow camera, or the next key frame, is expected no later than this, ms. */
const MAX_INTERVAL_MS = 2000
/** Before footage that failed is asked for again, ms. */
const RETRY_MS = 2000
const MAX_SCREEN_FAILURES = 3
const MAX_BOOST = 64
/** While nothing comes, the window is widened this often, ms: key frames may be farther apart than it is long. */
const BOOST_EVERY_MS = 250
const WINDOW_STEP = 0.15

let nextId = 1
const covers = (gap: KnownGap, mediaMs: number) => mediaMs >= gap.from && (gap.to === null || mediaMs < gap.to)

export class PlaybackCamera {
  shown: Shown | null = null
  /** The picture on the glass belongs to what was asked last. */
  current = false
  failure: CameraFailure | null = null
  stream: StreamNote | null = null
  frames = 0
  /** performance.now() of the first picture since it was asked last. */
  firstShownAt: number | null = null
  private gaps: KnownGap[] = []
  /** As the timeline tells them: an absence that still lasts never comes with the stream. */
  told: readonly KnownGap[] = []
  private ended = false
  private line: Line | null = null
  private screen: Screen
  readonly sound = recordedSound()
  private asked: { id: number, from: number, way: Way, until: number } | null = null
  private failedAt = 0
  private pushedAt: number | null = null
  private intervalMs = 0
  private boost = 1
  private screenFailures = 0
  private boostedAt = 0
  private closed = false

  constructor (readonly deviceId: string, private readonly canvas: HTMLCanvasElement, private readonly video: HTMLVideoElement, private readonly changed: () => void) {
    this.screen = hasWebCodecs() ? webCodecsScreen(canvas, this.screenFailed) : mseScreen(video, this.screenFailed)
    void this.connect()
  }

  get kind () { return this.screen.kind }

  private async connect () {
    const hevc = await playsHevc()
    if (this.closed) return
    this.line = openLine(playbackUrl(this.deviceId, hevc), {
      opened: () => { this.failure = null; if (this.asked) this.play(this.shown && this.current ? this.shown.atMs : this.asked.from, this.asked.way, this.asked.until) },
      note: note => { if (note.id === undefined || note.id === this.asked?.id) this.note(note) },
      media: (header, payload) => { if (header.stream === this.asked?.id) this.media(header, payload) },
      closed: problem => { this.failure = { kind: 'line', problem }; this.changed() }
    })
  }

  /** Asks anew; what is on the glass is old from now on. */
  play (from: number, way: Way, until: number) {
    this.asked = { id: nextId++, from: Math.round(from), way, until }
    this.screen.reset(this.asked.from, way.direction === 'forward')
    this.sound.reset()
    this.gaps = []
    this.pushedAt = null
    this.ended = false
    this.current = false
    this.firstShownAt = null
    this.boost = 1
    this.boostedAt = performance.now()
    if (this.failure?.kind === 'footage') this.failure = null
    this.line?.send({ type: 'play', id: this.asked.id, from: this.asked.from, to: null, mode: way.mode, direction: way.direction, until })
  }

  /** Tells the server how far it may send. */
  want (mediaMs: number, rate: number) {
    const { asked } = this
    if (!asked) return
    const until = aheadUntil(mediaMs, rate * this.boost)
    const step = Math.abs(until - mediaMs) * WINDOW_STEP
    if (asked.way.direction === 'forward' ? until < asked.until + step : until > asked.until - step) return
    asked.until = until
    this.line?.send({ type: 'window', id: asked.id, until })
  }

  private note (note: FootageNote) {
    if (note.type === 'stream') this.stream = note
    else if (note.type === 'gap') { this.gaps.push({ from: note.from, to: note.to, cause: note.cause }); this.screen.settle() } else if (note.type === 'end') { this.ended = true; this.screen.settle() } else if (note.type === 'failed') this.footageFailed(note)
    this.changed()
  }
  private footageFailed (note: Extract<FootageNote, { type: 'failed' }>) {
    this.screen.settle()
    // No fault of the way: there is simply nothing, and the timeline knows why.
    if (note.code === 'no_footage') { this.gaps.push({ ...(this.asked?.way.direction === 'backward' ? { from: 0, to: this.asked.from + 1 } : { from: this.asked?.from ?? 0, to: null }), cause: note.cause ?? null }); this.ended = true; return }
    this.failure = { kind: 'footage', code: note.code, detail: note.detail }
    this.failedAt = performance.now()
  }
  private media (header: MediaHeader, payload: Uint8Array) {
    try {
      if (header.kind === MediaKind.init) {
        this.screen.init(payload, this.stream?.videoCodec ?? '')
        if (this.stream?.audioCodec) this.sound.init(payload, this.stream.audioCodec)
        return
      }
      if (header.kind !== MediaKind.fragment) return
      if ((header.flags & MediaFlag.audio) !== 0) { this.sound.push(payload, header.atMs); return }
      this.boost = 1
      this.boostedAt = performance.now()
      if (this.pushedAt !== null) this.intervalMs = Math.min(MAX_INTERVAL_MS, Math.abs(header.atMs - this.pushedAt))
      this.pushedAt = header.atMs
      this.screen.push(payload, { key: (header.flags & MediaFlag.key) !== 0, atMs: header.atMs })
    } catch (error) { this.screenFailed(String(error), false) }
  }
  private readonly screenFailed = (why: string, fatal: boolean) => {
    if (this.closed) return
    // What breaks again and again without a picture in between will not heal by being asked for again.
    const hopeless = fatal || ++this.screenFailures >= MAX_SCREEN_FAILURES
    const another = hopeless && this.screen.kind === 'webcodecs'
    if (another) {
      // The browser's own player may still do.
      this.screen.close()
      this.screen = mseScreen(this.video, this.screenFailed)
    } else if (hopeless) {
      this.failure = { kind: 'footage', code: 'unsupported', detail: why }
      this.failedAt = performance.now()
    }
    if (another) this.screenFailures = 0
    if (this.asked && (!hopeless || another)) this.play(this.shown && this.current ? this.shown.atMs : this.asked.from, this.asked.way, this.asked.until)
    this.changed()
  }

  /** How it stands at the clock's moment; also widens the window and tries again what failed. */
  standing (mediaMs: number, rate: number, now: number): Standing {
    if (this.failure) {
      if (this.failure.kind === 'footage' && now - this.failedAt > RETRY_MS && this.asked && this.line?.isOpen()) this.play(mediaMs, this.asked.way, aheadUntil(mediaMs, rate))
      return { is: 'failed' }
    }
    const gap = this.gapAt(mediaMs)
    if (gap) return { is: 'gap', gap }
    if (this.screen.covers(mediaMs)) return { is: 'ready' }
    if (this.current && this.shown && Math.abs(mediaMs - this.shown.atMs) <= this.graceMs(rate)) return { is: 'ready' }
    const told = this.told.find(g => covers(g, mediaMs))
    if (told) return { is: 'gap', gap: told }
    if (this.ended) return { is: 'ended' }
    if (now - this.boostedAt > BOOST_EVERY_MS) { this.boost = Math.min(MAX_BOOST, this.boost * 2); this.boostedAt = now }
    return { is: 'waiting' }
  }
  private graceMs (rate: number) { return this.intervalMs + GRACE_MS * Math.max(1, Math.abs(rate)) }
  /** Up to which moment its picture is right while nothing newer is there; null before the first. */
  reach (rate: number): number | null { return this.current && this.shown ? this.shown.atMs + Math.sign(rate) * this.graceMs(rate) : null }
  private gapAt (mediaMs: number) { return this.gaps.find(g => covers(g, mediaMs)) ?? null }

  present (mediaMs: number, rate: number, running: boolean, now: number): Shown | null {
    const shown = this.screen.present(mediaMs, rate, running)
    if (!shown) return null
    this.frames++
    this.shown = shown
    this.current = true
    this.firstShownAt ??= now
    this.screenFailures = 0
    return shown
  }
  /** Where it goes on after the first gap behind this moment. */
  behindGap (mediaMs: number) { return this.gaps.find(g => g.to !== null && g.to > mediaMs)?.to ?? null }
  nextAt () { return this.screen.nextAt() }

  close () {
    this.closed = true
    this.line?.close()
    this.screen.close()
    this.sound.close()
    this.canvas.width = 0
  }
}
