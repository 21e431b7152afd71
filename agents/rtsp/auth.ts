import { createHash, randomBytes } from 'node:crypto'

export interface Login { username: string, password: string }
export type Challenge =
  | { scheme: 'basic', realm: string }
  | { scheme: 'digest', realm: string, nonce: string, opaque: string | null, algorithm: DigestAlgorithm, qop: boolean, stale: boolean }
type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess'

const algorithms: Record<string, DigestAlgorithm> = { md5: 'MD5', 'md5-sess': 'MD5-sess', 'sha-256': 'SHA-256', 'sha-256-sess': 'SHA-256-sess' }

/** Every challenge of the WWW-Authenticate headers (RFC 9110 11.6.1): one header may hold several, quoted commas included. */
export function parseChallenges (headers: readonly string[]): Challenge[] {
  return headers.slice(0, 16).flatMap(header => splitSchemes(header.slice(0, 4096))).flatMap(({ scheme, params }) => toChallenge(scheme, params))
}

function toChallenge (scheme: string, params: Map<string, string>): Challenge[] {
  const realm = params.get('realm') ?? ''
  if (scheme === 'basic') return [{ scheme, realm }]
  if (scheme !== 'digest') return []
  const nonce = params.get('nonce')
  const algorithm = algorithms[(params.get('algorithm') ?? 'MD5').toLowerCase()]
  if (nonce === undefined || algorithm === undefined) return []
  const qops = params.get('qop')?.toLowerCase().split(',').map(q => q.trim())
  if (qops && !qops.includes('auth')) return []
  return [{ scheme, realm, nonce, opaque: params.get('opaque') ?? null, algorithm, qop: qops !== undefined, stale: params.get('stale')?.toLowerCase() === 'true' }]
}

/** A scanner over `Scheme name=value, name="quoted, value", Scheme2 ...`. */
function splitSchemes (header: string) {
  const token = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y
  const found: { scheme: string, params: Map<string, string> }[] = []
  let at = 0
  while (at < header.length) {
    if (/[\s,]/.test(header[at]!)) { at++; continue }
    token.lastIndex = at
    const name = token.exec(header)?.[0]
    if (name === undefined) { at++; continue }
    at += name.length
    const equals = /\s*=\s*/y
    equals.lastIndex = at
    const sign = equals.exec(header)?.[0]
    if (sign === undefined) { found.push({ scheme: name.toLowerCase(), params: new Map() }); continue }
    const value = readValue(header, at + sign.length)
    at = value.end
    found.at(-1)?.params.set(name.toLowerCase(), value.text)
  }
  return found
}

function readValue (header: string, start: number): { text: string, end: number } {
  if (header[start] !== '"') {
    let end = start
    while (end < header.length && !/[\s,]/.test(header[end]!)) end++
    return { text: header.slice(start, end), end }
  }
  let text = ''
  let at = start + 1
  while (at < header.length && header[at] !== '"') {
    if (header[at] === '\\' && at + 1 < header.length) at++
    text += header[at++]
  }
  return { text, end: at + 1 }
}

/** The strongest one on offer; Basic only where nothing better is. */
export function chooseChallenge (challenges: readonly Challenge[]): Challenge | null {
  const rank = (c: Challenge) => c.scheme === 'basic' ? 0 : c.algorithm.startsWith('SHA-256') ? 2 : 1
  return [...challenges].sort((a, b) => rank(b) - rank(a))[0] ?? null
}

/** Answers a challenge request after request; counts `nc` for one nonce (RFC 7616, and RFC 2069 without qop). */
export class Authorizer {
  private count = 0
  constructor (readonly challenge: Challenge, private readonly login: Login) {}

  header (method: string, uri: string, cnonce = randomBytes(8).toString('hex')): string {
    const c = this.challenge
    const { username, password } = this.login
    if (c.scheme === 'basic') return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    const hash = (text: string) => createHash(c.algorithm.startsWith('SHA-256') ? 'sha256' : 'md5').update(text).digest('hex')
    const nc = (++this.count).toString(16).padStart(8, '0')
    const base = hash(`${username}:${c.realm}:${password}`)
    const ha1 = c.algorithm.endsWith('-sess') ? hash(`${base}:${c.nonce}:${cnonce}`) : base
    const ha2 = hash(`${method}:${uri}`)
    const response = c.qop ? hash(`${ha1}:${c.nonce}:${nc}:${cnonce}:auth:${ha2}`) : hash(`${ha1}:${c.nonce}:${ha2}`)
    const quoted = (text: string) => `"${text.replace(/[\r\n]/g, '').replace(/[\\"]/g, '\\$&')}"`
    const parts = [`username=${quoted(username)}`, `realm=${quoted(c.realm)}`, `nonce=${quoted(c.nonce)}`, `uri=${quoted(uri)}`, `response="${response}"`]
    // Old cameras without `algorithm` in their challenge choke on it in the answer: MD5 is what silence means.
    if (c.algorithm !== 'MD5') parts.push(`algorithm=${c.algorithm}`)
    if (c.opaque !== null) parts.push(`opaque=${quoted(c.opaque)}`)
    if (c.qop || c.algorithm.endsWith('-sess')) parts.push(`cnonce="${cnonce}"`)
    if (c.qop) parts.push('qop=auth', `nc=${nc}`)
    return `Digest ${parts.join(', ')}`
  }
}
