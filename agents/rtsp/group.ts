import { FRAGMENT_OVERHEAD } from './mp4-fragment.js'
import type { VideoConfig } from './mp4-init.js'
import type { MediaFragment } from './pull.js'

const MAX_BYTES = 8 * 1024 * 1024
const MAX_FRAGMENTS = 2000

/** The current group of pictures, so that a viewer starts at once; given up when it grows out of bounds. */
export class PictureGroup {
  private fragments: MediaFragment[] = []
  private bytes = 0
  private key: MediaFragment | null = null

  add (fragment: MediaFragment) {
    if (fragment.key) {
      this.fragments = []
      this.bytes = 0
      this.key = fragment
    } else if (this.fragments.length === 0) return
    this.bytes += fragment.bytes.length
    this.fragments.push(fragment)
    if (this.bytes > MAX_BYTES || this.fragments.length > MAX_FRAGMENTS) this.fragments = []
  }

  current (): readonly MediaFragment[] { return this.fragments }
  lastKey (): MediaFragment | null { return this.key }
  clear () {
    this.fragments = []
    this.bytes = 0
    this.key = null
  }
}

const START_CODE = Buffer.from([0, 0, 0, 1])

/** A sample of length-prefixed NAL units as Annex B; key frames with their parameter sets in front. */
export function toAnnexB (fragment: MediaFragment, video: VideoConfig): Buffer {
  const { vps, sps, pps } = video.sets
  const parts: Buffer[] = []
  if (fragment.key) for (const set of [vps, sps, pps]) if (set) parts.push(START_CODE, set)
  const sample = fragment.bytes.subarray(FRAGMENT_OVERHEAD)
  for (let at = 0; at + 4 <= sample.length;) {
    const size = sample.readUInt32BE(at)
    parts.push(START_CODE, sample.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return Buffer.concat(parts)
}
