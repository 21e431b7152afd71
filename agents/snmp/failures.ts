/** What went wrong with a switch, in words of our own: the library's messages can hold a community or a digest. */
import snmp from 'net-snmp'
import type { Failure, FailureCode } from '../../server/contract/health.js'

/** `tooBig` and `truncated` ask for fewer varbinds, `noSuchName` is version 1's end of a table, `genErr` an agent that chokes. */
export type FailureKind = 'tooBig' | 'truncated' | 'noSuchName' | 'genErr' | 'unknownUser' | 'wrongDigest' | 'other'

export class SnmpFailure extends Error {
  readonly code: FailureCode
  readonly kind: FailureKind
  /** For noSuchName: the OID that the agent complained of, null when it named none. */
  readonly oid: string | null
  constructor (code: FailureCode, detail: string, kind: FailureKind = 'other', oid: string | null = null) {
    super(detail)
    this.code = code
    this.kind = kind
    this.oid = oid
  }

  toFailure (): Failure { return { code: this.code, detail: this.message } }
}

const systemCodes: Record<string, FailureCode> = {
  ECONNREFUSED: 'connection_refused', ENETUNREACH: 'network_unreachable', EHOSTUNREACH: 'network_unreachable', ENOTFOUND: 'address_unresolved',
  EAI_AGAIN: 'address_unresolved', ENETDOWN: 'network_unreachable', EADDRNOTAVAIL: 'network_unreachable'
}

/** Reports of the User-based Security Model (RFC 3414 section 3.2) by the library's names for them. */
const usmReports: Record<string, [detail: string, kind: FailureKind]> = {
  'Unknown User Name': ['the switch knows no SNMPv3 user of this name', 'unknownUser'],
  'Wrong Digest (incorrect password, community or key)': ['the switch says that the authentication key or protocol is wrong', 'wrongDigest'],
  'Not In Time Window': ['the switch says that the message is outside its time window: its clock or boot counter was reset', 'other'],
  'Unknown Engine ID': ['the switch changed its SNMPv3 engine ID: it was replaced or reset', 'other'],
  'Decryption Error': ['the switch cannot decrypt: the privacy key or protocol is wrong', 'other'],
  'Unsupported Security Level': ['the SNMPv3 user exists, but not with this security level', 'other']
}

/** Any error of the library or a socket as a failure that names its cause. Never quotes the library. */
export function toSnmpFailure (error: unknown): SnmpFailure {
  if (error instanceof SnmpFailure) return error
  if (!(error instanceof Error)) return new SnmpFailure('internal', 'the SNMP library failed')
  const { code, status } = error as Error & { code?: unknown, status?: unknown }
  if (error.name === 'RequestTimedOutError') return noAnswer()
  if (error.name === 'RequestFailedError') return requestFailed(Number(status), error.message)
  if (error.name === 'ResponseInvalidError') return responseInvalid(Number(code), error.message)
  if (typeof code === 'string') return new SnmpFailure(systemCodes[code] ?? 'network_unreachable', `the request could not be sent (${code})`)
  return new SnmpFailure('protocol_error', 'the answer could not be understood')
}

const requestFailed = (status: number, message: string) => statusFailure(status, /: (\d+(?:\.\d+)+)$/.exec(message)?.[1] ?? null)

/** A response's error-status (RFC 3416 section 3) and the object that it points at. */
export function statusFailure (status: number, oid: string | null): SnmpFailure {
  if (status === snmp.ErrorStatus.TooBig) return new SnmpFailure('answer_too_large', 'the switch says that the answer would be too big', 'tooBig')
  if (status === snmp.ErrorStatus.NoSuchName) return new SnmpFailure('protocol_error', 'the switch has no such object', 'noSuchName', oid)
  if (status === snmp.ErrorStatus.GeneralError) return new SnmpFailure('protocol_error', 'the switch reports a general error', 'genErr', oid)
  if (status === snmp.ErrorStatus.AuthorizationError || status === snmp.ErrorStatus.NoAccess) return new SnmpFailure('authentication_failed', 'the switch does not allow this user to read')
  return new SnmpFailure('protocol_error', `the switch answered with SNMP error ${Number.isInteger(status) ? status : '?'}`)
}

/** What can be wrong with an answer that carries the id of a request. */
export const answerFaults = {
  community: () => new SnmpFailure('wrong_identity', 'the answer carries another community than the request: something else answers at this address'),
  objects: () => new SnmpFailure('protocol_error', 'the answer is about other objects than those asked for'),
  version: () => new SnmpFailure('protocol_error', 'the answer has another SNMP version than the request'),
  protocol: () => new SnmpFailure('protocol_error', 'the answer breaks the SNMP protocol')
} as const
export const noAnswer = () => new SnmpFailure('timeout', 'no answer to SNMP requests')
export const cutShort = () => new SnmpFailure('answer_too_large', 'the answer arrived cut short', 'truncated')

function responseInvalid (code: number, message: string): SnmpFailure {
  const codes = snmp.ResponseInvalidCode
  if (code === codes.ECommunityNoMatch) return answerFaults.community()
  if (code === codes.EReqResOidNoMatch || code === codes.EOutOfOrder) return answerFaults.objects()
  if (code === codes.EVersionNoMatch) return answerFaults.version()
  if (code === codes.ECouldNotDecrypt) return new SnmpFailure('authentication_failed', 'the answer cannot be decrypted: the privacy key or protocol is wrong')
  if (code === codes.EAuthFailure) {
    const [detail, kind] = usmReports[message] ?? ['the digest of the answer is wrong: the authentication key or protocol is wrong', 'wrongDigest']
    return new SnmpFailure('authentication_failed', detail, kind)
  }
  return answerFaults.protocol()
}
