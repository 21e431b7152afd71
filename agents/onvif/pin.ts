/** A device may choose a port and a path on the address that a person approved; never another host, never a user name. */
import { isIPv6 } from 'node:net'

export interface ApprovedTarget { address: string, port: number, tls: boolean }

const hostOf = (address: string) => isIPv6(address.split('%')[0] ?? '') ? `[${address.split('%')[0]}]` : address

export const originOf = (target: ApprovedTarget) => `${target.tls ? 'https' : 'http'}://${hostOf(target.address)}:${target.port}`

export interface PinnedUri {
  port: number
  /** Path with its query, beginning with `/`. */
  path: string
  /** False when the device named another host; its port was then ignored too, since it belongs to another network's view. */
  sameHost: boolean
}

const defaultPorts: Record<string, number> = { 'http:': 80, 'https:': 443, 'rtsp:': 554, 'rtsps:': 322 }

/**
 * What may be used of a URI that a device gave. `schemes` are the acceptable ones ('http', 'rtsp'); a URI of another scheme, or none, gives null.
 * Its port counts only when the host is the approved one and the scheme the expected one (the first of `schemes`).
 */
export function pinUri (uri: string, approved: { address: string, port: number }, schemes: readonly string[]): PinnedUri | null {
  if (uri.length > 2000) return null
  let url: URL
  try { url = new URL(uri.trim()) } catch { return null }
  const scheme = url.protocol.slice(0, -1)
  if (!schemes.includes(scheme)) return null
  // rtsp is not a "special" scheme: its host is not normalised by URL, so compare it through http.
  let host: string
  try { host = new URL(`http://${url.hostname}`).hostname } catch { return null }
  const sameHost = host === new URL(`http://${hostOf(approved.address)}`).hostname
  const named = url.port === '' ? defaultPorts[url.protocol] : Number(url.port)
  const port = sameHost && scheme === schemes[0] && named !== undefined && named > 0 ? named : approved.port
  const path = `${url.pathname.startsWith('/') ? '' : '/'}${url.pathname}${url.search}`
  return path.length > 1000 ? null : { port, path, sameHost }
}

/** A service address (XAddr, snapshot URI) on the approved camera, or null where it cannot be used. TLS never falls back to plain. */
export function pinHttp (uri: string, target: ApprovedTarget): { target: ApprovedTarget, path: string, sameHost: boolean } | null {
  const pinned = pinUri(uri, target, target.tls ? ['https', 'http'] : ['http', 'https'])
  return pinned && { target: { ...target, port: pinned.port }, path: pinned.path, sameHost: pinned.sameHost }
}
