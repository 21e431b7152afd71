import type { Failure, FailureCode } from '../../server/contract/health.js'

export interface FailureFacts {
  /** HTTP status of the answer, where there was one. */
  httpStatus?: number
  /** Local name of the innermost SOAP fault subcode, such as `NotAuthorized` or `ActionNotSupported`. */
  soapFault?: string
}

/** Why talking to a camera failed: a code that the screens translate and an English sentence. Never holds a secret. */
export class CameraFailure extends Error {
  constructor (readonly code: FailureCode, readonly detail: string, readonly facts: FailureFacts = {}) {
    super(`${code}: ${detail}`)
    this.name = 'CameraFailure'
  }

  toFailure (): Failure {
    return { code: this.code, detail: this.detail.slice(0, 500) }
  }
}

const byErrno: Record<string, [FailureCode, string]> = {
  ECONNREFUSED: ['connection_refused', 'the address answers, but nothing listens on this port'],
  ECONNRESET: ['connection_reset', 'the camera closed the connection in the middle'],
  EPIPE: ['connection_reset', 'the camera closed the connection in the middle'],
  UND_ERR_SOCKET: ['connection_reset', 'the camera closed the connection before its answer was complete'],
  ETIMEDOUT: ['connection_timeout', 'the connection was not accepted in time'],
  UND_ERR_CONNECT_TIMEOUT: ['connection_timeout', 'the connection was not accepted in time'],
  EHOSTUNREACH: ['network_unreachable', 'no route to the address'],
  ENETUNREACH: ['network_unreachable', 'no route to the address'],
  EHOSTDOWN: ['network_unreachable', 'the address is not on the network'],
  EADDRNOTAVAIL: ['network_unreachable', 'the address cannot be reached from here'],
  EACCES: ['network_unreachable', 'the address may not be reached from here'],
  ENOTFOUND: ['address_unresolved', 'the name is not known to DNS'],
  EAI_AGAIN: ['address_unresolved', 'DNS did not answer'],
  UND_ERR_HEADERS_OVERFLOW: ['answer_too_large', 'the HTTP headers are too large'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['connection_reset', 'the answer is shorter than announced']
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Any error as a CameraFailure; what is not known by its code is `internal`, and HTTP that cannot be read `protocol_error`. */
export function toCameraFailure (error: unknown): CameraFailure {
  if (error instanceof CameraFailure) return error
  if (error instanceof AggregateError && error.errors.length > 0) return toCameraFailure(error.errors[0])
  const code = codeOf(error)
  const known = byErrno[code]
  if (known) return new CameraFailure(known[0], known[1])
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError')) return new CameraFailure('protocol_error', 'the answer is not HTTP')
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.startsWith('CERT_') || code.includes('_CERT') || code === 'EPROTO') {
    return new CameraFailure('tls_failed', `the TLS connection failed (${code})`)
  }
  return new CameraFailure('internal', error instanceof Error ? error.message.slice(0, 300) : 'unknown error')
}
