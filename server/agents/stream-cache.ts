import { MediaFlag, type MediaHeader, MediaKind } from '../contract/media.js'

/** Of a group of pictures; a longer one is not kept, and a new viewer waits for the next key frame. */
const MAX_GOP_BYTES = 8 * 2 ** 20
/** A newcomer is not given more than this at once: the burst would make it slow from its first second. */
export const MAX_BURST_BYTES = 2 * 2 ** 20

export interface Cached { bytes: Buffer, key: boolean, audio: boolean }

/** Init segment and current group of pictures of one stream, so that a new viewer starts at once. */
export class StreamCache {
  init: Buffer | null = null
  #gop: Cached[] = []
  #gopBytes = 0

  /** What a newcomer is sent after the init segment. */
  get burst (): readonly Cached[] { return this.#gopBytes <= MAX_BURST_BYTES ? this.#gop : [] }

  clear () {
    this.init = null
    this.#drop()
  }

  #drop () {
    this.#gop = []
    this.#gopBytes = 0
  }

  take ({ kind, flags }: MediaHeader, bytes: Buffer): Cached | 'init' | null {
    if (kind === MediaKind.init) {
      this.init = bytes
      this.#drop()
      return 'init'
    }
    if (kind !== MediaKind.fragment || !this.init) return null
    const cached = { bytes, key: (flags & MediaFlag.key) !== 0, audio: (flags & MediaFlag.audio) !== 0 }
    if (cached.key && !cached.audio) this.#drop()
    // Without its key frame the rest of a group is of no use.
    if (this.#gop.length > 0 || (cached.key && !cached.audio)) {
      this.#gop.push(cached)
      this.#gopBytes += bytes.length
      if (this.#gopBytes > MAX_GOP_BYTES) this.#drop()
    }
    return cached
  }
}
