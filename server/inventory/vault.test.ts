import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Credential } from '../contract/inventory.js'
import { openVault, type VaultFault, VaultProblem, vaultWithKey } from './vault.js'

const vault = vaultWithKey(randomBytes(32))
const secret: Credential = { kind: 'password', username: 'admin', password: 'пароль-Ω-very-secret' }
const faultOf = (work: () => unknown): VaultFault | 'opened' => {
  try {
    work()
    return 'opened'
  } catch (err) {
    if (err instanceof VaultProblem) return err.fault
    throw err
  }
}

describe('sealing', () => {
  it('opens what it sealed, whatever the credential', () => {
    const password = fc.record({ kind: fc.constant('password' as const), username: fc.string({ maxLength: 64 }), password: fc.string({ maxLength: 256 }) })
    fc.assert(fc.property(password, fc.uuid(), (credential, id) => { expect(vault.open(id, vault.seal(id, credential))).toEqual(credential) }))
  })
  it('never seals the same way twice and shows neither the secret nor its exact length', () => {
    const id = newId()
    const texts = Array.from({ length: 50 }, () => vault.seal(id, secret))
    expect(new Set(texts.map(t => t.split('.')[2])).size).toBe(50)
    expect(Buffer.from(texts[0]!.split('.')[3]!, 'base64url').toString('latin1')).not.toContain('admin')
    expect(vault.seal(id, { ...secret, password: 'x' }).length).toBe(texts[0]!.length)
  })
  it('refuses any altered character, another device and another key', () => {
    const id = newId()
    const sealed = vault.seal(id, secret)
    fc.assert(fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'b', '7', '-', '.', '!'), (at, char) => {
      const altered = sealed.slice(0, at) + char + sealed.slice(at + 1)
      // The last character of unpadded base64 may carry bits that mean nothing.
      if (altered === sealed || at === sealed.length - 1) return
      expect(faultOf(() => vault.open(id, altered))).not.toBe('opened')
    }), { numRuns: 500 })
    expect(faultOf(() => vault.open(newId(), sealed))).toBe('damaged')
    expect(faultOf(() => vaultWithKey(randomBytes(32)).open(id, sealed))).toBe('wrong_key')
    for (const text of ['', 'v1', 'v1...', `${sealed}.x`, sealed.slice(0, -30), `v2${sealed.slice(2)}`, 'v1.x.AAAA.AAAA']) expect(faultOf(() => vault.open(id, text))).not.toBe('opened')
  })
  it('never lets a shortened authentication tag pass', () => {
    const id = newId()
    const [v, k, n, body] = vault.seal(id, secret).split('.')
    const bytes = Buffer.from(body!, 'base64url')
    for (const cut of [1, 4, 12, 15]) expect(faultOf(() => vault.open(id, [v, k, n, bytes.subarray(0, -cut).toString('base64url')].join('.')))).toBe('damaged')
  })
})

describe('the key', () => {
  const folders: string[] = []
  const folder = () => { const f = mkdtempSync(join(tmpdir(), 'kalancha-vault-')); folders.push(f); return f }
  afterEach(() => { for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true }) })

  it('is made once, readable by its owner only, and found again', () => {
    const dataDir = folder()
    const id = newId()
    const sealed = openVault({ dataDir, credentialKeyHex: null }).seal(id, secret)
    const file = join(dataDir, 'keys/credentials.key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(dataDir, 'keys'))).toEqual(['credentials.key'])
    expect(openVault({ dataDir, credentialKeyHex: null }).open(id, sealed)).toEqual(secret)
    expect(openVault({ dataDir: folder(), credentialKeyHex: readFileSync(file, 'utf8').trim() }).open(id, sealed)).toEqual(secret)
  })
  it('is refused when others could read it, when it is no plain file, and when its length is wrong', () => {
    const dataDir = folder()
    openVault({ dataDir, credentialKeyHex: null })
    const file = join(dataDir, 'keys/credentials.key')
    for (const mode of [0o640, 0o604, 0o620, 0o610]) {
      chmodSync(file, mode)
      expect(() => openVault({ dataDir, credentialKeyHex: null })).toThrow(/chmod 600/)
    }
    for (const text of ['', 'abc', 'g'.repeat(64), 'a'.repeat(63), 'a'.repeat(66)]) {
      writeFileSync(file, text)
      chmodSync(file, 0o600)
      expect(() => openVault({ dataDir, credentialKeyHex: null })).toThrow(/64 hex digits/)
    }
    const other = folder()
    mkdirSync(join(other, 'keys'))
    symlinkSync(file, join(other, 'keys/credentials.key'))
    expect(() => openVault({ dataDir: other, credentialKeyHex: null })).toThrow(/plain file/)
  })
})
