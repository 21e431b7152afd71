/**
 * WS-Discovery (2005/04) by multicast on each interface and by unicast, and a probe over HTTP. All of it yields suggestions only, and
 * every answer counts for the address that it came from: what a device says of other addresses is dropped.
 */
import { randomUUID } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv4, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { CameraFailure } from './failure.js'
import { cameraHttp } from './http.js'
import { pinUri } from './pin.js'
import { requests, type SoapRequest } from './requests.js'
import { devicePath, envelope, readReply } from './soap.js'
import { at, child, childrenOf, parseXml, textAt, type XmlNode } from './xml.js'

export interface OnvifFinding { address: string, port: number, tls: boolean, path: string, name: string, hardware: string, endpoint: string }

const group = '239.255.255.250'
const discoveryPort = 3702
const maxAnswers = 5000
/** An answer is a datagram of a few kB; its tree is small. */
const caps = { depth: 24, nodes: 500, textChars: 8192, attributes: 32 }

function probeMessage (messageId: string): Buffer {
  return Buffer.from('<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">' +
    `<s:Header><a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action><a:MessageID>${messageId}</a:MessageID>` +
    '<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>' +
    '<s:Body><Probe xmlns="http://schemas.xmlsoap.org/ws/2005/04/discovery"><d:Types xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dp0="http://www.onvif.org/ver10/network/wsdl">dp0:NetworkVideoTransmitter</d:Types></Probe></s:Body></s:Envelope>')
}

function decoded (text: string): string {
  try { return decodeURIComponent(text) } catch { return text }
}

/** The value of `onvif://www.onvif.org/<kind>/<value>` among scopes; underscores stand for spaces in names. */
function scopeValue (scopes: readonly string[], kind: string): string {
  const prefix = `onvif://www.onvif.org/${kind}/`
  const found = scopes.find(scope => scope.toLowerCase().startsWith(prefix))
  return found ? decoded(found.slice(prefix.length)).replace(/_/g, ' ').slice(0, 200) : ''
}
const namesIn = (scopes: readonly string[]) => ({ name: scopeValue(scopes, 'name'), hardware: scopeValue(scopes, 'hardware') })

/** The best of the addresses that a device names, on the address that it answered from: its own, plain, first. */
function chooseXaddr (xaddrs: readonly string[], sender: string): Pick<OnvifFinding, 'port' | 'tls' | 'path'> {
  const plain = xaddrs.map(uri => pinUri(uri, { address: sender, port: 80 }, ['http']))
  const secure = xaddrs.map(uri => pinUri(uri, { address: sender, port: 443 }, ['https']))
  const own = plain.find(p => p?.sameHost)
  if (own) return { port: own.port, tls: false, path: own.path }
  const ownSecure = secure.find(p => p?.sameHost)
  if (ownSecure) return { port: ownSecure.port, tls: true, path: ownSecure.path }
  return { port: 80, tls: false, path: plain.find(p => p)?.path ?? devicePath }
}

function findingOf (match: XmlNode, sender: string): OnvifFinding {
  const words = (name: string) => textAt(match, name).split(/\s+/).filter(Boolean).slice(0, 50)
  const address = sender.replace(/^::ffff:/, '')
  return { address, ...chooseXaddr(words('XAddrs'), address), ...namesIn(words('Scopes')), endpoint: textAt(match, 'EndpointReference', 'Address').slice(0, 200) }
}

/** Reads an answer to one of our probes; empty for anything else. Never throws. */
export function readProbeMatches (data: Buffer, sender: string, messageIds: ReadonlySet<string>): OnvifFinding[] {
  try {
    const root = parseXml(data.toString('utf8'), caps)
    if (!messageIds.has(textAt(root, 'Header', 'RelatesTo'))) return []
    return childrenOf(at(root, 'Body', 'ProbeMatches'), 'ProbeMatch').slice(0, 16).map(match => findingOf(match, sender))
  } catch {
    return []
  }
}

/** A device that came or went by itself. */
export type Announcement = { kind: 'hello', finding: OnvifFinding } | { kind: 'bye', address: string, endpoint: string }

/** Reads Hello and Bye; null for anything else. Never throws. */
export function readAnnouncement (data: Buffer, sender: string): Announcement | null {
  try {
    const body = child(parseXml(data.toString('utf8'), caps), 'Body')
    const hello = child(body, 'Hello')
    if (hello) return { kind: 'hello', finding: findingOf(hello, sender) }
    const bye = child(body, 'Bye')
    return bye ? { kind: 'bye', address: sender, endpoint: textAt(bye, 'EndpointReference', 'Address').slice(0, 200) } : null
  } catch {
    return null
  }
}

const bind = (socket: Socket, address?: string, port = 0) => new Promise<void>((resolve, reject) => {
  socket.once('error', reject)
  socket.bind(port, address, () => { socket.off('error', reject); socket.on('error', () => {}); resolve() })
})

/** Sends probes (each twice: UDP loses some) and gathers answers until the time is up, `enough` says so, or the signal. Always closes the socket. */
async function gather (socket: Socket, send: (probe: Buffer) => void, options: { timeoutMs: number, signal?: AbortSignal | undefined }, accept: (from: RemoteInfo) => boolean, enough: number): Promise<OnvifFinding[]> {
  const found = new Map<string, OnvifFinding>()
  const ids = new Set<string>()
  return await new Promise(resolve => {
    let messages = 0
    const probe = () => {
      const id = `urn:uuid:${randomUUID()}`
      ids.add(id)
      send(probeMessage(id))
    }
    const end = () => {
      clearTimeout(timer)
      clearTimeout(again)
      options.signal?.removeEventListener('abort', end)
      socket.close()
      resolve([...found.values()])
    }
    const timer = setTimeout(end, options.timeoutMs)
    const again = setTimeout(probe, Math.min(500, options.timeoutMs / 3))
    options.signal?.addEventListener('abort', end)
    socket.on('message', (data, from) => {
      if (++messages > maxAnswers * 4 || found.size >= maxAnswers || !accept(from)) return
      for (const finding of readProbeMatches(data, from.address, ids)) found.set(`${finding.address} ${finding.endpoint}`, finding)
      if (found.size >= enough) end()
    })
    if (options.signal?.aborted) end()
    else probe()
  })
}

export interface DiscoverOptions {
  /** IPv4 addresses of our interfaces; all but loopback unless given. */
  interfaces?: readonly string[]
  timeoutMs: number
  signal?: AbortSignal
  port?: number
}

export const ownAddresses = () => Object.values(networkInterfaces()).flatMap(list => list ?? []).filter(a => a.family === 'IPv4' && !a.internal).map(a => a.address)

/** One finding an address. An interface that cannot send multicast is left out; rejects only when there is none that can. */
export async function discoverOnvif ({ interfaces, timeoutMs, signal, port = discoveryPort }: DiscoverOptions): Promise<OnvifFinding[]> {
  const addresses = (interfaces ?? ownAddresses()).filter(address => isIPv4(address)).slice(0, 64)
  const tries = await Promise.allSettled(addresses.map(async address => {
    const socket = createSocket('udp4')
    try {
      await bind(socket, address)
      socket.setMulticastInterface(address)
      socket.setMulticastTTL(1)
    } catch (error) {
      socket.close()
      throw error
    }
    return await gather(socket, probe => socket.send(probe, port, group, () => {}), { timeoutMs, signal }, () => true, maxAnswers)
  }))
  if (addresses.length > 0 && tries.every(t => t.status === 'rejected')) throw new CameraFailure('network_unreachable', 'no network interface can send multicast')
  const found = new Map<string, OnvifFinding>()
  for (const finding of tries.flatMap(t => t.status === 'fulfilled' ? t.value : [])) found.set(finding.address, finding)
  return [...found.values()]
}

/** Asks one address by unicast; null where nothing answers in time. */
export async function probeOnvif (address: string, { port = discoveryPort, timeoutMs, signal }: { port?: number, timeoutMs: number, signal?: AbortSignal }): Promise<OnvifFinding | null> {
  const socket = createSocket(isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4')
  await bind(socket)
  const [found] = await gather(socket, probe => socket.send(probe, port, address, () => {}), { timeoutMs, signal }, from => from.address === address, 1)
  return found ?? null
}

/**
 * Does ONVIF answer on this TCP port? Asks the device's time, which needs no login, and its names where it tells them to strangers.
 * Null where not; no credential is ever sent.
 */
export async function probeOnvifHttp (address: string, port: number, { timeoutMs, signal, tls = false }: { timeoutMs: number, signal?: AbortSignal, tls?: boolean }): Promise<{ path: string, name: string, hardware: string } | null> {
  const until = performance.now() + timeoutMs
  const ask = async (request: SoapRequest): Promise<XmlNode> => {
    const answer = await cameraHttp({ address, port, tls }, {
      method: 'POST', path: devicePath, body: envelope(request, ''), headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
      deadlineMs: until - performance.now(), maxBytes: 256 * 1024, signal
    })
    return readReply(answer.status, answer.body.toString('utf8'), request.method)
  }
  try {
    await ask(await requests.systemDateAndTime())
  } catch (error) {
    // A SOAP fault is an answer too; a login page or silence is not.
    if (!(error instanceof CameraFailure) || error.facts.soapFault === undefined) return null
  }
  const scopes = await ask(await requests.scopes()).then(reply => childrenOf(reply, 'Scopes').map(scope => textAt(scope, 'ScopeItem')), () => [])
  const names = namesIn(scopes)
  if (names.name) return { path: devicePath, ...names }
  const hostname = await ask(await requests.hostname()).then(reply => textAt(reply, 'HostnameInformation', 'Name').slice(0, 200), () => '')
  return { path: devicePath, name: hostname, hardware: names.hardware }
}
