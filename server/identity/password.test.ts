import { dictionary } from '@zxcvbn-ts/language-common'
import { describe, expect, it } from 'vitest'
import { hashPassword, normalise, passwordFits, passwordProblem } from './password.js'

const owner = { login: 'o.shevchenko', displayName: 'Олена Шевченко' }
const codeOf = (password: string) => passwordProblem(password, owner, '/password')?.code ?? null

describe('a password', () => {
  it.each([
    ['kettle borrows violet maps', null], ['чайник позичає мапи', null], ['tR7#mqLw92vX!', null],
    ['short', 'password_too_short'], ['elevenchars', 'password_too_short'],
    ['my O.Shevchenko secret', 'password_contains_login'],
    ['Password1234!', 'password_too_common'], ['P@ssw0rdP@ssw0rd', 'password_too_common'], ['administrator', 'password_too_common'],
    ['qwertyuiop[]', 'password_too_common'], ['йцукенгшщзхї', 'password_too_common'], ['парольпароль', 'password_too_common'],
    ['aaaaaaaaaaaa', 'password_too_common'], ['123456789012', 'password_too_common'], ['Шевченко1234', 'password_too_common'],
    // Full-width letters are the same characters to a person and, by NFKC, to us.
    ['Ｐassword1234', 'password_too_common']
  ])('%s: %s', (password, code) => { expect(codeOf(password)).toBe(code) })

  it('counts characters, not code units', () => {
    expect(codeOf('🦊🦉🐢🐙')).toBe('password_too_short')
  })

  it('is refused whenever a list of leaked ones holds it, however long', () => {
    const long = dictionary['passwords-common'].filter(word => word.length >= 12)
    expect(long.length).toBeGreaterThan(200)
    // Every fourth: each costs milliseconds, and on a busy machine many of them.
    expect(long.filter((word, n) => n % 4 === 0 && codeOf(word) === null)).toEqual([])
  })

  it('of the greatest length is judged, not a way to keep the server busy', () => {
    expect(codeOf('a1B2'.repeat(64))).toBe('password_too_common')
  })
})

describe('its hash', () => {
  it('is argon2id with the parameters of OWASP, salted', async () => {
    const [one, two] = [await hashPassword('kettle borrows violet maps'), await hashPassword('kettle borrows violet maps')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(two)
  })

  it('fits its password only, however that was composed', async () => {
    const stored = await hashPassword('їжак \u0456\u0308 café tables')
    expect(await passwordFits(stored, 'їжак \u0457 cafe\u0301 tables')).toBe(true)
    expect(await passwordFits(stored, 'їжак \u0457 cafe tables')).toBe(false)
    expect(normalise('ﬁve')).toBe('five')
  })

  it('that does not exist fits nothing', async () => {
    expect(await passwordFits(null, 'anything')).toBe(false)
  })
})
