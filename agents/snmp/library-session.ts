/** SNMPv3 by net-snmp behind promises, with every failure named and nothing trusted. */
import snmp from 'net-snmp'
import type { Credential } from '../../server/contract/inventory.js'
import { checkNames, explain } from './answer-check.js'
import { cutShort, SnmpFailure, toSnmpFailure } from './failures.js'
import { guardedDgram, noFacts } from './guarded-socket.js'
import { cacheOids } from './oid-cache.js'
import type { SessionOptions, SnmpSession } from './session.js'
import type { Varbind } from './values.js'

type V3Credential = Extract<Credential, { kind: 'snmpv3' }>
const authProtocols = snmp.AuthProtocols
const privProtocols = snmp.PrivProtocols

function v3User (c: V3Credential): snmp.User {
  const user: Record<string, unknown> = { name: c.user, level: snmp.SecurityLevel[c.level] }
  if (c.level !== 'noAuthNoPriv') Object.assign(user, { authProtocol: authProtocols[c.authProtocol ?? 'sha256'], authKey: c.authKey ?? '' })
  if (c.level === 'authPriv') Object.assign(user, { privProtocol: privProtocols[c.privProtocol ?? 'aes'], privKey: c.privKey ?? '' })
  return user as unknown as snmp.User
}

const requiredFlags = (c: V3Credential) => c.level === 'noAuthNoPriv' ? 0 : c.level === 'authPriv' ? 3 : 1

export function openLibrarySession (o: SessionOptions, credential: V3Credential): SnmpSession {
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
    address: o.address, port: o.port, requiredFlags: requiredFlags(credential), facts,
    onTruncated: () => fail(cutShort()),
    // The library would never call back after a socket error.
    onSocketError: error => fail(toSnmpFailure(error))
  })
  const settings = {
    version: 3, port: o.port, timeout: o.timeoutMs ?? 2000, retries: o.retries ?? 1, transport: o.address.includes(':') ? 'udp6' as const : 'udp4' as const,
    idBitsSize: 32, dgramModule
  }
  const session = snmp.createV3Session(o.address, v3User(credential), settings as unknown as snmp.SessionOptionsV3)
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
