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
  private slab = Buffer.allocUnsafeSlow(0)
  private used = 0
  private readonly template: Buffer

  constructor (private readonly trackId: 1 | 2) {
    this.template = makeTemplate(trackId)
  }

  /** `time` and `duration` in ticks of the track. The sample is copied. */
  write (sample: Buffer, time: number, duration: number, key: boolean): Buffer {
    const size = FRAGMENT_OVERHEAD + sample.length
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
    if (size > SLAB_BYTES / 4) return Buffer.allocUnsafeSlow(size)
    if (this.used + size > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.used = 0
    }
    const out = this.slab.subarray(this.used, this.used + size)
    this.used += size
    return out
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
