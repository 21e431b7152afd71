/** The same door for sockets that do not pass through Fastify (socket.io): our own pages, and a signed-in person. */
import type { IncomingMessage } from 'node:http'
import type { Actor } from '../identity/actor.js'
import { ServiceProblem } from '../problems.js'
import type { SessionGate } from './auth.js'
import { comesFromOurPages } from './same-origin.js'
import { type CookieRules, tokenFromCookies } from './session-cookie.js'

export interface SocketGateDeps { gate: SessionGate, cookie: CookieRules, publicUrl: string | null, proxies: number }
type Knock = Pick<IncomingMessage, 'headers'> & { socket: { remoteAddress?: string | undefined } }

/** The address of the person behind `proxies` of our own proxies; what stands further left in the header anybody may have written. */
export function addressBehind (request: Knock, proxies: number) {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',').map(part => part.trim()).filter(Boolean)
  const hops = [request.socket.remoteAddress ?? '', ...forwarded.reverse()]
  return hops[Math.min(proxies, hops.length - 1)]!
}

/** Throws `cross_origin` or `signed_out`; the permission is the caller's to demand. */
export const socketGate = ({ gate, cookie, publicUrl, proxies }: SocketGateDeps) => async (request: Knock): Promise<Actor> => {
  if (!comesFromOurPages({ method: 'GET', upgrade: true, headers: request.headers, publicUrl })) {
    throw new ServiceProblem('forbidden', 'cross_origin', 'This can only be asked from the pages of this server.')
  }
  const token = tokenFromCookies(request.headers.cookie, cookie)
  const actor = token ? await gate.actorOf(token, addressBehind(request, proxies)) : null
  if (!actor) throw new ServiceProblem('unauthenticated', 'signed_out', 'Sign in first.')
  return actor
}
