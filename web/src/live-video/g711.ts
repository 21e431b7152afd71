/** ITU-T G.711 expanded to samples of -1 to 1, by table. */
function muLaw (code: number) {
  const u = ~code & 0xff
  const magnitude = (((u & 0x0f) << 3) + 0x84 << ((u & 0x70) >> 4)) - 0x84
  return (u & 0x80 ? -magnitude : magnitude) / 32768
}
function aLaw (code: number) {
  const a = code ^ 0x55
  const exponent = (a & 0x70) >> 4
  const mantissa = a & 0x0f
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : (mantissa << 4) + 0x108 << exponent - 1
  return (a & 0x80 ? magnitude : -magnitude) / 32768
}
const tables = { pcmu: Float32Array.from({ length: 256 }, (_, i) => muLaw(i)), pcma: Float32Array.from({ length: 256 }, (_, i) => aLaw(i)) }

export const G711_HZ = 8000
export function expandG711 (codec: 'pcmu' | 'pcma', bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const table = tables[codec]
  const out = new Float32Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) out[i] = table[bytes[i]!]!
  return out
}
