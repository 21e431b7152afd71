/** The last seconds of a camera in memory, in whole groups of pictures, for recording on events. */
import type { MediaFragment, MediaInit } from '../rtsp/pull.js'

const MAX_BYTES = 48 * 1024 * 1024

interface Group { init: MediaInit, fragments: MediaFragment[], bytes: number, atMs: number }

export class PreRoll {
  #groups: Group[] = []
  #bytes = 0

  /** Keeps at least `keepMs` of what came last, as far as the memory allows. */
  add (init: MediaInit, fragment: MediaFragment, keepMs: number) {
    if (fragment.key) {
      this.#groups.push({ init, fragments: [], bytes: 0, atMs: fragment.atMs })
      // A group goes when the one after it is old enough by itself.
      while (this.#groups.length > 1 && (this.#groups[1]!.atMs <= fragment.atMs - keepMs || this.#bytes > MAX_BYTES)) this.#bytes -= this.#groups.shift()!.bytes
    }
    const group = this.#groups.at(-1)
    if (!group) return
    if (this.#bytes > MAX_BYTES && this.#groups.length === 1) return this.clear()
    group.fragments.push({ ...fragment, bytes: Buffer.from(fragment.bytes) })
    group.bytes += fragment.bytes.length
    this.#bytes += fragment.bytes.length
  }

  /** All of it, oldest first; empty afterwards. */
  take (): readonly Pick<Group, 'init' | 'fragments'>[] {
    const groups = this.#groups
    this.clear()
    return groups
  }

  clear () {
    this.#groups = []
    this.#bytes = 0
  }
}
