import { BitReader, withoutEmulation } from './bits.js'
import type { SpsFacts } from './sps-h264.js'

export interface H265SpsFacts extends SpsFacts {
  chromaFormat: number
  bitDepthLuma: number
  bitDepthChroma: number
  temporalLayers: number
  temporalNesting: number
  /** The 12 bytes general_profile_space ... general_level_idc, as hvcC repeats them. */
  profileTierLevel: Uint8Array
}

const MAX_SIDE = 16_384

/** Sequence parameter set, ITU-T H.265 7.3.2.2. Null when it makes no sense. */
export function parseH265Sps (nal: Uint8Array): H265SpsFacts | null {
  if (nal.length < 16 || nal.length > 4096) return null
  try {
    return readSps(withoutEmulation(nal, 2))
  } catch {
    return null
  }
}

function readSps (rbsp: Uint8Array): H265SpsFacts | null {
  const r = new BitReader(rbsp)
  r.skip(4)
  const maxSubLayers = r.u(3) + 1
  const temporalNesting = r.u1()
  const profileTierLevel = rbsp.slice(1, 13)
  r.skip(96)
  skipSubLayers(r, maxSubLayers)
  r.ue()
  const chromaFormat = r.ue()
  if (chromaFormat === 3) r.skip(1)
  let width = r.ue()
  let height = r.ue()
  if (r.u1()) {
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1
    const unitY = chromaFormat === 1 ? 2 : 1
    width -= (r.ue() + r.ue()) * unitX
    height -= (r.ue() + r.ue()) * unitY
  }
  if (width <= 0 || height <= 0 || width > MAX_SIDE || height > MAX_SIDE) return null
  const bitDepthLuma = r.ue() + 8
  const bitDepthChroma = r.ue() + 8
  if (bitDepthLuma > 16 || bitDepthChroma > 16 || chromaFormat > 3) return null
  return {
    codec: codecString(profileTierLevel), width, height, fps: readFps(r, maxSubLayers),
    chromaFormat, bitDepthLuma, bitDepthChroma, temporalLayers: maxSubLayers, temporalNesting, profileTierLevel
  }
}

function skipSubLayers (r: BitReader, maxSubLayers: number) {
  const present: [number, number][] = []
  for (let i = 0; i < maxSubLayers - 1; i++) present.push([r.u1(), r.u1()])
  if (maxSubLayers > 1) r.skip((8 - (maxSubLayers - 1)) * 2)
  for (const [profile, level] of present) {
    if (profile) r.skip(88)
    if (level) r.skip(8)
  }
}

/** ISO/IEC 14496-15 Annex E.3: hvc1.<profile>.<compatibility, bits reversed>.<tier and level>.<constraints>. */
function codecString (ptl: Uint8Array): string {
  const space = ['', 'A', 'B', 'C'][ptl[0]! >> 6]!
  const tier = ptl[0]! & 0x20 ? 'H' : 'L'
  const view = new DataView(ptl.buffer, ptl.byteOffset, ptl.byteLength)
  let compatibility = 0
  for (let i = 0, bits = view.getUint32(1); i < 32; i++) compatibility = compatibility * 2 + ((bits >>> i) & 1)
  const constraints = [...ptl.subarray(5, 11)]
  while (constraints.length && constraints.at(-1) === 0) constraints.pop()
  return [`hvc1.${space}${ptl[0]! & 0x1f}`, compatibility.toString(16).toUpperCase(), `${tier}${ptl[11]}`,
    ...constraints.map(b => b.toString(16).toUpperCase())].join('.')
}

function readFps (r: BitReader, maxSubLayers: number): number | null {
  try {
    return readVuiFps(r, maxSubLayers)
  } catch {
    return null
  }
}

function readVuiFps (r: BitReader, maxSubLayers: number): number | null {
  const orderCountBits = r.ue() + 4
  for (let i = r.u1() ? 0 : maxSubLayers - 1; i < maxSubLayers; i++) { r.ue(); r.ue(); r.ue() }
  for (let i = 0; i < 6; i++) r.ue()
  if (r.u1() && r.u1()) skipScalingLists(r)
  r.skip(2)
  if (r.u1()) { r.skip(8); r.ue(); r.ue(); r.skip(1) }
  skipShortTermSets(r)
  if (r.u1()) for (let n = Math.min(r.ue(), 33); n > 0; n--) r.skip(orderCountBits + 1)
  r.skip(2)
  if (!r.u1()) return null
  if (r.u1() && r.u(8) === 255) r.skip(32)
  if (r.u1()) r.skip(1)
  if (r.u1()) { r.skip(4); if (r.u1()) r.skip(24) }
  if (r.u1()) { r.ue(); r.ue() }
  r.skip(3)
  if (r.u1()) { r.ue(); r.ue(); r.ue(); r.ue() }
  if (!r.u1()) return null
  const tick = r.u(32)
  const fps = r.u(32) / tick
  return tick > 0 && fps > 0 && fps <= 300 ? fps : null
}

function skipScalingLists (r: BitReader) {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!r.u1()) { r.ue(); continue }
      if (size > 1) r.se()
      for (let i = Math.min(64, 1 << (4 + (size << 1))); i > 0; i--) r.se()
    }
  }
}

/** st_ref_pic_set, 7.3.7. */
function skipShortTermSets (r: BitReader) {
  const count = r.ue()
  if (count > 64) throw new RangeError('too many reference picture sets')
  let deltas = 0
  for (let set = 0; set < count; set++) {
    if (set > 0 && r.u1()) {
      r.skip(1)
      r.ue()
      let used = 0
      for (let j = 0; j <= deltas; j++) {
        const usedByCurrent = r.u1()
        if (usedByCurrent || r.u1()) used++
      }
      deltas = used
      continue
    }
    const negative = r.ue()
    const positive = r.ue()
    if (negative > 16 || positive > 16) throw new RangeError('too many reference pictures')
    for (let i = negative + positive; i > 0; i--) { r.ue(); r.skip(1) }
    deltas = negative + positive
  }
}
