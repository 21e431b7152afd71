/** Decides what a clip holds: which bytes of which files, in what order, and the head that stands before them. */
import type { FootageRequest } from '../../server/contract/footage.js'
import type { Segment } from '../../server/contract/recording.js'
import { inBandSets } from './annex-b.js'
import { FootageFault, faultOf } from './fault.js'
import type { Library } from './library.js'
import { movieHead, type MovieSample, TrackTable } from './movie.js'
import { type Sample, SegmentFile } from './segment-file.js'
import { atMsOf, MIN_GAP_MS, zeroOf } from './walk.js'

/** Bytes of a file that go into the clip, behind `before`. */
export interface Piece { offset: number, length: number, before?: Buffer }
export interface ClipPlan {
  head: Buffer
  files: { segment: Segment, pieces: Piece[] }[]
  bytes: number
  /** From the first key frame to the end of the last frame. */
  from: number, to: number
  gaps: { from: number, to: number }[]
}

type ClipRequest = Pick<Extract<FootageRequest, { what: 'clip' }>, 'deviceId' | 'from' | 'to'>
interface Timed { sample: Sample, atMs: number }
/** What is wanted of one file, in the order of its bytes. */
interface Scanned { segment: Segment, file: Pick<SegmentFile, 'video' | 'audio'>, batches: Timed[][] }

/** Files whose indexes are read at once. */
const SCAN_AT_ONCE = 8
/** Longer between two frames of a file is a fault of its times. */
const MAX_FRAME_S = 10

/** @throws FootageFault no_footage */
export async function planClip (library: Library, request: ClipRequest, signal: AbortSignal): Promise<ClipPlan> {
  const segments = library.overlapping(request.deviceId, request.from, request.to)
  const plan = new Planner(request, parametersChange(segments))
  for (let at = 0; at < segments.length; at += SCAN_AT_ONCE) {
    const scanned = await Promise.all(segments.slice(at, at + SCAN_AT_ONCE).map(segment => scan(library, segment, request, signal)))
    for (const one of scanned) if (!plan.add(one)) return plan.finish()
  }
  return plan.finish()
}

/** Anything else than one coding throughout. */
const parametersChange = (segments: readonly Segment[]) =>
  segments.some(s => s.endReason === 'parameters_changed') || new Set(segments.map(s => `${s.videoCodec} ${s.width} ${s.height}`)).size > 1

/** What cannot be read is left out, as a gap; what can be read before the damage is not. */
async function scan (library: Library, segment: Segment, { from, to }: ClipRequest, signal: AbortSignal): Promise<Scanned | null> {
  let file: SegmentFile | null = null
  const batches: Timed[][] = []
  try {
    file = await SegmentFile.open(await library.open(segment))
    if (!file) return null
    for (let batch = await file.batchAt(file.firstOffset); batch; batch = await file.batchAt(batch.end)) {
      signal.throwIfAborted()
      const zeroMs = zeroOf(segment, batch)
      const timed = batch.samples.map(sample => ({ sample, atMs: atMsOf(file!, zeroMs, sample) }))
      const first = timed.find(t => !t.sample.audio)
      if (first && first.atMs >= to) break
      batches.push(timed)
    }
  } catch (error) {
    if (signal.aborted || faultOf(error).code === 'internal') throw error
  } finally { await file?.close().catch(() => {}) }
  return file && { segment, file, batches: cut(batches, from, to) }
}

/** From the key frame at or before `from`, up to `to`; sound from where the picture begins. */
function cut (batches: Timed[][], from: number, to: number): Timed[][] {
  let begin = Number.NEGATIVE_INFINITY
  for (const batch of batches) for (const { sample, atMs } of batch) if (sample.key && (atMs <= from || begin === Number.NEGATIVE_INFINITY)) begin = atMs
  return batches.map(batch => batch.filter(t => t.atMs >= begin && t.atMs < to).sort((a, b) => a.sample.offset - b.sample.offset)).filter(batch => batch.length > 0)
}

class Planner {
  #video: TrackTable | null = null
  #audio: TrackTable | null = null
  #codec = ''
  #data = 0
  readonly #files: ClipPlan['files'] = []
  readonly #gaps: ClipPlan['gaps'] = []
  #from: number | null = null
  #end: number
  #lastAtMs = Number.NEGATIVE_INFINITY

  constructor (private readonly request: ClipRequest, private readonly setsInBand: boolean) { this.#end = request.from }

  /** False when what follows is coded in another way, and the clip ends here. */
  add (scanned: Scanned | null): boolean {
    if (!scanned) return true
    const { segment, file } = scanned
    const batches = this.#unseen(scanned.batches)
    const first = batches[0]?.find(t => !t.sample.audio)
    if (!first) return true
    const { config, entry, timescale } = file.video
    if (this.#video && (config.kind !== this.#codec || timescale !== this.#video.about.timescale)) return false
    this.#codec = config.kind
    this.#gap(first.atMs)
    this.#from ??= first.atMs
    this.#video ??= new TrackTable('vide', { timescale, entry, width: config.width, height: config.height })
    this.#video.begin(entry)
    const base = this.#video.ticks / timescale - first.sample.time / timescale
    const pieces: Piece[] = []
    const durations = durationsOf(batches.flat(), file)
    for (const batch of batches) this.#batch(batch, file, base, durations, pieces)
    this.#files.push({ segment, pieces })
    const last = batches.flat().findLast(t => !t.sample.audio)!
    this.#end = last.atMs + durations.get(last.sample)! * 1000 / timescale
    return true
  }

  /** Footage that was fetched twice overlaps: only what is later than all before it, from a key frame on. */
  #unseen (batches: Timed[][]): Timed[][] {
    const start = batches.flat().find(t => t.sample.key && t.atMs > this.#lastAtMs)
    if (!start) return []
    const later = batches.map(b => b.filter(t => t.atMs >= start.atMs)).filter(b => b.length > 0)
    this.#lastAtMs = Math.max(...later.flat().filter(t => !t.sample.audio).map(t => t.atMs).slice(-1))
    return later
  }

  #gap (until: number) {
    const from = Math.round(this.#end)
    if (until - from >= MIN_GAP_MS) this.#gaps.push({ from, to: Math.round(until) })
  }

  #batch (batch: Timed[], file: Scanned['file'], baseS: number, durations: Map<Sample, number>, pieces: Piece[]) {
    for (const run of runsOf(batch)) {
      const { audio } = run[0]!
      const table = audio ? this.#soundFor(file, baseS, run) : this.#video!
      if (!table) continue
      const sets = this.setsInBand && !audio ? inBandSets(file.video.config.sets) : null
      const samples = run.map<MovieSample>(s => {
        const before = s.key ? sets : null
        addPiece(pieces, s, before)
        return { size: s.size + (before?.length ?? 0), duration: durations.get(s)!, key: s.key }
      })
      table.chunk(this.#data, samples)
      this.#data += samples.reduce((n, s) => n + s.size, 0)
    }
  }

  /** Null where this sound cannot go beside what the clip has: another codec or rate, or a time that is past. */
  #soundFor (file: Scanned['file'], baseS: number, run: Sample[]): TrackTable | null {
    const { entry, timescale } = file.audio!
    this.#audio ??= new TrackTable('soun', { timescale, entry, width: 0, height: 0 })
    if (!sameSound(this.#audio, entry, timescale) || !this.#audio.place(Math.round((baseS + run[0]!.time / timescale) * timescale))) return null
    this.#audio.begin(entry)
    return this.#audio
  }

  finish (): ClipPlan {
    if (!this.#video || this.#from === null) throw new FootageFault('no_footage', 'Nothing was recorded in this interval')
    this.#gap(this.request.to)
    const head = movieHead([this.#video, ...(this.#audio ? [this.#audio] : [])], this.#data, this.#from)
    return { head, files: this.#files, bytes: head.length + this.#data, from: Math.round(this.#from), to: Math.round(this.#end), gaps: this.#gaps }
  }
}

/** One track holds one kind of sound at one rate; its parameters may change. */
export const sameSound = (table: TrackTable, entry: Buffer, timescale: number) =>
  timescale === table.about.timescale && entry.toString('latin1', 4, 8) === table.about.entry.toString('latin1', 4, 8)

function addPiece (pieces: Piece[], { offset, size }: Sample, before: Buffer | null) {
  const last = pieces.at(-1)
  if (last && !before && last.offset + last.length === offset) last.length += size
  else pieces.push({ offset, length: size, ...(before && { before }) })
}

/** Neighbours of one track in a batch, without a hole between them. */
function runsOf (batch: Timed[]): Sample[][] {
  const runs: Sample[][] = []
  for (const { sample } of batch) {
    const last = runs.at(-1)?.at(-1)
    if (last && last.audio === sample.audio && last.offset + last.size === sample.offset) runs.at(-1)!.push(sample)
    else runs.push([sample])
  }
  return runs
}

/** Each sample's time until the next of its track in this file, by their times; the last one's, and where times lie, as it says itself. */
function durationsOf (timed: Timed[], file: Scanned['file']): Map<Sample, number> {
  const durations = new Map<Sample, number>()
  for (const audio of [false, true]) {
    const samples = timed.filter(t => t.sample.audio === audio).map(t => t.sample)
    const timescale = audio ? file.audio?.timescale ?? 1 : file.video.timescale
    samples.forEach((sample, i) => {
      const until = (samples[i + 1]?.time ?? sample.time + sample.duration) - sample.time
      durations.set(sample, until > 0 && until <= MAX_FRAME_S * timescale ? until : Math.max(1, Math.min(sample.duration, MAX_FRAME_S * timescale)))
    })
  }
  return durations
}
