/** HTTP authentication, client side: a real parser of challenges (RFC 9110 section 11) and Digest (RFC 7616, RFC 2617). */
import { createHash, randomBytes } from 'node:crypto'

export interface Challenge { scheme: string, parameters: Record<string, string> }
export interface Login { username: string, password: string }

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const separators = /[\s,]*/y

function takeAt (pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position
  return pattern.exec(text)?.[0] ?? ''
}

/** A quoted string (with backslash pairs) or a bare value at `position`: its value and where it ends. */
function takeValue (text: string, position: number): { value: string, end: number } {
  if (text[position] !== '"') {
    // Some cameras leave a base64 nonce unquoted: everything up to a comma or white space belongs to it.
    const value = takeAt(/[^\s,]*/y, text, position)
    return { value, end: position + value.length }
  }
  let value = ''
  let i = position + 1
  for (; i < text.length && text[i] !== '"'; i++) {
    if (text[i] === '\\' && i + 1 < text.length) i++
    value += text[i]
  }
  return { value, end: i + 1 }
}

/** The challenges of one WWW-Authenticate value. Parameter names are lower-cased; the order does not matter. */
export function parseChallenges (header: string): Challenge[] {
  const challenges: Challenge[] = []
  const text = header.slice(0, 8192)
  let i = 0
  while (i < text.length) {
    i += takeAt(separators, text, i).length
    const name = takeAt(token, text, i)
    if (!name) break
    i += name.length
    const gap = takeAt(/[ \t]*/y, text, i).length
    const current = challenges.at(-1)
    if (text[i + gap] === '=' && current) {
      i += gap + 1
      i += takeAt(/[ \t]*/y, text, i).length
      const { value, end } = takeValue(text, i)
      current.parameters[name.toLowerCase()] ??= value
      i = end
    } else if (text[i + gap] === '=') {
      break
    } else {
      challenges.push({ scheme: name.toLowerCase(), parameters: Object.create(null) })
    }
  }
  return challenges
}

/** Algorithms we answer, the strongest first. */
const algorithms = [
  { name: 'SHA-256-SESS', hash: 'sha256', session: true }, { name: 'SHA-256', hash: 'sha256', session: false },
  { name: 'MD5-SESS', hash: 'md5', session: true }, { name: 'MD5', hash: 'md5', session: false }
] as const

const algorithmOf = (challenge: Challenge) =>
  algorithms.find(a => a.name.replaceAll('-', '') === (challenge.parameters.algorithm ?? 'MD5').toUpperCase().replaceAll('-', ''))

const qops = (challenge: Challenge) => (challenge.parameters.qop ?? '').toLowerCase().split(/[\s,]+/).filter(Boolean)

/** The strongest digest challenge that we can answer. */
export function pickDigest (challenges: readonly Challenge[]): Challenge | null {
  const usable = challenges.filter(c => c.scheme === 'digest' && c.parameters.nonce !== undefined && algorithmOf(c) &&
    (qops(c).length === 0 || qops(c).includes('auth')))
  const rank = (c: Challenge) => (algorithmOf(c)?.hash === 'sha256' ? 0 : 1)
  return usable.sort((a, b) => rank(a) - rank(b))[0] ?? null
}

const quoted = (value: string) => `"${value.replace(/[\\"]/g, '\\$&').replace(/[\r\n]/g, '')}"`

/** Digest state of ONE camera: the last challenge and how often its nonce was used. Never shared between cameras. */
export class DigestState {
  #challenge: Challenge | null = null
  #uses = 0

  get known () { return this.#challenge !== null }
  get nonce () { return this.#challenge?.parameters.nonce ?? null }

  learn (challenge: Challenge) {
    this.#challenge = challenge
    this.#uses = 0
  }

  forget () { this.#challenge = null }

  /** The Authorization value for a request, or null before a challenge was learnt. Non-ASCII names and passwords go as UTF-8. */
  authorize (method: string, uri: string, login: Login, cnonce = randomBytes(12).toString('hex')): string | null {
    const challenge = this.#challenge
    const algorithm = challenge && algorithmOf(challenge)
    if (!challenge || !algorithm) return null
    const { realm = '', nonce = '', opaque } = challenge.parameters
    const hash = (text: string) => createHash(algorithm.hash).update(text, 'utf8').digest('hex')
    const count = (++this.#uses).toString(16).padStart(8, '0')
    const identity = hash(`${login.username}:${realm}:${login.password}`)
    const secret = algorithm.session ? hash(`${identity}:${nonce}:${cnonce}`) : identity
    const request = hash(`${method}:${uri}`)
    const withQop = qops(challenge).includes('auth')
    const response = hash(withQop ? `${secret}:${nonce}:${count}:${cnonce}:auth:${request}` : `${secret}:${nonce}:${request}`)
    const parts = [
      `username=${quoted(login.username)}`, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`, `uri=${quoted(uri)}`,
      // The server's own spelling of the algorithm, and only where it named one: old cameras compare it as text.
      ...(challenge.parameters.algorithm === undefined ? [] : [`algorithm=${challenge.parameters.algorithm.replace(/[^\w-]/g, '')}`]),
      ...(withQop ? ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`] : algorithm.session ? [`cnonce="${cnonce}"`] : []),
      `response="${response}"`,
      ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`])
    ]
    return Buffer.from(`Digest ${parts.join(', ')}`, 'utf8').toString('latin1')
  }
}
