/** An agent's plan: its enabled devices with their secrets opened, in memory only. */
import { and, asc, eq } from 'drizzle-orm'
import type { PlanDevice } from '../contract/agent-link.js'
import type { Credential } from '../contract/inventory.js'
import { credentialKindFor } from './device-rules.js'
import type { Room } from './room.js'
import { VaultProblem } from './vault.js'

export const createPlans = ({ store, vault, log }: Pick<Room, 'store' | 'vault' | 'log'>) => async function planFor (agentId: string): Promise<PlanDevice[]> {
  const { devices, credentials } = store.read.t
  const rows = await store.read.select({ device: devices, sealed: credentials.sealed }).from(devices)
    .leftJoin(credentials, eq(credentials.deviceId, devices.id))
    .where(and(eq(devices.agentId, agentId), eq(devices.enabled, true))).orderBy(asc(devices.id))
  return rows.map(({ device: { id, kind, name, address, settings }, sealed }) => {
    const credential = sealed === null ? null : openedFor(id, sealed)
    return { id, kind, name, address, ...settings, credential: credential?.kind === credentialKindFor({ kind, ...settings }) ? credential : null }
  })

  /** One credential that cannot be opened must not keep the agent from the other devices; people see it as `credentialProblem`. */
  function openedFor (deviceId: string, sealed: string): Credential | null {
    try {
      return vault.open(deviceId, sealed)
    } catch (err) {
      if (!(err instanceof VaultProblem)) throw err
      log.error({ deviceId, fault: err.fault, keyId: vault.keyId }, `A device credential cannot be opened: ${err.message}`)
      return null
    }
  }
}
