/** What a peer asks for with a 401, over HTTP and over RTSP alike: challenges (RFC 9110 section 11.6.1), Digest (RFC 7616, RFC 2617, RFC 2069) and Basic (RFC 7617). */

interface BasicChallenge { scheme: 'basic', realm: string }
export interface DigestChallenge {
  scheme: 'digest'
  realm: string
  nonce: string
  opaque: string | null
  hash: 'md5' | 'sha256'
  /** `-sess`: the secret is bound to the nonce and our own number. */
  session: boolean
  /** As the peer spelt it; null where it named none, which means MD5. */
  algorithm: string | null
  /** qop=auth was offered; false is RFC 2069. */
  qop: boolean
  /** The nonce was too old; the login was not judged. */
  stale: boolean
}
export type Challenge = BasicChallenge | DigestChallenge

const MAX_HEADERS = 16
const MAX_HEADER_CHARS = 8192
/** Compared in lower case and without hyphens: some firmware writes SHA256. */
const algorithms = new Map<string, Pick<DigestChallenge, 'hash' | 'session'>>([
  ['md5', { hash: 'md5', session: false }], ['md5sess', { hash: 'md5', session: true }], ['sha256', { hash: 'sha256', session: false }], ['sha256sess', { hash: 'sha256', session: true }]
])

/** Every challenge of the WWW-Authenticate headers that can be answered: Basic, and Digest with a known algorithm and without a demand for auth-int. */
export const parseChallenges = (headers: readonly string[]): Challenge[] =>
  headers.slice(0, MAX_HEADERS).flatMap(header => splitSchemes(header.slice(0, MAX_HEADER_CHARS))).flatMap(({ scheme, parameters }) => toChallenge(scheme, parameters))

/** The strongest on offer; Basic only where nothing better is. Whether Basic may be answered on this connection is the caller's to say. */
export function chooseChallenge (challenges: readonly Challenge[]): Challenge | null {
  const rank = (c: Challenge) => c.scheme === 'basic' ? 0 : c.hash === 'sha256' ? 2 : 1
  return [...challenges].sort((a, b) => rank(b) - rank(a))[0] ?? null
}

function toChallenge (scheme: string, parameters: Map<string, string>): Challenge[] {
  const realm = parameters.get('realm') ?? ''
  if (scheme === 'basic') return [{ scheme, realm }]
  const nonce = parameters.get('nonce')
  if (scheme !== 'digest' || nonce === undefined) return []
  const algorithm = parameters.get('algorithm') ?? null
  const known = algorithms.get((algorithm ?? 'MD5').toLowerCase().replaceAll('-', ''))
  const qops = (parameters.get('qop') ?? '').toLowerCase().split(/[\s,]+/).filter(Boolean)
  const qop = qops.includes('auth')
  if (!known || (qops.length > 0 && !qop)) return []
  return [{ scheme, realm, nonce, opaque: parameters.get('opaque') ?? null, ...known, algorithm, qop, stale: parameters.get('stale')?.toLowerCase() === 'true' }]
}

/** A scanner over `Scheme name=value, name="quoted, value", Scheme2 ...`; of a name given twice the first counts. What is neither is passed over. */
function splitSchemes (header: string) {
  const token = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y
  const equals = /\s*=\s*/y
  const found: { scheme: string, parameters: Map<string, string> }[] = []
  for (let at = 0; at < header.length;) {
    token.lastIndex = at
    const name = token.exec(header)?.[0].toLowerCase()
    if (name === undefined) { at++; continue }
    at += name.length
    equals.lastIndex = at
    const sign = equals.exec(header)?.[0]
    if (sign === undefined) { found.push({ scheme: name, parameters: new Map() }); continue }
    const { value, end } = readValue(header, at + sign.length)
    at = end
    const parameters = found.at(-1)?.parameters
    if (!parameters?.has(name)) parameters?.set(name, value)
  }
  return found
}

/** A quoted string (with backslash pairs) or a bare value at `start`, and where it ends. */
function readValue (header: string, start: number): { value: string, end: number } {
  if (header[start] !== '"') {
    // Some cameras leave a base64 nonce unquoted: everything up to a comma or white space belongs to it.
    let end = start
    while (end < header.length && !/[\s,]/.test(header[end]!)) end++
    return { value: header.slice(start, end), end }
  }
  let value = ''
  let at = start + 1
  while (at < header.length && header[at] !== '"') {
    if (header[at] === '\\' && at + 1 < header.length) at++
    value += header[at++]
  }
  return { value, end: at + 1 }
}
