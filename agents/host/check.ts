/** One check of a host: does it answer in a way that proves it works? */
import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { Agent, request } from 'undici'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Failure } from '../../server/contract/health.js'
import type { HostSettings } from '../../server/contract/inventory.js'
import { failureFrom } from './failure.js'
import type { Pinger } from './icmp.js'

export const CHECK_DEADLINE_MS = 5000
export interface CheckResult { ok: boolean, rttMs: number | null, failure: Failure | null }
type HttpCheck = Extract<HostSettings['check'], { method: 'http' }>

const failed = (failure: Failure, rttMs: number | null = null): CheckResult => ({ ok: false, rttMs, failure })

/** The address as an IP literal; DNS has its own deadline, which Node's resolver lacks. */
export async function resolveAddress (address: string, signal: AbortSignal): Promise<string> {
  if (isIP(address)) return address
  const refused = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(Object.assign(new Error(`${address} was not resolved in time`), { code: 'EAI_AGAIN' })), { once: true }))
  return Promise.race([lookup(address).then(found => found.address), refused])
}

/** Opens and closes a connection; ms until it stood. */
export function tcpConnect (address: string, port: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const socket = connect({ host: address, port, signal })
    socket.once('connect', () => { resolve(performance.now() - startedAt); socket.destroy() })
    socket.once('error', err => { socket.destroy(); reject(signal.aborted ? Object.assign(new Error(`No connection to port ${port} in time`), { code: 'ETIMEDOUT' }) : err) })
  })
}

/** Only the status is of interest: the body is not read, redirects are not followed, headers are capped. */
async function httpStatus (name: string, address: string, check: HttpCheck, signal: AbortSignal): Promise<CheckResult> {
  const dispatcher = new Agent({ pipelining: 0, maxHeaderSize: 32 * 1024, connect: { servername: isIP(name) ? undefined : name, timeout: CHECK_DEADLINE_MS } })
  const startedAt = performance.now()
  try {
    const host = address.includes(':') ? `[${address}]` : address
    const { statusCode, body } = await request(`${check.tls ? 'https' : 'http'}://${host}:${check.port}${check.path}`, { dispatcher, signal, headers: { host: `${name}:${check.port}`, 'user-agent': 'kalancha' } })
    body.on('error', () => {}).destroy()
    const rttMs = performance.now() - startedAt
    const accepted = check.statuses.length > 0 ? check.statuses.includes(statusCode) : statusCode >= 200 && statusCode < 400
    return accepted ? { ok: true, rttMs, failure: null } : failed({ code: 'http_status', detail: `The host answered with HTTP status ${statusCode}` }, rttMs)
  } finally { void dispatcher.destroy().catch(() => {}) }
}

/** Never rejects: what went wrong is the result. */
export async function checkHost (device: Pick<PlanDevice, 'address' | 'host'>, ping: Pinger, given?: AbortSignal): Promise<CheckResult> {
  const deadline = AbortSignal.timeout(CHECK_DEADLINE_MS)
  const signal = given ? AbortSignal.any([given, deadline]) : deadline
  const check = device.host?.check ?? { method: 'icmp' as const }
  try {
    const address = await resolveAddress(device.address, signal)
    if (check.method === 'tcp') return { ok: true, rttMs: await tcpConnect(address, check.port, signal), failure: null }
    if (check.method === 'http') return await httpStatus(device.address, address, check, signal)
    const rttMs = await ping(address)
    return rttMs === null ? failed({ code: 'timeout', detail: 'No answer to ICMP echo' }) : { ok: true, rttMs, failure: null }
  } catch (err) { return failed(failureFrom(err)) }
}
