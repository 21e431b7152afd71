/** Looks for devices in a range that an administrator allowed: ICMP, open ports, SNMP, ONVIF. Suggestions only. */
import { setMaxListeners } from 'node:events'
import type { Finding } from '../../server/contract/inventory.js'
import type { CommandHandlers, DiscoverCommand } from '../commands.js'
import { tcpConnect } from '../host/check.js'
import { pingAll } from '../host/icmp.js'
import { addressesOf } from './cidr.js'
import { createPace } from './pace.js'

interface SnmpAnswer { version: '1' | '2c' | '3', sysDescr: string, sysName: string, sysObjectId: string }
interface OnvifAnswer { path: string, name: string, hardware: string }
/** Protocol probes; each answers null when nobody of its kind is there. */
export interface Probes {
  snmp?: (address: string, port: number, communities: readonly string[], timeoutMs: number) => Promise<SnmpAnswer | null>
  /** WS-Discovery to one address. */
  onvifUnicast?: (address: string, timeoutMs: number) => Promise<OnvifAnswer & { port: number } | null>
  /** ONVIF over HTTP at one port, for cameras that keep WS-Discovery off. */
  onvifHttp?: (address: string, port: number, timeoutMs: number) => Promise<OnvifAnswer | null>
  tcp?: (address: string, port: number, signal: AbortSignal) => Promise<number>
  ping?: typeof pingAll
}
type Options = Parameters<CommandHandlers['discover']>[1]

const PROBE_TIMEOUT_MS = 1500
const AT_ONCE = 64
const PING_CHUNK = 64
/** The whole list goes with each message. */
const PROGRESS_EVERY_MS = 500

/** What answered decides what it may be: ONVIF or RTSP is a camera, SNMP a switch, anything else a host. */
export function kindOf (f: Pick<Finding, 'onvif' | 'rtspPort' | 'snmp'>): Finding['kind'] {
  if (f.onvif || f.rtspPort) return 'camera'
  return f.snmp ? 'switch' : 'host'
}

export async function discover (command: DiscoverCommand, { onProgress, signal, log }: Options, probes: Probes): Promise<{ findings: Finding[] }> {
  const addresses = addressesOf(command.cidr)
  // Every probe under way listens for the end of the sweep.
  setMaxListeners(0, signal)
  const pace = createPace(command.probesPerS, signal)
  const findings: Finding[] = []
  let done = 0
  let toldAt = performance.now()
  const tell = () => {
    toldAt = performance.now()
    onProgress({ done, total: addresses.length, findings: [...findings] })
  }
  tell()
  // Pinged and asked side by side: a large range must not stand at nothing until the last ping.
  const queue = pinged(addresses, command.probesPerS, probes.ping ?? pingAll, signal)
  async function worker () {
    for await (const [address, answered] of queue) {
      signal.throwIfAborted()
      const finding = await probeAddress(address, answered, command, { pace, signal, probes })
      done++
      if (finding) findings.push(finding)
      if (performance.now() - toldAt >= PROGRESS_EVERY_MS) tell()
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, addresses.length) }, worker))
  signal.throwIfAborted()
  const broken = workers.find(w => w.status === 'rejected')
  if (broken?.status === 'rejected') throw broken.reason
  tell()
  log.info({ cidr: command.cidr, asked: addresses.length, found: findings.length }, 'a range was swept')
  return { findings }
}

/** Each address with whether it answered a ping, in the order of the range. */
async function * pinged (addresses: readonly string[], perS: number, ping: typeof pingAll, signal: AbortSignal): AsyncGenerator<[address: string, answered: boolean]> {
  for (let i = 0; i < addresses.length; i += PING_CHUNK) {
    signal.throwIfAborted()
    const some = addresses.slice(i, i + PING_CHUNK)
    const found = await ping(some, { intervalMs: 1000 / perS, signal })
    for (const address of some) yield [address, (found.get(address) ?? null) !== null]
  }
}

interface Tools { pace: () => Promise<void>, signal: AbortSignal, probes: Probes }

/** Every port is tried also where ICMP stays silent: many networks filter it. */
async function probeAddress (address: string, icmp: boolean, { ports, communities }: DiscoverCommand, { pace, signal, probes }: Tools): Promise<Finding | null> {
  const tcp = probes.tcp ?? tcpConnect
  const open = async (port: number) => {
    await pace()
    return tcp(address, port, AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)])).then(() => true, () => false)
  }
  const firstOpen = async (candidates: readonly number[]) => {
    for (const port of candidates) if (await open(port)) return port
    return null
  }
  const rtspPort = await firstOpen(ports.rtsp)
  const httpPort = await firstOpen(ports.http)
  const snmp = await findSnmp(address, ports.snmp, communities, { pace, probes })
  const onvif = await findOnvif(address, ports.onvif, { pace, probes })
  if (!icmp && !rtspPort && !httpPort && !snmp && !onvif) return null
  return { address, kind: kindOf({ onvif, rtspPort, snmp }), onvif, rtspPort, snmp, httpPort, icmp }
}

/** A probe that fails is one that found nothing: the sweep goes on. */
const nothing = () => null

async function findSnmp (address: string, ports: readonly number[], communities: readonly string[], { pace, probes }: Pick<Tools, 'pace' | 'probes'>): Promise<Finding['snmp']> {
  for (const port of probes.snmp ? ports : []) {
    await pace()
    const a = await probes.snmp!(address, port, communities, PROBE_TIMEOUT_MS).catch(nothing)
    if (a) return { port, version: a.version, sysDescr: a.sysDescr.slice(0, 500), sysName: a.sysName.slice(0, 200), sysObjectId: a.sysObjectId.slice(0, 200) }
  }
  return null
}

async function findOnvif (address: string, ports: readonly number[], { pace, probes }: Pick<Tools, 'pace' | 'probes'>): Promise<Finding['onvif']> {
  const bounded = (port: number, a: OnvifAnswer) => ({ port, path: a.path.slice(0, 500), name: a.name.slice(0, 200), hardware: a.hardware.slice(0, 200) })
  if (probes.onvifUnicast && ports.length > 0) {
    await pace()
    const a = await probes.onvifUnicast(address, PROBE_TIMEOUT_MS).catch(nothing)
    if (a) return bounded(a.port, a)
  }
  for (const port of probes.onvifHttp ? ports : []) {
    await pace()
    const a = await probes.onvifHttp!(address, port, PROBE_TIMEOUT_MS).catch(nothing)
    if (a) return bounded(port, a)
  }
  return null
}
