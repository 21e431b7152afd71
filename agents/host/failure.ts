import type { Failure, FailureCode } from '../../server/contract/health.js'

const bySystemCode: Record<string, FailureCode> = {
  ENOTFOUND: 'address_unresolved', EAI_AGAIN: 'address_unresolved', EAI_FAIL: 'address_unresolved', ENODATA: 'address_unresolved',
  ECONNREFUSED: 'connection_refused', ETIMEDOUT: 'connection_timeout', UND_ERR_CONNECT_TIMEOUT: 'connection_timeout',
  ENETUNREACH: 'network_unreachable', EHOSTUNREACH: 'network_unreachable', EHOSTDOWN: 'network_unreachable', ECONNRESET: 'connection_reset', EPIPE: 'connection_reset', UND_ERR_SOCKET: 'connection_reset',
  UND_ERR_HEADERS_TIMEOUT: 'timeout', UND_ERR_ABORTED: 'timeout', ABORT_ERR: 'timeout', UND_ERR_HEADERS_OVERFLOW: 'answer_too_large',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_failed', SELF_SIGNED_CERT_IN_CHAIN: 'tls_failed', UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_failed', CERT_HAS_EXPIRED: 'tls_failed', ERR_TLS_CERT_ALTNAME_INVALID: 'tls_failed', EPROTO: 'tls_failed'
}

/** A system's or undici's error as a name that the screens translate. */
export function failureFrom (err: unknown): Failure {
  const e = err as { code?: unknown, message?: unknown, name?: unknown, cause?: unknown }
  const cause = e?.cause as { code?: unknown } | undefined
  const code = [e?.code, cause?.code].map(c => bySystemCode[String(c)]).find(Boolean)
  if (code) return { code, detail: String((cause as { message?: unknown })?.message ?? e.message).slice(0, 500) }
  if (e?.name === 'TimeoutError' || e?.name === 'AbortError') return { code: 'timeout', detail: 'No answer in time' }
  return { code: 'protocol_error', detail: String(e?.message ?? err).slice(0, 500) }
}
