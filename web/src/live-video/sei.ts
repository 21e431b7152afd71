/** A sender's clock inside the picture, for measuring: SEI user_data_unregistered (ITU-T H.264 D.1.6), our UUID + 13 decimal digits of ms. */

/** What the simulated cameras of fixtures/rtsp put before the time; encoders' own user data has other UUIDs. */
const SEND_TIME_UUID = Uint8Array.from('kalancha-sent-at', c => c.charCodeAt(0))
const DIGITS = 13

/** SEI NAL unit types: 6 in H.264; 39 and 40 in H.265, whose NAL header has two bytes. */
export function seiTimeMs (sample: Uint8Array, hevc: boolean, lengthSize = 4): number | null {
  const v = new DataView(sample.buffer, sample.byteOffset, sample.byteLength)
  for (let at = 0; at + lengthSize < sample.length;) {
    let size = 0
    for (let n = 0; n < lengthSize; n++) size = size * 256 + v.getUint8(at + n)
    at += lengthSize
    if (size === 0 || at + size > sample.length) return null
    const type = hevc ? sample[at]! >> 1 & 0x3f : sample[at]! & 0x1f
    const head = hevc ? 2 : 1
    const isSei = hevc ? type === 39 || type === 40 : type === 6
    const found = isSei ? userData(unescaped(sample.subarray(at + head, at + size))) : null
    if (found !== null) return found
    at += size
  }
  return null
}

/** Without emulation prevention: 00 00 03 becomes 00 00. */
function unescaped (nal: Uint8Array) {
  const out: number[] = []
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) { zeros = 0; continue }
    zeros = byte === 0 ? zeros + 1 : 0
    out.push(byte)
  }
  return Uint8Array.from(out)
}

function userData (payload: Uint8Array): number | null {
  let at = 0
  const number = () => {
    let sum = 0
    while (payload[at] === 0xff) { sum += 255; at++ }
    return sum + (payload[at++] ?? 0)
  }
  while (at + 2 < payload.length) {
    const type = number()
    const size = number()
    const end = at + SEND_TIME_UUID.length + DIGITS
    if (type === 5 && size >= end - at && end <= payload.length && SEND_TIME_UUID.every((byte, i) => payload[at + i] === byte)) {
      const ms = Number(String.fromCharCode(...payload.subarray(end - DIGITS, end)))
      if (Number.isSafeInteger(ms)) return ms
    }
    at += size
  }
  return null
}
