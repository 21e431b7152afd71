/** One SNMP session with one switch: the library behind promises, with every failure named and nothing trusted. */
import snmp from 'net-snmp'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Credential } from '../../server/contract/inventory.js'
import { SnmpFailure, toSnmpFailure } from './failures.js'
import { guardedDgram, noFacts, type SocketFacts } from './guarded-socket.js'
import { cacheOids } from './oid-cache.js'
import { isMissing, type Varbind } from './values.js'

export interface SessionOptions {
  /** Resolved IP address. */
  address: string
  port: number
  version: '1' | '2c' | '3'
  credential: Credential | null
  /** Wait for an answer, ms. Default 2000. */
  timeoutMs?: number
  /** Default 1: a second try. */
  retries?: number
}
interface BulkAnswer { once: Varbind[], columns: Varbind[][] }
export interface SnmpSession {
  readonly version: '1' | '2c' | '3'
  readonly facts: SocketFacts
  /** Requests sent, retries not counted. */
  readonly requests: number
  /** From sending the last answered request to its answer, ms, a retry included; null before. */
  readonly rttMs: number | null
  get (oids: readonly string[]): Promise<Varbind[]>
  getNext (oids: readonly string[]): Promise<Varbind[]>
  getBulk (oids: readonly string[], nonRepeaters: number, repetitions: number): Promise<BulkAnswer>
  /** Fails what is waited for and every later request. For deadlines. */
  abort (failure: SnmpFailure): void
  close (): void
}

const authProtocols = snmp.AuthProtocols
const privProtocols = snmp.PrivProtocols

function v3User (c: Extract<Credential, { kind: 'snmpv3' }>): snmp.User {
  const user: Record<string, unknown> = { name: c.user, level: snmp.SecurityLevel[c.level] }
  if (c.level !== 'noAuthNoPriv') Object.assign(user, { authProtocol: authProtocols[c.authProtocol ?? 'sha256'], authKey: c.authKey ?? '' })
  if (c.level === 'authPriv') Object.assign(user, { privProtocol: privProtocols[c.privProtocol ?? 'aes'], privKey: c.privKey ?? '' })
  return user as unknown as snmp.User
}

/** Why a credential cannot be used with the version, or null. */
export function credentialFault (device: Pick<PlanDevice, 'credential' | 'switch'>): string | null {
  const { credential } = device
  const version = device.switch?.snmpVersion
  if (version === '3') {
    if (credential?.kind !== 'snmpv3') return 'SNMPv3 needs a user'
    if (credential.level !== 'noAuthNoPriv' && !credential.authKey) return 'this SNMPv3 level needs an authentication key'
    if (credential.level === 'authPriv' && !credential.privKey) return 'this SNMPv3 level needs a privacy key'
    return null
  }
  return credential?.kind === 'community' ? null : `SNMPv${version} needs a community`
}

const requiredFlags = (o: SessionOptions) =>
  o.version !== '3' || o.credential?.kind !== 'snmpv3' || o.credential.level === 'noAuthNoPriv' ? 0 : o.credential.level === 'authPriv' ? 3 : 1

/** Opens a session. Throws SnmpFailure when the credential does not fit. */
export function openSession (o: SessionOptions): SnmpSession {
  cacheOids()
  const facts = noFacts()
  let requests = 0
  let rttMs: number | null = null
  let ended: SnmpFailure | null = null
  let reject: ((failure: SnmpFailure) => void) | null = null
  const fail = (failure: SnmpFailure) => {
    const waiting = reject
    reject = null
    waiting?.(failure)
  }
  const dgramModule = guardedDgram({
    address: o.address, port: o.port, requiredFlags: requiredFlags(o), facts,
    onTruncated: () => fail(new SnmpFailure('answer_too_large', 'the answer arrived cut short', 'truncated')),
    // The library would never call back after a socket error.
    onSocketError: error => fail(toSnmpFailure(error))
  })
  const settings = {
    port: o.port, timeout: o.timeoutMs ?? 2000, retries: o.retries ?? 1, transport: o.address.includes(':') ? 'udp6' as const : 'udp4' as const,
    idBitsSize: 32, dgramModule
  }
  const session = create(o, settings)
  // Without a listener one garbage answer ends the process.
  session.on('error', () => { facts.garbage++ })

  /** Runs one request; only the first outcome counts. */
  function ask<T> (start: (done: (error: Error | null, answer?: unknown) => void) => void, check: (answer: unknown) => T): Promise<T> {
    if (ended) return Promise.reject(ended)
    requests++
    const sentAt = performance.now()
    return new Promise<T>((resolve, rejectPromise) => {
      reject = rejectPromise
      const settle = (run: () => void) => {
        if (reject !== rejectPromise) return
        reject = null
        run()
      }
      const done = (error: Error | null, answer?: unknown) => settle(() => {
        try {
          if (error) rejectPromise(explain(toSnmpFailure(error), facts))
          else {
            const checked = check(answer)
            rttMs = performance.now() - sentAt
            resolve(checked)
          }
        } catch (fault) {
          rejectPromise(toSnmpFailure(fault))
        }
      })
      try {
        start(done)
      } catch (fault) {
        done(fault instanceof Error ? fault : new Error('unknown'))
      }
    })
  }
  return {
    version: o.version, facts,
    get requests () { return requests },
    get rttMs () { return rttMs },
    get: oids => ask(done => { session.get([...oids], done) }, answer => checkNames(oids, answer as Varbind[])),
    getNext: oids => ask(done => { session.getNext([...oids], done) }, answer => answer as Varbind[]),
    getBulk: (oids, nonRepeaters, repetitions) => ask(done => { session.getBulk([...oids], nonRepeaters, repetitions, done) },
      answer => ({ once: (answer as Varbind[]).slice(0, nonRepeaters), columns: (answer as Varbind[][]).slice(nonRepeaters) })),
    abort (failure) {
      ended = failure
      fail(failure)
    },
    close () {
      ended ??= new SnmpFailure('internal', 'the session is closed')
      fail(ended)
      session.close()
    }
  }
}

function create (o: SessionOptions, settings: snmp.SessionOptions): snmp.Session {
  const { credential } = o
  if (o.version === '3') {
    if (credential?.kind !== 'snmpv3') throw new SnmpFailure('authentication_failed', 'SNMPv3 needs a user')
    return snmp.createV3Session(o.address, v3User(credential), { ...settings, version: 3 } as unknown as snmp.SessionOptionsV3)
  }
  if (credential?.kind !== 'community') throw new SnmpFailure('authentication_failed', `SNMPv${o.version} needs a community`)
  return snmp.createSession(o.address, credential.community, { ...settings, version: o.version === '1' ? snmp.Version1 as 0 : snmp.Version2c as 1 })
}

/** The library returns whatever came back for a GET: the names must be those asked for. */
function checkNames (oids: readonly string[], answer: Varbind[]): Varbind[] {
  if (answer.length !== oids.length || answer.some((v, i) => v.oid !== oids[i])) {
    throw new SnmpFailure('protocol_error', 'the answer is about other objects than those asked for')
  }
  return answer.map(v => isMissing(v) ? { ...v, value: null } : v)
}

/** A time-out after something did arrive is not silence. */
function explain (failure: SnmpFailure, facts: SocketFacts): SnmpFailure {
  if (failure.code !== 'timeout') return failure
  if (facts.stranger) return new SnmpFailure('wrong_identity', `answers come from ${facts.stranger}, not from the switch's own address and port`)
  if (facts.unprotected > 0) return new SnmpFailure('wrong_identity', 'answers come without the authentication or encryption that was asked for')
  if (facts.garbage > 0) return new SnmpFailure('protocol_error', 'what answers on this port does not speak SNMP')
  return failure
}
