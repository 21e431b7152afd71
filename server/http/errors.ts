/** The one place where errors become RFC 9457 problem details. */
import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import type { Problem } from '../contract/common.js'
import { type FieldError, type ProblemKind, ServiceProblem } from '../problems.js'
import { isStoreAway } from '../store/away.js'
import type { App } from './route.js'

const statusOf: Record<ProblemKind, number> = {
  invalid: 400, unauthenticated: 401, forbidden: 403, not_found: 404, conflict: 409, gone: 410,
  too_large: 413, too_many: 429, unavailable: 503, timeout: 504
}
const kindOfStatus: Record<number, string> = {
  400: 'malformed_request', 404: 'not_found', 405: 'method_not_allowed', 413: 'too_large', 414: 'too_large', 415: 'unsupported_media_type', 429: 'too_many'
}
const MAX_ERRORS = 50

const pointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** One entry a faulty field; a missing property is named by the pointer that it should have had. */
function fieldErrors (faults: readonly FastifySchemaValidationError[], context = 'body'): FieldError[] {
  const base = context === 'body' ? '' : `/${context}`
  const named = faults.flatMap(fault => {
    const missing = fault.params.requiredProperties ?? fault.params.missingProperty
    if (fault.keyword === 'required' && missing) return [missing].flat().map(name => ({ field: `${base}${fault.instancePath}/${pointer(String(name))}`, message: 'is required' }))
    const extra = fault.params.additionalProperties
    if (fault.keyword === 'additionalProperties' && Array.isArray(extra)) return extra.map(name => ({ field: `${base}${fault.instancePath}/${pointer(String(name))}`, message: 'is not known here' }))
    return [{ field: `${base}${fault.instancePath}`, message: fault.message ?? 'is wrong' }]
  })
  const seen = new Set<string>()
  return named.filter(({ field }) => !seen.has(field) && seen.add(field)).slice(0, MAX_ERRORS)
}

const titled = (status: number, kind: string, rest: Partial<Problem> = {}): Problem =>
  ({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, kind, ...rest })

/** Null for an error that must not be shown: the caller logs it and answers 500. */
function problemOf (err: Error): Problem | null {
  if (err instanceof ServiceProblem) {
    const errors = err.errors.length > 0 ? { errors: err.errors, field: err.errors[0]!.field } : {}
    return titled(statusOf[err.kind], err.code, { detail: err.message, ...errors })
  }
  const known = err as Partial<FastifyError>
  if (known.validation) {
    const errors = fieldErrors(known.validation, known.validationContext)
    return titled(400, 'invalid_request', { detail: 'The request has faulty fields.', errors, ...(errors[0] ? { field: errors[0].field } : {}) })
  }
  const status = known.statusCode
  if (status && status >= 400 && status < 500) return titled(status, kindOfStatus[status] ?? 'malformed_request', { detail: err.message })
  return null
}

export const sendProblem = (reply: FastifyReply, problem: Problem) =>
  reply.code(problem.status).header('cache-control', 'no-store').type('application/problem+json').send(JSON.stringify(problem))

export function mapErrors (app: App) {
  app.setErrorHandler((err: Error, request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(err)
    if (problem) return sendProblem(reply, problem)
    if (isStoreAway(err)) {
      request.log.error({ err, requestId: request.id }, 'The database cannot be reached')
      reply.header('retry-after', '5')
      return sendProblem(reply, titled(503, 'unavailable', { detail: 'The database of the server does not answer. Try again in a moment; the administrator finds the cause in the log.' }))
    }
    // The answer carries the number under which the log tells what happened, and nothing of it.
    request.log.error({ err, requestId: request.id }, 'A request failed unexpectedly')
    return sendProblem(reply, titled(500, 'internal', {
      detail: `The server could not do this. The administrator finds the cause in the log under ${request.id}.`, instance: `urn:uuid:${request.id}`
    }))
  })
}

export const notFoundProblem = () => titled(404, 'not_found', { detail: 'Nothing is served at this address.' })
