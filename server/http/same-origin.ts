/** CSRF and cross-site WebSocket defence: what changes something must come from our own pages. */
import type { IncomingHttpHeaders } from 'node:http'

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface OriginFacts { method: string, upgrade: boolean, headers: IncomingHttpHeaders, publicUrl: string | null }

/**
 * Browsers send Sec-Fetch-Site to trustworthy addresses and Origin with every POST and WebSocket. With neither, the caller
 * is no browser page of ours: refused too, since a cookie was the only thing it could have come with.
 */
export function comesFromOurPages ({ method, upgrade, headers, publicUrl }: OriginFacts): boolean {
  if (CHANGES_NOTHING.has(method) && !upgrade) return true
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const origin = headers.origin
  if (origin === undefined) return site === 'same-origin' && !upgrade
  if (publicUrl !== null && origin === publicUrl) return true
  try {
    return headers.host !== undefined && new URL(origin).host === new URL(`${new URL(origin).protocol}//${headers.host}`).host
  } catch {
    return false
  }
}
