/**
 * Seals device credentials with AES-256-GCM (NIST SP 800-38D: 96-bit random nonce, 128-bit tag) under a key that lies outside
 * the database. Sealed text: `v1.<key id>.<nonce>.<ciphertext and tag>`, base64url. The device's id is associated data, so a
 * row copied to another device does not open.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Compile } from 'typebox/compile'
import { Credential } from '../contract/inventory.js'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Sealed length tells the secret's length only to this many bytes. */
const PAD_BYTES = 128

export type VaultFault = 'wrong_key' | 'damaged'
/** A sealed credential that cannot be opened. The message never holds any of it. */
export class VaultProblem extends Error {
  override name = 'VaultProblem'
  constructor (readonly fault: VaultFault, message: string) { super(message) }
}

export interface Vault {
  /** Eight hex digits that name the key without telling it. */
  readonly keyId: string
  seal (deviceId: string, credential: Credential): string
  /** Throws VaultProblem. */
  open (deviceId: string, sealed: string): Credential
}

const credential = Compile(Credential)
const associated = (deviceId: string) => Buffer.from(`kalancha-credential-v1\n${deviceId}`)
const keyIdOf = (key: Buffer) => createHash('sha256').update('kalancha-key-id\n').update(key).digest('hex').slice(0, 8)

export function vaultWithKey (key: Buffer): Vault {
  if (key.length !== KEY_BYTES) throw new Error(`The credential key must be ${KEY_BYTES} bytes, not ${key.length}.`)
  const keyId = keyIdOf(key)
  return {
    keyId,
    seal (deviceId, credential) {
      const plain = Buffer.from(JSON.stringify(credential))
      const padded = Buffer.concat([plain, Buffer.alloc((PAD_BYTES - plain.length % PAD_BYTES) % PAD_BYTES, ' ')])
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(associated(deviceId))
      const body = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()])
      return `v1.${keyId}.${nonce.toString('base64url')}.${body.toString('base64url')}`
    },
    open (deviceId, sealed) {
      const [version, sealedWith, nonceText, bodyText, rest] = sealed.split('.')
      if (version !== 'v1' || !sealedWith || !nonceText || !bodyText || rest !== undefined) throw new VaultProblem('damaged', 'The stored credential is not in a known form.')
      if (sealedWith !== keyId) throw new VaultProblem('wrong_key', `The credential was sealed with key ${sealedWith}, the server holds key ${keyId}.`)
      return unseal(key, deviceId, Buffer.from(nonceText, 'base64url'), Buffer.from(bodyText, 'base64url'))
    }
  }
}

function unseal (key: Buffer, deviceId: string, nonce: Buffer, body: Buffer): Credential {
  const damaged = () => new VaultProblem('damaged', 'The stored credential was altered or belongs to another device.')
  if (nonce.length !== NONCE_BYTES || body.length <= TAG_BYTES) throw damaged()
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(associated(deviceId))
  decipher.setAuthTag(body.subarray(-TAG_BYTES))
  let value: unknown
  try {
    value = JSON.parse(Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]).toString())
  } catch {
    throw damaged()
  }
  if (!credential.Check(value)) throw damaged()
  return value
}

/** The key from the configuration, or from `keys/credentials.key` under the data folder, made at the first start. Throws rather than start unsafely. */
export function openVault (config: { dataDir: string, credentialKeyHex: string | null }): Vault {
  if (config.credentialKeyHex !== null) return vaultWithKey(keyFromHex(config.credentialKeyHex, 'KALANCHA_CREDENTIAL_KEY'))
  const file = join(config.dataDir, 'keys', 'credentials.key')
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (!found) makeKeyFile(file)
  else if (!found.isFile()) throw new Error(`${file} must be a plain file that holds the credential key.`)
  else if ((found.mode & 0o077) !== 0) throw new Error(`${file} can be read by others (mode ${(found.mode & 0o777).toString(8)}): run chmod 600 on it, then start again.`)
  return vaultWithKey(keyFromHex(readFileSync(file, 'utf8').trim(), file))
}

function keyFromHex (hex: string, where: string) {
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) throw new Error(`${where} must hold exactly 64 hex digits (256 bits). Restore it from the backup; without it the stored device passwords cannot be opened.`)
  return Buffer.from(hex, 'hex')
}

/** Written whole under another name first: a crash must not leave half a key that seals nothing readable. */
function makeKeyFile (file: string) {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const fd = openSync(draft, 'wx', 0o600)
  try {
    writeSync(fd, `${randomBytes(KEY_BYTES).toString('hex')}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  try {
    linkSync(draft, file)
  } catch (err) {
    // Another process made it in the meantime; that one holds.
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err
  } finally {
    unlinkSync(draft)
  }
  const folderFd = openSync(folder, 'r')
  try { fsyncSync(folderFd) } finally { closeSync(folderFd) }
}
