import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cacheOids } from './oid-cache.js'

interface Ber {
  Reader: new (bytes: Buffer) => { readOID (): string | null, offset: number }
  Writer: new () => { writeOID (oid: string): void, buffer: Buffer }
}
const require = createRequire(import.meta.url)
const { Ber } = createRequire(require.resolve('net-snmp'))('asn1-ber') as { Ber: Ber }
const read = (bytes: Uint8Array) => {
  const reader = new Ber.Reader(Buffer.from(bytes))
  try {
    return { oid: reader.readOID(), offset: reader.offset }
  } catch (error) {
    return { error: (error as Error).message }
  }
}
const write = (oid: string) => {
  const writer = new Ber.Writer()
  writer.writeOID(oid)
  return writer.buffer.toString('hex')
}

test('with and without the cache the library reads and writes the same', () => {
  const samples = fc.sample(fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map(content => Uint8Array.from([6, content.length, ...content])),
    fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 200 }).map(content => Uint8Array.from([6, 0x81, content.length, ...content])),
    fc.uint8Array({ maxLength: 20 }).map(content => Uint8Array.from([6, content.length + 3, ...content]))), 2000)
  const oids = fc.sample(fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 30 }).map(parts => ['1.3', ...parts].join('.')), 500)
  const plainReads = samples.map(read)
  const plainWrites = oids.map(write)
  cacheOids()
  for (const _ of [1, 2]) {
    expect(samples.map(read)).toEqual(plainReads)
    expect(oids.map(write)).toEqual(plainWrites)
  }
})
