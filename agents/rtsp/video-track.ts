import { FrameBuffer } from './frame-buffer.js'
import type { Depacketizer } from './rtp.js'

/** What tells H.264 from H.265 in a NAL unit, so that one assembler serves both. */
export interface NalRules {
  /** The parameter set's slot (vps, sps, pps), or null. */
  parameterSet (firstByte: number): ParameterSetName | null
  /** Part of a coded picture. */
  isSlice (firstByte: number): boolean
  /** Starts a picture that needs nothing before it; `withSets` when parameter sets came just before. */
  isKey (nal: Buffer, withSets: boolean): boolean
  /** Left out of samples: delimiters, end of sequence, filler. */
  isNoise (firstByte: number): boolean
  /** The first slice of its picture; null when the unit is too short to tell. */
  isFirstSlice (nal: Buffer): boolean | null
}
export type ParameterSetName = 'vps' | 'sps' | 'pps'
export type ParameterSets = Partial<Record<ParameterSetName, Buffer>>
export interface VideoFrames {
  /** New or changed parameter sets; before the key frame that needs them. */
  parameterSets (sets: ParameterSets): void
  /** Length-prefixed NAL units of one picture; valid only during the call. */
  frame (sample: Buffer, key: boolean, timestamp: number, arrivalMs: number): void
}

/**
 * Access units out of NAL units: by marker, and by timestamp where a camera's markers cannot be trusted. After a loss
 * nothing is passed on until the next key frame, for it would show as smeared blocks.
 */
export abstract class VideoTrack implements Depacketizer {
  /** Frames dropped because of losses or size. */
  droppedFrames = 0
  private readonly buffer = new FrameBuffer()
  private sets: ParameterSets = {}
  private setsChanged = false
  private timestamp = -1
  private arrivalMs = 0
  private hasSlice = false
  private setsInUnit = false
  private key = false
  private damaged = false
  private waitForKey = true
  private markers = true
  private lastEmitted = -1

  constructor (private readonly rules: NalRules, private readonly out: VideoFrames) {}

  /** Parameter sets told outside the stream (SDP). */
  preset (sets: readonly Buffer[]) {
    for (const nal of sets) if (nal.length > 0) this.keepParameterSet(nal)
    this.announceSets()
  }

  abstract payload (buffer: Buffer, start: number, end: number, timestamp: number, marker: boolean, arrivalMs: number): void

  loss () {
    this.buffer.abandon()
    this.damaged = true
  }

  restart () {
    this.drop()
    this.timestamp = -1
    this.lastEmitted = -1
    this.waitForKey = true
  }

  /** Call first for each packet. */
  protected enter (timestamp: number, arrivalMs: number) {
    if (timestamp === this.timestamp) return
    this.flush()
    this.timestamp = timestamp
    this.arrivalMs = arrivalMs
  }

  /** Call last for each packet. */
  protected leave (marker: boolean) {
    if (marker && this.markers && (this.hasSlice || this.damaged)) this.flush()
    if (this.buffer.tooLarge) {
      this.buffer.reset()
      this.damaged = true
    }
  }

  protected wholeNal (buffer: Buffer, start: number, end: number) {
    if (end <= start) return
    this.buffer.begin()
    this.buffer.append(buffer, start, end)
    this.endNal()
  }

  /** `header` is the rebuilt NAL header of a fragmented unit. */
  protected beginNal (...header: number[]) {
    this.buffer.abandon()
    this.buffer.begin()
    for (const byte of header) this.buffer.byte(byte)
  }

  protected continueNal (buffer: Buffer, start: number, end: number) {
    // A continuation without its start: the start was lost.
    if (!this.buffer.open) this.damaged = true
    else this.buffer.append(buffer, start, end)
  }

  protected endNal () {
    if (!this.buffer.open) return
    const nal = this.buffer.current()
    const first = nal[0]!
    if (this.rules.parameterSet(first) !== null) {
      this.keepParameterSet(nal)
      return this.buffer.abandon()
    }
    if (this.rules.isNoise(first)) return this.buffer.abandon()
    if (this.rules.isSlice(first)) {
      if (!this.hasSlice) this.beginPicture(nal)
      this.hasSlice = true
    }
    this.buffer.finish()
  }

  private beginPicture (nal: Buffer) {
    if (this.rules.isFirstSlice(nal) === false) {
      this.damaged = true
      // The picture goes on after its marker: this camera sets one on every slice.
      if (this.timestamp === this.lastEmitted) this.markers = false
    }
    this.key = this.rules.isKey(nal, this.setsInUnit)
  }

  private keepParameterSet (nal: Buffer) {
    this.setsInUnit = true
    const name = this.rules.parameterSet(nal[0]!)
    if (name === null || nal.length > 4096 || this.sets[name]?.equals(nal)) return
    this.sets = { ...this.sets, [name]: Buffer.from(nal) }
    this.setsChanged = true
  }

  private announceSets () {
    if (!this.setsChanged) return
    this.setsChanged = false
    this.out.parameterSets(this.sets)
  }

  private flush () {
    this.buffer.abandon()
    // Parameter sets and SEI with a timestamp of their own belong to the picture that follows.
    if (!this.hasSlice && !this.damaged) return
    if (this.damaged) {
      if (this.hasSlice) this.droppedFrames++
      this.waitForKey = true
      return this.drop()
    }
    if (this.key) {
      this.announceSets()
      this.waitForKey = false
    }
    if (this.waitForKey) {
      this.droppedFrames++
      return this.drop()
    }
    this.lastEmitted = this.timestamp
    this.out.frame(this.buffer.content(), this.key, this.timestamp, this.arrivalMs)
    this.drop()
  }

  private drop () {
    this.buffer.reset()
    this.hasSlice = false
    this.setsInUnit = false
    this.key = false
    this.damaged = false
  }
}
