/** The inventory room, put together. */
import type { PlanDevice } from '../contract/agent-link.js'
import type { AgentCommands } from './agent-commands.js'
import { type ConnectionTests, createConnectionTests } from './connection-tests.js'
import { createDevices, type Devices } from './devices.js'
import { createDiscovery, type Discovery } from './discovery.js'
import { createImports, type Imports } from './import.js'
import { createPlans } from './plan.js'
import type { Room } from './room.js'
import { createSites, type Sites } from './sites.js'
import { judgeStrengths } from './strength.js'
import { createTasks, type Tasks } from './tasks.js'

export interface Inventory {
  sites: Sites
  devices: Devices
  imports: Imports
  discovery: Discovery
  connectionTests: ConnectionTests
  tasks: Tasks
  /** For the agent link: enabled devices of an agent with their secrets opened. */
  planFor (agentId: string): Promise<PlanDevice[]>
  /** Looks how guessable some more stored passwords are; answers how many. Call now and then. */
  judgeStrengths (): Promise<number>
  /** Cancels running tasks. */
  stop (): void
}

export function createInventory ({ agents, ...room }: Room & { agents: AgentCommands }): Inventory {
  const tasks = createTasks(room)
  return {
    sites: createSites(room),
    devices: createDevices(room),
    imports: createImports(room),
    discovery: createDiscovery(room, tasks, agents),
    connectionTests: createConnectionTests(room, tasks, agents),
    tasks,
    planFor: createPlans(room),
    judgeStrengths: () => judgeStrengths(room),
    stop: () => tasks.stop()
  }
}
