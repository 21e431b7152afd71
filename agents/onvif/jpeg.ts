import { CameraFailure } from './failure.js'

/** Markers that carry no length. */
const bare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)
/** SOF0 to SOF15 but DHT (C4), JPG (C8) and DAC (CC). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Size of a JPEG (ITU-T T.81, Annex B). Throws CameraFailure `protocol_error` for anything else. */
export function readJpegSize (data: Buffer): { width: number, height: number } {
  const refuse = () => new CameraFailure('protocol_error', 'what the camera gave as a snapshot is not a JPEG picture')
  if (data.length < 4 || data[0] !== 0xff || data[1] !== 0xd8 || data[2] !== 0xff) throw refuse()
  let i = 2
  while (i + 9 < data.length && data[i] === 0xff) {
    const marker = data[i + 1] ?? 0
    if (marker === 0xff) { i++; continue }
    if (bare(marker)) { i += 2; continue }
    if (isFrame(marker)) {
      const height = data.readUInt16BE(i + 5)
      const width = data.readUInt16BE(i + 7)
      if (width === 0 || height === 0) throw refuse()
      return { width, height }
    }
    i += 2 + Math.max(2, data.readUInt16BE(i + 2))
  }
  throw refuse()
}
