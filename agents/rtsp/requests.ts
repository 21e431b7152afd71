import { Authorizer, type Login } from '../digest/authorizer.js'
import { chooseChallenge, parseChallenges } from '../digest/challenges.js'
import { RtspFault } from './fault.js'
import type { RtspMessage } from './interleaved.js'

interface Waiting { cseq: number, resolve (m: RtspMessage): void, reject (e: RtspFault): void }

/**
 * Requests and answers over one connection, one after another, with the answer to a challenge. Passwords go out only in
 * answer to a challenge: Digest where the camera offers it, Basic where it offers nothing else.
 */
export class RtspRequests {
  session: string | null = null
  private cseq = 0
  private waiting: Waiting | null = null
  private authorizer: Authorizer | null = null

  constructor (private readonly write: (text: string) => void, private readonly login: Login | null, private readonly userAgent = 'Kalancha') {}

  /** @throws RtspFault for any status but 2xx. */
  async request (method: string, uri: string, headers: Record<string, string> = {}): Promise<RtspMessage> {
    let answer = await this.send(method, uri, headers)
    for (let attempt = 0; answer.status === 401 && attempt < 2; attempt++) {
      this.answerChallenge(answer, attempt)
      answer = await this.send(method, uri, headers)
    }
    if (answer.status >= 200 && answer.status < 300) return answer
    throw faultOfStatus(method, answer)
  }

  /** Without waiting: keep-alive and TEARDOWN. The answer is ignored. */
  tell (method: string, uri: string) {
    this.write(this.format(method, uri, {}))
  }

  received (message: RtspMessage) {
    const waiting = this.waiting
    const cseq = Number(message.headers.get('cseq')?.[0])
    // Answers to keep-alives come between; an answer without a number is taken for the one that is due.
    if (!waiting || (Number.isInteger(cseq) && cseq !== waiting.cseq)) return this.renewNonce(message)
    this.waiting = null
    waiting.resolve(message)
  }

  /** A keep-alive refused for an old nonce: the next one uses the new. */
  private renewNonce (message: RtspMessage) {
    if (message.status !== 401 || !this.login || !this.authorizer) return
    const challenge = chooseChallenge(parseChallenges(message.headers.get('www-authenticate') ?? []))
    if (challenge?.scheme === 'digest') this.authorizer = new Authorizer(challenge, this.login, this.authorizer)
  }

  fail (fault: RtspFault) {
    this.waiting?.reject(fault)
    this.waiting = null
  }

  private answerChallenge (answer: RtspMessage, attempt: number) {
    if (!this.login) throw new RtspFault('authentication_failed', 'The camera asks for a user name and password, and none is set')
    const challenge = chooseChallenge(parseChallenges(answer.headers.get('www-authenticate') ?? []))
    if (!challenge) throw new RtspFault('authentication_failed', 'The camera asks for authentication of an unknown kind')
    const stale = challenge.scheme === 'digest' && challenge.stale
    const previous = this.authorizer?.challenge
    const fresh = previous?.scheme === 'digest' && challenge.scheme === 'digest' && challenge.nonce !== previous.nonce
    // A second refusal means a wrong password, unless the camera only wants its new nonce used.
    if (this.authorizer && !stale && !(fresh && attempt === 0)) throw new RtspFault('authentication_failed', 'The camera refused the user name or password')
    this.authorizer = new Authorizer(challenge, this.login, this.authorizer)
  }

  private send (method: string, uri: string, headers: Record<string, string>): Promise<RtspMessage> {
    return new Promise((resolve, reject) => {
      const text = this.format(method, uri, headers)
      this.waiting = { cseq: this.cseq, resolve, reject }
      this.write(text)
    })
  }

  private format (method: string, uri: string, headers: Record<string, string>) {
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${++this.cseq}`, `User-Agent: ${this.userAgent}`]
    if (this.session !== null) lines.push(`Session: ${this.session}`)
    if (this.authorizer) lines.push(`Authorization: ${this.authorizer.header(method, uri)}`)
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
    return `${lines.join('\r\n')}\r\n\r\n`
  }
}

function faultOfStatus (method: string, { status, reason }: RtspMessage): RtspFault {
  const said = `${method} was answered ${status} ${reason.replace(/[^\x20-\x7e]/g, '?')}`
  if (status === 401 || status === 407) return new RtspFault('authentication_failed', 'The camera refused the user name or password')
  if (status === 403) return new RtspFault('not_permitted', `The camera's user may not see this stream: ${said}`)
  if (status === 404 || status === 454) return new RtspFault('no_stream', `No such stream at this path: ${said}`)
  if (status === 453 || status === 503) return new RtspFault('no_stream', `The camera serves no further stream: ${said}`)
  if (status >= 300 && status < 400) return new RtspFault('wrong_identity', `The camera sends us to another address, which is not followed: ${said}`)
  if (status === 461) return new RtspFault('protocol_error', `The camera does not send over TCP: ${said}`)
  return new RtspFault('protocol_error', said)
}
