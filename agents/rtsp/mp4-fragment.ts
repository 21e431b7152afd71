/** Bytes of moof and of the mdat header in front of the sample. */
export const FRAGMENT_OVERHEAD = 108
const KEY_FLAGS = 0x02000000
const DELTA_FLAGS = 0x01010000
const SLAB_BYTES = 128 * 1024

/**
 * moof + mdat with exactly one sample (ISO/IEC 14496-12): mfhd, tfhd (default-base-is-moof), tfdt 64 bit, trun with one
 * entry. Small fragments of one stream share slabs, so that a hundred cameras do not make thousands of allocations a second.
 */
export class FragmentWriter {
  private number = 0
  private slab: Buffer = Buffer.allocUnsafeSlow(0)
  private used = 0
  private readonly template: Buffer

  /** With `slabs` the memory is used again: a fragment is whole until the second key frame after it. */
  constructor (private readonly trackId: 1 | 2, private readonly slabs: GroupSlabs | null = null) {
    this.template = makeTemplate(trackId)
  }

  /** `time` and `duration` in ticks of the track. The sample is copied. */
  write (sample: Buffer, time: number, duration: number, key: boolean): Buffer {
    const size = FRAGMENT_OVERHEAD + sample.length
    if (key && this.slabs) {
      this.slabs.turn()
      this.used = this.slab.length
    }
    const out = this.allocate(size)
    this.template.copy(out, 0)
    out.writeUInt32BE(++this.number >>> 0, 20)
    setFragmentTime(out, time)
    out.writeUInt32BE(duration >>> 0, 88)
    out.writeUInt32BE(sample.length, 92)
    out.writeUInt32BE(key || this.trackId === 2 ? KEY_FLAGS : DELTA_FLAGS, 96)
    out.writeUInt32BE(sample.length + 8, 100)
    sample.copy(out, FRAGMENT_OVERHEAD)
    return out
  }

  private allocate (size: number): Buffer {
    // What is used again may be wasted at its end; what is not must not be.
    if (size > (this.slabs ? SLAB_BYTES : SLAB_BYTES / 4)) return Buffer.allocUnsafeSlow(size)
    if (this.used + size > this.slab.length) {
      this.slab = this.slabs?.next() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.used = 0
    }
    const out = this.slab.subarray(this.used, this.used + size)
    this.used += size
    return out
  }
}

/** Beyond this much of one group of pictures, memory is not used again. */
const MAX_GROUP_SLABS = 64

/**
 * The slabs of a stream's last two groups of pictures. Memory outside of V8's heap that is made and left at 16 MB/s makes it look through
 * the whole heap twice a second, a third of the recorder's processor time (measured).
 */
export class GroupSlabs {
  private before: Buffer[] = []
  private current: Buffer[] = []
  private spare: Buffer[] = []

  /** A group of pictures begins: nobody needs that before the last any more. */
  turn () {
    this.spare = [...this.spare, ...this.before].slice(0, Math.max(this.before.length, this.current.length) + 1)
    this.before = this.current
    this.current = []
  }

  next (): Buffer {
    const slab = this.spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)
    if (this.current.length < MAX_GROUP_SLABS) this.current.push(slab)
    return slab
  }
}

/** Writes tfdt of a fragment made here; ticks, below 2^53. */
export function setFragmentTime (fragment: Buffer, time: number) {
  const high = Math.floor(time / 0x1_0000_0000)
  fragment.writeUInt32BE(high, 60)
  fragment.writeUInt32BE(time - high * 0x1_0000_0000, 64)
}

function makeTemplate (trackId: number): Buffer {
  const b = Buffer.alloc(FRAGMENT_OVERHEAD)
  const header = (at: number, size: number, type: string) => { b.writeUInt32BE(size, at); b.write(type, at + 4, 'latin1') }
  header(0, 100, 'moof')
  header(8, 16, 'mfhd')
  header(24, 76, 'traf')
  header(32, 16, 'tfhd')
  b.writeUInt32BE(0x020000, 40)
  b.writeUInt32BE(trackId, 44)
  header(48, 20, 'tfdt')
  b.writeUInt32BE(0x01000000, 56)
  header(68, 32, 'trun')
  b.writeUInt32BE(0x000701, 76)
  b.writeUInt32BE(1, 80)
  b.writeUInt32BE(FRAGMENT_OVERHEAD, 84)
  header(100, 0, 'mdat')
  return b
}
