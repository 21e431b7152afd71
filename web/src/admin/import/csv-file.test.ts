import { describe, expect, it } from 'vitest'
import { decodeCsv } from './csv-file.js'

const utf16 = (text: string, big: boolean) => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return big ? bytes.swap16() : bytes
}

describe('the bytes of a CSV file', () => {
  it('are UTF-8 with or without a mark', () => {
    expect(decodeCsv(Buffer.from('kind,name\nhost,Їжак'))).toEqual({ text: 'kind,name\nhost,Їжак', encoding: 'utf-8' })
    expect(decodeCsv(Buffer.from('\uFEFFназва'))).toEqual({ text: 'назва', encoding: 'utf-8' })
  })
  it('are Windows-1251 when they are no UTF-8', () => {
    // "Ґанок, вхід №7": Ukrainian letters lie outside the common Cyrillic block of the code page.
    const bytes = Uint8Array.from([0xa5, 0xe0, 0xed, 0xee, 0xea, 0x2c, 0x20, 0xe2, 0xf5, 0xb3, 0xe4, 0x20, 0xb9, 0x37])
    expect(decodeCsv(bytes)).toEqual({ text: 'Ґанок, вхід №7', encoding: 'windows-1251' })
  })
  it('are UTF-16 when their mark says so', () => {
    expect(decodeCsv(utf16('вхід', false))).toEqual({ text: 'вхід', encoding: 'utf-16le' })
    expect(decodeCsv(utf16('вхід', true))).toEqual({ text: 'вхід', encoding: 'utf-16be' })
  })
  it('may be none', () => {
    expect(decodeCsv(new Uint8Array())).toEqual({ text: '', encoding: 'utf-8' })
  })
})
