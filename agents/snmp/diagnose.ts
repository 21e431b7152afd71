/** SNMP says little about why it is silent; this asks what can be asked. */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { SnmpFailure, toSnmpFailure } from './failures.js'
import { system } from './oids.js'
import { openSession, type SessionOptions } from './session.js'

const LOOKUP_MS = 5000

/** The IP address of a switch given by name or number. Fails with address_unresolved. */
export async function resolveAddress (address: string): Promise<string> {
  if (isIP(address.replace(/%.*$/, ''))) return address
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error('late')), LOOKUP_MS) })
    return (await Promise.race([lookup(address), late])).address
  } catch {
    throw new SnmpFailure('address_unresolved', 'the name of the switch has no address')
  } finally {
    clearTimeout(timer)
  }
}

/** Sends one datagram from a connected socket, on which the kernel tells of ICMP errors; null when none came in `waitMs`. */
export function portError (address: string, port: number, waitMs: number): Promise<SnmpFailure | null> {
  return new Promise(resolve => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const finish = (failure: SnmpFailure | null) => {
      clearTimeout(timer)
      try { socket.close() } catch { /* closed before */ }
      resolve(failure)
    }
    const timer = setTimeout(() => finish(null), waitMs)
    socket.on('error', error => finish(named(error)))
    // An empty SEQUENCE: every agent drops it, a closed port refuses it.
    socket.connect(port, address, () => { socket.send(Buffer.from([0x30, 0x00]), error => { if (error) finish(named(error)) }) })
  })
}

function named (error: Error): SnmpFailure {
  const failure = toSnmpFailure(error)
  if (failure.code === 'connection_refused') return new SnmpFailure('connection_refused', 'the address is there, but nothing listens on this SNMP port: is SNMP turned on?')
  if (failure.code === 'network_unreachable') return new SnmpFailure('network_unreachable', 'there is no way to this address from the agent')
  return failure
}

/** The best name for a time-out. Takes up to `timeoutMs` and a third of a second. */
export async function explainSilence (o: SessionOptions, silence: SnmpFailure): Promise<SnmpFailure> {
  if (silence.code !== 'timeout') return silence
  const refused = await portError(o.address, o.port, 300)
  if (refused) return refused
  if (o.version !== '3' || o.credential?.kind !== 'snmpv3') {
    return new SnmpFailure('timeout', 'no answer: the switch is off or out of reach, or the community is wrong or not allowed from here (SNMP does not tell these apart)')
  }
  if (o.credential.level !== 'authPriv') return new SnmpFailure('timeout', 'no answer: the switch is off or out of reach, or does not speak SNMPv3')
  // A switch that cannot make sense of what was encrypted says nothing. Signed but not encrypted it can be asked again.
  const plain = openSession({ ...o, credential: { ...o.credential, level: 'authNoPriv' }, retries: 0 })
  try {
    await plain.get([system.sysUpTime])
    return wrongPrivacy()
  } catch (error) {
    const failure = toSnmpFailure(error)
    if (failure.code === 'timeout') return new SnmpFailure('timeout', 'no answer: the switch is off or out of reach, or does not speak SNMPv3')
    // Any answer but a complaint about user or digest was given to a message that it found authentic.
    return failure.code === 'authentication_failed' && failure.kind === 'other' ? wrongPrivacy() : failure
  } finally {
    plain.close()
  }
}

const wrongPrivacy = () => new SnmpFailure('authentication_failed', 'the user and the authentication key are right, but encrypted requests get no answer: the privacy key or protocol is wrong')
