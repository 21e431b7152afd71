import { describe, expect, it } from 'vitest'
import { passwordFault, tokenOf } from './password.js'

const token = 'abcdefghijklmnopqrstuvwxyz_-0123'
describe('the token of a one-time link', () => {
  it('is read from both forms of the hash', () => {
    expect(tokenOf(`#${token}`)).toBe(token)
    expect(tokenOf(`#token=${token}`)).toBe(token)
  })
  it('is refused when short or strange', () => {
    expect(tokenOf('')).toBeNull()
    expect(tokenOf('#short')).toBeNull()
    expect(tokenOf('#<script>alert(1)</script>aaaa')).toBeNull()
  })
})
it('a password is counted in characters, not in code units, and must be repeated', () => {
  expect(passwordFault('🔥🔥🔥🔥🔥🔥🔥')).not.toBe(null)
  expect(passwordFault('довга фраза!')).toBe(null)
  expect(passwordFault('довга фраза!', 'довга фраза?')).not.toBe(null)
})
