/** What can go wrong in a service, as kinds. One place (server/http/errors.ts) turns them into RFC 9457 problem details. */
export type ProblemKind = 'invalid' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'gone' | 'too_many' | 'too_large' | 'unavailable' | 'timeout'

/** `code` is a stable name of the fault, for screens to translate. */
export interface FieldError { field: string, message: string, code?: string }

export class ServiceProblem extends Error {
  override name = 'ServiceProblem'
  constructor (
    readonly kind: ProblemKind,
    /** A stable name for screens to translate, for example `password_too_common`. */
    readonly code: string,
    /** English, for logs and API users: what happened and what to do. */
    message: string,
    readonly errors: FieldError[] = []
  ) { super(message) }
}

export const notFound = (what: string) => new ServiceProblem('not_found', `${what}_not_found`, `No such ${what.replaceAll('_', ' ')}.`)
export const invalidField = (field: string, code: string, message: string) => new ServiceProblem('invalid', code, message, [{ field, message, code }])
