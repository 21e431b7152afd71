/** SOAP 1.2 to one camera: envelope, authentication learnt once a camera, faults told apart. */
import type { Clock } from '../../lib/clock.js'
import { Authorizer, basicHeader, type Login, utf8Bytes } from '../digest/authorizer.js'
import { chooseChallenge, parseChallenges } from '../digest/challenges.js'
import { CameraFailure } from './failure.js'
import { type CameraAddress, cameraHttp, type HttpAnswer } from './http.js'
import { requests, type SoapRequest } from './requests.js'
import { clockOffsetMs, type DeviceTime, readDeviceTime } from './time.js'
import { usernameToken } from './username-token.js'
import { child, parseXml, textAt, type XmlNode } from './xml.js'

export interface SoapTarget extends CameraAddress { login: Login | null }
export interface Endpoint { port: number, path: string }
export interface CallOptions { signal?: AbortSignal | undefined, deadlineMs?: number, maxBytes?: number }
export interface SoapDeps {
  clock: Clock
  /** Total for one call with all its authentication rounds, ms. */
  deadlineMs?: number
}
/** `offsetMs` is the device's clock minus ours; `source` says where it came from. */
export interface ReadClock { offsetMs: number | null, source: 'utc' | 'local' | 'http' | 'none', why: string, rttMs: number }

export const devicePath = '/onvif/device_service'
/** GetProfiles of a 16-sensor recorder is about 600 kB. */
const maxReplyBytes = 2 * 1024 * 1024
/** A clock older than this is read again before a refused token is called a wrong password. */
const clockTrustedForMs = 30_000
type How = 'plain' | 'token' | 'digest' | 'basic'

export function envelope (request: SoapRequest, security: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ${request.namespaces.join(' ')}>` +
    `<s:Header>${security}${request.headers?.() ?? ''}</s:Header><s:Body>${request.body}</s:Body></s:Envelope>`
}

const localName = (qualified: string) => qualified.trim().split(':').at(-1) ?? ''

/** The innermost subcode's local name and the reason of a SOAP 1.2 fault; SOAP 1.1 faults give their faultcode. */
function readFault (fault: XmlNode): { code: string, reason: string } {
  let code = localName(textAt(fault, 'Code', 'Value') || textAt(fault, 'faultcode'))
  for (let sub = child(child(fault, 'Code'), 'Subcode'); sub; sub = child(sub, 'Subcode')) code = localName(textAt(sub, 'Value')) || code
  return { code: code.slice(0, 80), reason: (textAt(fault, 'Reason', 'Text') || textAt(fault, 'faultstring')).slice(0, 200) }
}

const refusedNames = new Set(['NotAuthorized', 'FailedAuthentication', 'InvalidSecurity', 'InvalidSecurityToken', 'MessageExpired', 'OperationProhibited'])

/** The response element of a reply. Throws CameraFailure for faults, HTTP errors and anything that is not the expected reply. */
export function readReply (status: number, xml: string, method: string): XmlNode {
  const looksLikeXml = /^[\s\uFEFF]*</.test(xml) && !/^[\s\uFEFF]*<(!doctype\s+)?html/i.test(xml)
  if (!looksLikeXml && status === 200) throw new CameraFailure('protocol_error', 'the answer is not XML: this port does not speak ONVIF')
  if (!looksLikeXml || (status >= 300 && status < 400)) throw httpFailure(status)
  const root = parseXml(xml)
  const body = child(root, 'Body')
  if (root.name !== 'Envelope' || !body) {
    if (status !== 200) throw httpFailure(status)
    throw new CameraFailure('protocol_error', 'the answer is not a SOAP envelope')
  }
  const fault = child(body, 'Fault')
  if (fault) {
    const { code, reason } = readFault(fault)
    if (refusedNames.has(code) || status === 401) throw new CameraFailure('authentication_failed', 'the camera refused the user name and password', { soapFault: code, httpStatus: status })
    throw new CameraFailure('protocol_error', `the camera answered ${method} with a fault: ${[code, reason].filter(Boolean).join(', ')}`, { soapFault: code || 'Fault', httpStatus: status })
  }
  const response = child(body, `${method}Response`)
  if (response) return response
  if (status !== 200) throw httpFailure(status)
  throw new CameraFailure('protocol_error', `the answer does not hold ${method}Response`)
}

function httpFailure (status: number): CameraFailure {
  if (status === 401 || status === 403) return new CameraFailure('authentication_failed', `the camera refused the request (HTTP ${status})`, { httpStatus: status })
  if (status >= 300 && status < 400) return new CameraFailure('http_status', `the camera redirects elsewhere (HTTP ${status}), which is not followed`, { httpStatus: status })
  return new CameraFailure('http_status', `the camera answered with HTTP ${status}`, { httpStatus: status })
}

export class SoapClient {
  /** Of this camera alone; null before its first challenge. */
  #digest: Authorizer | null = null
  #how: How = 'token'
  #clock: ReadClock | null = null
  #clockReadAt = 0

  constructor (readonly target: SoapTarget, private readonly deps: SoapDeps) {}

  get clockOffset () { return this.#clock }

  /** Authenticated where the camera has a credential. Throws CameraFailure. */
  async call (endpoint: Endpoint, request: SoapRequest, options: CallOptions = {}): Promise<XmlNode> {
    const until = this.#until(options)
    if (this.target.login && this.#how === 'token' && !this.#clock) await this.readClock({ ...options, deadlineMs: until - performance.now() }).catch(notAboutTime)
    return await this.#rounds(endpoint, request, this.target.login ? this.#how : 'plain', until, options)
  }

  /** The device's clock: unauthenticated first, with the credential where the device insists, by the HTTP Date header as the last resort. */
  async readClock (options: CallOptions = {}): Promise<ReadClock> {
    const until = this.#until(options)
    const request = await requests.systemDateAndTime()
    const endpoint = { port: this.target.port, path: devicePath }
    let sentAt = this.deps.clock.now()
    const started = performance.now()
    const answer = await this.#send(endpoint, request, 'plain', until, options)
    const rttMs = performance.now() - started
    let receivedAt = this.deps.clock.now()
    let time: DeviceTime
    try {
      time = readDeviceTime(readReply(answer.status, text(answer), request.method))
    } catch (error) {
      if (!(error instanceof CameraFailure) || error.code !== 'authentication_failed') throw error
      const fallback = this.#keep(byHeader(answer, 'the camera tells its time only after login', sentAt, receivedAt, rttMs))
      if (!this.target.login) return fallback
      sentAt = this.deps.clock.now()
      time = readDeviceTime(await this.#rounds(endpoint, request, this.#how, until, options))
      receivedAt = this.deps.clock.now()
    }
    if (time.source === 'none') return this.#keep(byHeader(answer, time.why, sentAt, receivedAt, rttMs))
    return this.#keep({ offsetMs: clockOffsetMs(time.atMs, sentAt, receivedAt), source: time.source, why: '', rttMs })
  }

  /** GET of a picture on the camera: digest first; Basic only over TLS. */
  async get (endpoint: Endpoint, maxBytes: number, options: CallOptions = {}): Promise<HttpAnswer> {
    const until = this.#until(options)
    const send = (authorization: string | null) => cameraHttp({ ...this.target, port: endpoint.port }, {
      method: 'GET', path: endpoint.path, headers: authorization ? { authorization } : {}, maxBytes, deadlineMs: until - performance.now(), signal: options.signal
    })
    const { login } = this.target
    let answer = await send(this.#digestFor('GET', endpoint.path))
    for (let round = 0; answer.status === 401 && round < 2; round++) {
      const next = this.#answerTo(answer)
      if (!login || !next || (round === 1 && !next.stale)) break
      answer = await send(next.how === 'basic' ? basicHeader(login) : this.#digestFor('GET', endpoint.path))
    }
    if (answer.status !== 200) throw httpFailure(answer.status)
    return answer
  }

  #until (options: CallOptions) { return performance.now() + (options.deadlineMs ?? this.deps.deadlineMs ?? 5000) }

  #keep (read: ReadClock): ReadClock {
    this.#clockReadAt = performance.now()
    this.#clock = read
    return read
  }

  /** What a 401 asks for, learnt; null when nothing that may be answered was offered. */
  #answerTo (answer: HttpAnswer): { how: 'digest' | 'basic', stale: boolean } | null {
    const challenge = chooseChallenge(parseChallenges(answer.challenges))
    if (!challenge || !this.target.login) return null
    if (challenge.scheme === 'digest') {
      this.#digest = new Authorizer(challenge, this.target.login, this.#digest)
      return { how: 'digest', stale: challenge.stale }
    }
    if (this.target.tls) return { how: 'basic', stale: false }
    throw new CameraFailure('authentication_failed', 'the camera offers only Basic authentication without TLS; the password was not sent', { httpStatus: 401 })
  }

  /** At most six requests: each way of proving who we are once, once more after an old nonce or a corrected clock. */
  async #rounds (endpoint: Endpoint, request: SoapRequest, first: How, until: number, options: CallOptions): Promise<XmlNode> {
    let how = first
    let nonceIsFresh = false
    let clockCorrected = false
    let failure = new CameraFailure('authentication_failed', 'the camera refused every way to log in')
    for (let round = 0; round < 6; round++) {
      const answer = await this.#send(endpoint, request, how, until, options)
      try {
        const reply = readReply(answer.status, text(answer), request.method)
        // Only asked in order to see a challenge: that it answers strangers does not make our password right.
        if (how === 'plain' && first !== 'plain') throw failure
        if (how !== 'plain') this.#how = how
        return reply
      } catch (error) {
        if (!(error instanceof CameraFailure) || error.code !== 'authentication_failed') throw error
        if (!this.target.login) throw new CameraFailure('authentication_failed', 'the camera asks for a user name and a password', error.facts)
        failure = error
      }
      const offered = answer.status === 401 ? this.#answerTo(answer) : null
      if (offered && (offered.how !== how || (how === 'digest' && !nonceIsFresh) || (offered.stale && round < 3))) {
        how = offered.how
        nonceIsFresh = true
      } else if (how === 'token' && !clockCorrected && performance.now() - this.#clockReadAt > clockTrustedForMs) {
        clockCorrected = true
        await this.readClock({ ...options, deadlineMs: until - performance.now() })
      } else if (how === 'token') {
        // Asking without any credential makes a digest-only camera show its challenge, and costs no failed login.
        how = 'plain'
      } else {
        break
      }
    }
    throw this.#refused(failure)
  }

  #digestFor (method: string, path: string) { return this.#digest ? utf8Bytes(this.#digest.header(method, path)) : null }

  #refused (failure: CameraFailure): CameraFailure {
    this.#digest = null
    this.#how = 'token'
    const clock = this.#clock
    const hint = clock?.offsetMs == null
      ? '; its clock could not be read, and a wrong clock makes a camera refuse a right password'
      : Math.abs(clock.offsetMs) > 5000 ? `; its clock is ${Math.round(clock.offsetMs / 1000)} s off, which was allowed for` : ''
    return new CameraFailure('authentication_failed', failure.facts.soapFault === 'OperationProhibited' ? 'the user may not do this on the camera' : `the camera refused the user name or password${hint}`, failure.facts)
  }

  async #send (endpoint: Endpoint, request: SoapRequest, how: How, until: number, options: CallOptions): Promise<HttpAnswer> {
    const { login } = this.target
    const token = how === 'token' && login ? usernameToken(login, this.deps.clock.now() + (this.#clock?.offsetMs ?? 0)) : ''
    const authorization = !login ? null : how === 'digest' ? this.#digestFor('POST', endpoint.path) : how === 'basic' ? basicHeader(login) : null
    return await cameraHttp({ ...this.target, port: endpoint.port }, {
      method: 'POST', path: endpoint.path, body: envelope(request, token), maxBytes: options.maxBytes ?? maxReplyBytes, deadlineMs: until - performance.now(), signal: options.signal,
      headers: { 'content-type': 'application/soap+xml; charset=utf-8', ...(authorization ? { authorization } : {}) }
    })
  }
}

/** A camera without GetSystemDateAndTime still works; one that does not answer at all will say so again at once. */
function notAboutTime (error: unknown) {
  if (!(error instanceof CameraFailure) || !['protocol_error', 'http_status', 'authentication_failed'].includes(error.code)) throw error
}

const text = (answer: HttpAnswer) => answer.body.toString('utf8')
const byHeader = (answer: HttpAnswer, why: string, sentAt: number, receivedAt: number, rttMs: number): ReadClock => answer.dateMs === null
  ? { offsetMs: null, source: 'none', why, rttMs }
  : { offsetMs: clockOffsetMs(answer.dateMs + 500, sentAt, receivedAt), source: 'http', why, rttMs }
