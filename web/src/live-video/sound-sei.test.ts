import { describe, expect, it } from 'vitest'
import { expandG711 } from './g711.js'
import { seiTimeMs } from './sei.js'

describe('G.711', () => {
  it('expands μ-law by ITU-T’s table', () => {
    const [low, zero, high] = expandG711('pcmu', Uint8Array.of(0x00, 0xff, 0x80))
    expect(low! * 32768).toBe(-32124)
    expect(Math.abs(zero!)).toBe(0)
    expect(high! * 32768).toBe(32124)
  })
  it('expands A-law by ITU-T’s table', () => expect([...expandG711('pcma', Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))].map(v => v * 32768)).toEqual([8, -8, 32256, -32256]))
})
describe('the sender’s clock in the picture', () => {
  const time = 1_760_000_000_123
  const user = (ms: number, uuid = 'kalancha-sent-at') => Buffer.from(`${uuid}${ms}`, 'latin1')
  const escaped = (b: Buffer) => Buffer.from([...b].flatMap((byte, i, all) => byte <= 3 && i >= 2 && all[i - 1] === 0 && all[i - 2] === 0 ? [3, byte] : [byte]))
  const nal = (head: number[], payload: Buffer) => { const body = Buffer.concat([Buffer.from(head), payload]); const size = Buffer.alloc(4); size.writeUInt32BE(body.length); return Buffer.concat([size, body]) }
  // Another sender's user data before ours, and a filler whose zeros are escaped.
  const sei = Buffer.concat([Buffer.from([3, 4, 0, 0, 1, 0, 5, 29]), user(1, 'somebody-elses!!'.padEnd(28, ' ')), Buffer.from([5, 29]), user(time), Buffer.from([0x80])])
  it('is read from H.264 and H.265, behind other units, through emulation prevention', () => {
    const slice = nal([0x65], Buffer.from([1, 2, 3]))
    expect(seiTimeMs(Buffer.concat([nal([0x09], Buffer.from([0xf0])), nal([0x06], escaped(sei)), slice]), false)).toBe(time)
    expect(seiTimeMs(Buffer.concat([nal([0x4e, 0x01], escaped(sei)), slice]), true)).toBe(time)
  })
  it('is null without one, and with nonsense', () => {
    expect(seiTimeMs(nal([0x65], Buffer.from([1])), false)).toBeNull()
    expect(seiTimeMs(Buffer.from([0xff, 0xff, 0xff, 0xff, 6, 5]), false)).toBeNull()
    expect(seiTimeMs(Buffer.alloc(0), false)).toBeNull()
  })
})
