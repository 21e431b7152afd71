/** One SNMP session with one switch: versions 1 and 2c by our own messages, version 3 by net-snmp, to the rest the same. */
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Credential } from '../../server/contract/inventory.js'
import { openCommunitySession } from './community-session.js'
import { SnmpFailure } from './failures.js'
import type { SocketFacts } from './guarded-socket.js'
import { openLibrarySession } from './library-session.js'
import type { Varbind } from './values.js'

export interface SessionOptions {
  /** Resolved IP address. */
  address: string
  port: number
  version: '1' | '2c' | '3'
  credential: Credential | null
  /** Wait for an answer, ms. Default 2000. */
  timeoutMs?: number
  /** Default 1: a second try. */
  retries?: number
}
export interface BulkAnswer { once: Varbind[], columns: Varbind[][] }
export interface SnmpSession {
  readonly version: '1' | '2c' | '3'
  readonly facts: SocketFacts
  /** Requests sent, retries not counted. */
  readonly requests: number
  /** From sending the last answered request to its answer, ms, a retry included; null before. */
  readonly rttMs: number | null
  get (oids: readonly string[]): Promise<Varbind[]>
  getNext (oids: readonly string[]): Promise<Varbind[]>
  getBulk (oids: readonly string[], nonRepeaters: number, repetitions: number): Promise<BulkAnswer>
  /** Fails what is waited for and every later request. For deadlines. */
  abort (failure: SnmpFailure): void
  close (): void
}

/** Why a credential cannot be used with the version, or null. */
export function credentialFault (device: Pick<PlanDevice, 'credential' | 'switch'>): string | null {
  const { credential } = device
  const version = device.switch?.snmpVersion
  if (version === '3') {
    if (credential?.kind !== 'snmpv3') return 'SNMPv3 needs a user'
    if (credential.level !== 'noAuthNoPriv' && !credential.authKey) return 'this SNMPv3 level needs an authentication key'
    if (credential.level === 'authPriv' && !credential.privKey) return 'this SNMPv3 level needs a privacy key'
    return null
  }
  return credential?.kind === 'community' ? null : `SNMPv${version} needs a community`
}

/** Opens a session. Throws SnmpFailure when the credential does not fit. */
export function openSession (o: SessionOptions): SnmpSession {
  const { credential, version } = o
  if (version === '3') {
    if (credential?.kind !== 'snmpv3') throw new SnmpFailure('authentication_failed', 'SNMPv3 needs a user')
    return openLibrarySession(o, credential)
  }
  if (credential?.kind !== 'community') throw new SnmpFailure('authentication_failed', `SNMPv${version} needs a community`)
  return openCommunitySession(o, version, credential.community)
}
