/** For tests: an inventory over a given store, with people, agents that answer as told, and what was announced. */
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { newId } from '../../lib/ids.js'
import type { Command } from '../contract/agent-link.js'
import type { DeviceCreate } from '../contract/inventory.js'
import type { Role } from '../contract/people.js'
import type { Actor } from '../identity/actor.js'
import type { Store } from '../store/store.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import type { AgentCommands } from './agent-commands.js'
import { createInventory } from './inventory.js'
import { vaultWithKey } from './vault.js'

export const actorWith = (roles: Role[], groupIds: string[] | 'all' = 'all', userId = newId()): Actor =>
  ({ userId, login: roles[0]!, roles, allGroups: groupIds === 'all', groupIds: groupIds === 'all' ? [] : groupIds, sessionId: newId(), ip: '192.0.2.1' })

type Answer = (agentId: string, command: Command, options: Parameters<AgentCommands['run']>[2]) => Promise<unknown>

export function openInventory (store: Store, vault = vaultWithKey(randomBytes(32))) {
  const clock = { time: 1_700_000_000_000, now () { return this.time } }
  const announced: ScopedWallEvent[] = []
  const plans: string[][] = []
  const judged: string[][] = []
  const logged: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => { logged.push(line) } })
  const agent = { answer: (async () => null) as Answer, commands: [] as Command[] }
  const inventory = createInventory({
    store, clock, log, vault,
    effects: {
      announce: events => { announced.push(...events) },
      planChanged: ids => { plans.push(ids) },
      devicesChanged: ids => { judged.push(ids) }
    },
    agents: { run: (agentId, command, options) => { agent.commands.push(command); return agent.answer(agentId, command, options) } }
  })
  return { inventory, store, vault, clock, announced, plans, judged, logged, agent }
}
export type TestInventory = ReturnType<typeof openInventory>

export async function addAgent (store: Store, name: string, revokedAt: number | null = null) {
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.agents).values({ id, name, embedded: false, publicKey: '', version: '1', protocol: 1, enrolledAt: 1, revokedAt, status: null }))
  return id
}
export async function addGroup (store: Store, name: string) {
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.cameraGroups).values({ id, name, note: '' }))
  return id
}

const common = { siteId: null, groupId: null, agentId: null, parentId: null, parentPort: null }
export const camera = (name: string, address: string, more: Partial<DeviceCreate> = {}) =>
  ({ kind: 'camera', name, address, ...common, camera: { onvif: null, rtsp: { port: 554, mainPath: '/main', subPath: '/sub' }, pull: 'always' }, ...more }) as DeviceCreate
export const aSwitch = (name: string, address: string, more: Partial<DeviceCreate> = {}) =>
  ({ kind: 'switch', name, address, ...common, switch: { snmpVersion: '2c', port: 161 }, ...more }) as DeviceCreate
export const aHost = (name: string, address: string, more: Partial<DeviceCreate> = {}) =>
  ({ kind: 'host', name, address, ...common, host: { check: { method: 'icmp' } }, ...more }) as DeviceCreate
