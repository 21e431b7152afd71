import { createHash, randomBytes } from 'node:crypto'
import type { Challenge, DigestChallenge } from './challenges.js'

export interface Login { username: string, password: string }

const quoted = (value: string) => `"${value.replace(/[\r\n]/g, '').replace(/[\\"]/g, '\\$&')}"`

/** Text whose characters are the bytes of its UTF-8: for senders that write a header byte by byte (latin1), as Node's HTTP does. */
export const utf8Bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

/** RFC 7617, in UTF-8. */
export const basicHeader = ({ username, password }: Login) => `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`

/**
 * Answers one peer's challenge request after request: MD5 and SHA-256, also `-sess`; qop=auth, or RFC 2069 without qop; auth-int is
 * not spoken. Never shared between peers. After a new challenge make a new one from the `previous`: a nonce that came again goes on being counted.
 */
export class Authorizer<C extends Challenge = Challenge> {
  private count = 0
  constructor (readonly challenge: C, private readonly login: Login, previous: Authorizer | null = null) {
    const before = previous?.challenge
    if (before?.scheme === 'digest' && challenge.scheme === 'digest' && before.nonce === challenge.nonce) this.count = previous!.count
  }

  /** The value of Authorization. Names and passwords beyond ASCII are hashed as UTF-8 and must be sent so. */
  header (method: string, uri: string, cnonce = randomBytes(12).toString('hex')): string {
    return this.challenge.scheme === 'basic' ? basicHeader(this.login) : digestHeader(this.challenge, this.login, { method, uri, cnonce, count: ++this.count })
  }
}

/** RFC 7616 section 3.4. */
function digestHeader (c: DigestChallenge, { username, password }: Login, { method, uri, cnonce, count }: { method: string, uri: string, cnonce: string, count: number }) {
  const hash = (text: string) => createHash(c.hash).update(text, 'utf8').digest('hex')
  const nc = count.toString(16).padStart(8, '0')
  const identity = hash(`${username}:${c.realm}:${password}`)
  const secret = c.session ? hash(`${identity}:${c.nonce}:${cnonce}`) : identity
  const request = hash(`${method}:${uri}`)
  const response = hash(c.qop ? `${secret}:${c.nonce}:${nc}:${cnonce}:auth:${request}` : `${secret}:${c.nonce}:${request}`)
  const parts = [`username=${quoted(username)}`, `realm=${quoted(c.realm)}`, `nonce=${quoted(c.nonce)}`, `uri=${quoted(uri)}`, `response="${response}"`]
  // The peer's own spelling, and only where it named one: old cameras compare it as text, or choke on it.
  if (c.algorithm !== null) parts.push(`algorithm=${c.algorithm.replace(/[^\w-]/g, '')}`)
  if (c.opaque !== null) parts.push(`opaque=${quoted(c.opaque)}`)
  if (c.qop || c.session) parts.push(`cnonce="${cnonce}"`)
  if (c.qop) parts.push('qop=auth', `nc=${nc}`)
  return `Digest ${parts.join(', ')}`
}
