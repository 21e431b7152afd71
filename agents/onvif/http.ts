/** One HTTP request to one approved camera: a total deadline, byte caps, no redirects, TLS checked before a byte is sent. */
import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { buildConnector, Client } from 'undici'
import { CameraFailure, toCameraFailure } from './failure.js'
import { type ApprovedTarget, originOf } from './pin.js'

export interface CameraAddress extends ApprovedTarget {
  /** SHA-256 of the certificate, lower-case hex; replaces the check against a CA. */
  certificateSha256?: string | undefined
  /** PEM of CAs beside the system's. */
  ca?: string | undefined
}

export interface HttpRequest {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
  /** From the first packet to the last byte, ms. */
  deadlineMs: number
  maxBytes: number
  signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  status: number
  contentType: string
  /** Each WWW-Authenticate header by itself. */
  challenges: string[]
  /** The Date header as ms, where there is one that can be read. */
  dateMs: number | null
  body: Buffer
}

type Connector = ReturnType<typeof buildConnector>

/** Why the certificate is not the camera's, or null. */
function certificateProblem (socket: TLSSocket, expected: string): string | null {
  const fingerprint = socket.getPeerCertificate().fingerprint256 as string | undefined
  if (!fingerprint) return 'the camera showed no certificate'
  return fingerprint.replaceAll(':', '').toLowerCase() === expected ? null : 'the camera\'s certificate is not the pinned one'
}

/** Connects to the approved address whatever the URL says, and hands the socket on only when its certificate holds. */
function connectorFor (target: CameraAddress, deadlineMs: number, onSocket: (socket: Socket) => void): Connector {
  const connect = buildConnector({
    timeout: deadlineMs, maxCachedSessions: 0,
    ...(target.certificateSha256 ? { rejectUnauthorized: false } : {}), ...(target.ca ? { ca: target.ca } : {})
  })
  return (options, callback) => connect({ ...options, hostname: target.address, host: target.address, ...(isIP(target.address) ? {} : { servername: target.address }) }, (...result) => {
    const [error, socket] = result
    if (error || !socket) return callback(error ?? new Error('no socket'), null)
    const problem = target.tls && target.certificateSha256 ? certificateProblem(socket as TLSSocket, target.certificateSha256) : null
    if (problem) {
      socket.destroy()
      return callback(new CameraFailure('tls_failed', problem), null)
    }
    onSocket(socket)
    return callback(null, socket)
  })
}

async function readBody (body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw new CameraFailure('answer_too_large', `the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** One for all: making an error with its stack costs more than the rest of closing. */
const finished = new Error('the exchange is over')

const headerValues = (value: string | string[] | undefined) => value === undefined ? [] : Array.isArray(value) ? value : [value]

function lateFailure (socket: Socket | null, deadlineMs: number): CameraFailure {
  if (!socket) return new CameraFailure('connection_timeout', `the connection was not accepted within ${deadlineMs} ms`)
  if (socket.bytesRead > 0) return new CameraFailure('answered_too_slowly', `the answer was not complete after ${deadlineMs} ms`)
  return new CameraFailure('timeout', `the camera accepted the connection but did not answer within ${deadlineMs} ms`)
}

/**
 * Throws CameraFailure. One connection a request, closed after it: cameras have few slots, and an idle one is a slot taken.
 * Redirects are answers like any other here: nothing is ever followed.
 */
export async function cameraHttp (target: CameraAddress, request: HttpRequest): Promise<HttpAnswer> {
  request.signal?.throwIfAborted()
  let socket: Socket | null = null
  // One short-lived signal a request: listeners on the caller's, which may live for months, are taken away again.
  const end = new AbortController()
  let late = false
  const timer = setTimeout(() => { late = true; end.abort() }, Math.max(1, request.deadlineMs))
  const givenUp = () => end.abort()
  request.signal?.addEventListener('abort', givenUp)
  const client = new Client(originOf(target), {
    connect: connectorFor(target, request.deadlineMs + 1000, opened => { socket = opened }),
    pipelining: 0, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 16 * 1024, allowH2: false
  })
  try {
    const { statusCode, headers, body } = await client.request({
      method: request.method, path: request.path, headers: request.headers ?? {}, body: request.body ?? null,
      signal: end.signal
    })
    const date = Date.parse(headerValues(headers.date)[0] ?? '')
    return {
      status: statusCode, contentType: headerValues(headers['content-type'])[0] ?? '', challenges: headerValues(headers['www-authenticate']),
      dateMs: Number.isNaN(date) ? null : date, body: await readBody(body, request.maxBytes)
    }
  } catch (error) {
    if (late) throw lateFailure(socket, request.deadlineMs)
    if (request.signal?.aborted) throw request.signal.reason
    throw toCameraFailure(error)
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener('abort', givenUp)
    // Not awaited: a connection still being opened would hold us for its time-out.
    client.destroy(finished).catch(() => {})
  }
}
