import type { VideoConfig } from '../rtsp/mp4-init.js'
import { FootageFault } from './fault.js'

/**
 * Parameter sets as a sample holds them, each behind its length. Where they change within a track they stand in front of every key frame too: Chromium
 * reads one sample entry and no other.
 */
export function inBandSets ({ vps, sps, pps }: VideoConfig['sets']): Buffer {
  return Buffer.concat([vps, sps, pps].flatMap(set => {
    if (!set) return []
    const length = Buffer.alloc(4)
    length.writeUInt32BE(set.length)
    return [length, set]
  }))
}

const START_CODE = Buffer.from([0, 0, 0, 1])

/** A sample of length-prefixed NAL units as Annex B; a key frame with its parameter sets in front. @throws FootageFault damaged */
export function annexB (sample: Buffer, key: boolean, { vps, sps, pps }: VideoConfig['sets']): Buffer {
  const parts: Buffer[] = []
  if (key) for (const set of [vps, sps, pps]) if (set) parts.push(START_CODE, set)
  for (let at = 0; at < sample.length;) {
    const size = at + 4 <= sample.length ? sample.readUInt32BE(at) : 0
    if (size === 0 || at + 4 + size > sample.length) throw new FootageFault('damaged', 'A picture in the file is damaged')
    parts.push(START_CODE, sample.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return Buffer.concat(parts)
}
