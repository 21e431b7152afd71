/** What every session, whoever reads its datagrams, makes of an answer and of none. */
import { answerFaults, SnmpFailure } from './failures.js'
import type { SocketFacts } from './guarded-socket.js'
import { isMissing, type Varbind } from './values.js'

/** An agent may answer a GET with whatever it likes: the names must be those asked for. */
export function checkNames (oids: readonly string[], answer: Varbind[]): Varbind[] {
  if (answer.length !== oids.length || answer.some((v, i) => v.oid !== oids[i])) throw answerFaults.objects()
  return answer.map(v => isMissing(v) ? { ...v, value: null } : v)
}

/** A time-out after something did arrive is not silence. */
export function explain (failure: SnmpFailure, facts: SocketFacts): SnmpFailure {
  if (failure.code !== 'timeout') return failure
  if (facts.stranger) return new SnmpFailure('wrong_identity', `answers come from ${facts.stranger}, not from the switch's own address and port`)
  if (facts.unprotected > 0) return new SnmpFailure('wrong_identity', 'answers come without the authentication or encryption that was asked for')
  if (facts.garbage > 0) return new SnmpFailure('protocol_error', 'what answers on this port does not speak SNMP')
  return failure
}
