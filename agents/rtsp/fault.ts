import type { Failure, FailureCode } from '../../server/contract/health.js'

/** Why a stream could not be read. `detail` is for a person and never holds a secret. */
export class RtspFault extends Error {
  constructor (readonly code: FailureCode, readonly detail: string) {
    super(detail)
    this.name = 'RtspFault'
  }

  toFailure (): Failure { return { code: this.code, detail: this.detail.slice(0, 500) } }
}

const socketCodes: Record<string, [FailureCode, string]> = {
  ECONNREFUSED: ['connection_refused', 'The address answers, but nothing listens on this port'],
  ETIMEDOUT: ['connection_timeout', 'No answer from the address'],
  EHOSTUNREACH: ['network_unreachable', 'No way to the address'],
  ENETUNREACH: ['network_unreachable', 'No way to the network'],
  ECONNRESET: ['connection_reset', 'The camera reset the connection'],
  EPIPE: ['connection_reset', 'The camera closed the connection'],
  ENOTFOUND: ['address_unresolved', 'The name is not known'],
  EAI_AGAIN: ['address_unresolved', 'The name could not be resolved']
}

export function faultOf (error: unknown): RtspFault {
  if (error instanceof RtspFault) return error
  const code = (error as NodeJS.ErrnoException | null)?.code
  const known = code === undefined ? undefined : socketCodes[code]
  if (known) return new RtspFault(known[0], known[1])
  return new RtspFault('internal', error instanceof Error ? `${error.name}${code ? ` ${code}` : ''}: ${error.message.slice(0, 200)}` : 'unknown error')
}

/** Faults of the conversation itself: another client may still manage. Not passwords, not the network. */
export const isProtocolFault = (code: FailureCode) =>
  code === 'protocol_error' || code === 'no_parameter_sets' || code === 'unsupported_codec' || code === 'answer_too_large'
