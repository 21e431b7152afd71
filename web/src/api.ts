/** The HTTP client: same-origin cookies, problem details (RFC 9457) as typed errors, time-out and abort. */
import type { Problem } from '../../server/contract/common.js'

export type ErrorKind = 'network' | 'timeout' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'gone' | 'invalid' | 'too_many' | 'too_large' | 'unavailable' | 'internal'

type FieldProblem = NonNullable<Problem['errors']>[number]

/** A request that did not succeed. `code` is the server's stable name of the fault, `fields` names inputs by their last path part. */
export class ApiError extends Error {
  override name = 'ApiError'
  constructor (
    readonly kind: ErrorKind,
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldProblem[] = []
  ) { super(message) }
}

const kindOfStatus: Record<number, ErrorKind> = {
  400: 'invalid', 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 408: 'timeout', 409: 'conflict', 410: 'gone', 413: 'too_large',
  422: 'invalid', 429: 'too_many', 502: 'unavailable', 503: 'unavailable', 504: 'timeout'
}

/** The server's answer as an error; a body that is no problem document still gives a kind. */
function errorOf (status: number, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem> & { code?: string }
  const code = problem.code ?? problem.kind ?? ''
  return new ApiError(kindOfStatus[status] ?? (status >= 500 ? 'internal' : 'invalid'), status, code,
    problem.detail ?? problem.title ?? `HTTP ${status}`, problem.errors ?? (problem.field ? [{ field: problem.field, message: problem.detail ?? '' }] : []))
}

export interface CallOptions {
  body?: unknown
  query?: Record<string, string | number | boolean | null | undefined>
  signal?: AbortSignal
  /** Milliseconds until the request is given up; 20 s by default. */
  timeoutMs?: number
}

const base = '/api/v1'
let onSignedOut = () => {}
/** Called once a request finds that the session has ended. */
export const whenSignedOut = (act: () => void) => { onSignedOut = act }

export function urlOf (path: string, query: CallOptions['query'] = {}) {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null && value !== '') params.set(name, String(value))
  const text = params.toString()
  return base + path + (text ? `?${text}` : '')
}

async function send (method: string, path: string, { body, query, signal, timeoutMs = 20_000 }: CallOptions): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs)
  const init: RequestInit = { method, credentials: 'same-origin', signal: signal ? AbortSignal.any([signal, limit]) : limit, headers: { accept: 'application/json' } }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...init.headers, 'content-type': 'application/json' }
  }
  try {
    return await fetch(urlOf(path, query), init)
  } catch (error) {
    if (signal?.aborted) throw error
    throw limit.aborted ? new ApiError('timeout', 0, 'timeout', 'No answer in time') : new ApiError('network', 0, 'network', 'No connection to the server')
  }
}

async function failed (response: Response): Promise<never> {
  const body: unknown = await response.json().catch(() => null)
  const error = errorOf(response.status, body)
  // A wrong password is also a 401, but it ends no session.
  if (error.code === 'signed_out') onSignedOut()
  throw error
}

/** Resolves to the parsed answer (undefined for 204). */
export async function call<T> (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(method, path, options)
  if (!response.ok) return failed(response)
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as T
  return await response.json() as T
}

export async function getBlob (path: string, options: CallOptions = {}): Promise<{ blob: Blob, at: number }> {
  const response = await send('GET', path, options)
  if (!response.ok) return failed(response)
  return { blob: await response.blob(), at: Number(response.headers.get('x-taken-at')) || Date.now() }
}

export const api = {
  get: <T>(path: string, query?: CallOptions['query'], signal?: AbortSignal) => call<T>('GET', path, { query, signal }),
  post: <T>(path: string, body?: unknown) => call<T>('POST', path, { body: body ?? {} }),
  put: <T>(path: string, body: unknown) => call<T>('PUT', path, { body }),
  patch: <T>(path: string, body: unknown) => call<T>('PATCH', path, { body }),
  delete: <T = void>(path: string) => call<T>('DELETE', path)
}

/** Reading is tried again when the fault may pass; a wrong request never gets better. */
export function mayRetry (failures: number, error: unknown) {
  if (!(error instanceof ApiError)) return false
  return failures < 3 && ['network', 'timeout', 'unavailable'].includes(error.kind)
}
/** Milliseconds before the next attempt: 0.5, 1, 2 … 10 s. */
export const retryDelayMs = (attempt: number) => Math.min(500 * 2 ** attempt, 10_000)
