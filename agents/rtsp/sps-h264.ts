import { BitReader, withoutEmulation } from './bits.js'

export interface SpsFacts {
  /** RFC 6381 */
  codec: string
  width: number
  height: number
  /** As declared in the VUI; null when absent. Cameras lie: measure. */
  fps: number | null
}

const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
const MAX_SIDE = 16_384

/** Sequence parameter set, ITU-T H.264 7.3.2.1.1. Null when it makes no sense. */
export function parseH264Sps (nal: Uint8Array): SpsFacts | null {
  if (nal.length < 4 || nal.length > 4096) return null
  try {
    return readSps(nal)
  } catch {
    return null
  }
}

function readSps (nal: Uint8Array): SpsFacts | null {
  const codec = `avc1.${[nal[1]!, nal[2]!, nal[3]!].map(b => b.toString(16).padStart(2, '0')).join('')}`
  const r = new BitReader(withoutEmulation(nal, 1))
  const profile = r.u(8)
  r.skip(16)
  r.ue()
  const chroma = highProfiles.has(profile) ? readHighProfile(r) : 1
  r.ue()
  readOrderCount(r)
  r.ue()
  r.skip(1)
  const widthInMbs = r.ue() + 1
  const heightInUnits = r.ue() + 1
  const frameMbsOnly = r.u1()
  if (!frameMbsOnly) r.skip(1)
  r.skip(1)
  const crop = r.u1() ? { left: r.ue(), right: r.ue(), top: r.ue(), bottom: r.ue() } : { left: 0, right: 0, top: 0, bottom: 0 }
  const unitX = chroma === 0 || chroma === 3 ? 1 : 2
  const unitY = (chroma === 1 ? 2 : 1) * (2 - frameMbsOnly)
  const width = widthInMbs * 16 - (crop.left + crop.right) * unitX
  const height = heightInUnits * 16 * (2 - frameMbsOnly) - (crop.top + crop.bottom) * unitY
  if (width <= 0 || height <= 0 || width > MAX_SIDE || height > MAX_SIDE) return null
  return { codec, width, height, fps: r.u1() ? readVuiFps(r) : null }
}

/** Returns chroma_format_idc. */
function readHighProfile (r: BitReader): number {
  const chroma = r.ue()
  if (chroma === 3) r.skip(1)
  r.ue()
  r.ue()
  r.skip(1)
  if (r.u1()) {
    for (let i = 0; i < (chroma === 3 ? 12 : 8); i++) if (r.u1()) skipScalingList(r, i < 6 ? 16 : 64)
  }
  return chroma
}

function skipScalingList (r: BitReader, size: number) {
  let next = 8
  let last = 8
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + r.se() + 256) % 256
    last = next === 0 ? last : next
  }
}

function readOrderCount (r: BitReader) {
  const type = r.ue()
  if (type === 0) r.ue()
  else if (type === 1) {
    r.skip(1)
    r.se()
    r.se()
    const count = r.ue()
    if (count > 255) throw new RangeError('too many reference frames')
    for (let i = 0; i < count; i++) r.se()
  }
}

/** VUI, Annex E: a frame is two ticks. */
function readVuiFps (r: BitReader): number | null {
  try {
    if (r.u1() && r.u(8) === 255) r.skip(32)
    if (r.u1()) r.skip(1)
    if (r.u1()) {
      r.skip(4)
      if (r.u1()) r.skip(24)
    }
    if (r.u1()) { r.ue(); r.ue() }
    if (!r.u1()) return null
    const tick = r.u(32)
    const scale = r.u(32)
    const fps = scale / tick / 2
    return tick > 0 && fps > 0 && fps <= 300 ? fps : null
  } catch {
    return null
  }
}
