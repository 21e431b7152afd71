/** "Test connection": the device's agent tries every step and says what works. */
import Value from 'typebox/value'
import { newId } from '../../lib/ids.js'
import { type PlanDevice, type Task, TestReport, TestStep } from '../contract/agent-link.js'
import type { Credential, DeviceCreate, DeviceTestRequest } from '../contract/inventory.js'
import { type Actor, demand } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, ServiceProblem } from '../problems.js'
import type { AgentCommands } from './agent-commands.js'
import { referenceFaults } from './device-references.js'
import { credentialFaults, faultsOf, knownSettingsOf, normalizeAddress, refuse } from './device-rules.js'
import { visibleDevice } from './devices.js'
import { commit, type Room, whoOf } from './room.js'
import { TaskFailure, type Tasks } from './tasks.js'
import { VaultProblem } from './vault.js'

const DEADLINE_MS = 60_000
const POLL_DEADLINE_MS = 10_000

export interface ConnectionTests {
  /** A device that is only being entered; its credential is used once and kept nowhere. */
  testUnsaved (actor: Actor, wanted: DeviceCreate): Promise<Task>
  testStored (actor: Actor, id: string, request: DeviceTestRequest): Promise<Task>
  /** Polls at once, whatever the schedule says. */
  poll (actor: Actor, id: string): Promise<void>
}

export function createConnectionTests (room: Room, tasks: Tasks, agents: AgentCommands): ConnectionTests {
  const start = (actor: Actor, agentId: string, device: PlanDevice) => tasks.start(actor, {
    kind: 'test_connection', deadlineMs: DEADLINE_MS, initialProgress: [],
    async run ({ onProgress, signal }) {
      let steps: TestStep[] = []
      const result = await agents.run(agentId, { name: 'test_connection', device }, {
        signal, timeoutMs: DEADLINE_MS,
        onProgress (progress) {
          if (!Value.Check(TestStep, progress)) return
          steps = withStep(steps, progress)
          onProgress(steps)
        }
      })
      if (!Value.Check(TestReport, result)) throw new TaskFailure('protocol_error', 'The agent sent a report that cannot be read: it may have another version.')
      onProgress(result.steps)
      return result
    }
  })

  return {
    async testUnsaved (actor, wanted) {
      demand(actor, 'device.test')
      refuse(faultsOf(wanted))
      refuse(await referenceFaults(room.store.read, actor, wanted))
      const agentId = needAgent(wanted.agentId)
      const { kind, name, credential = null } = wanted
      const address = normalizeAddress(wanted.address)!
      await commit(room, (tx, told) => recordAudit(tx, told.at, whoOf(actor), 'device.test', { kind: 'address', id: address }, { kind, agentId }))
      return start(actor, agentId, { id: newId(), kind, name, address, credential, ...knownSettingsOf(wanted) })
    },
    async testStored (actor, id, request) {
      demand(actor, 'device.test')
      const { device, sealed } = await visibleDevice(room.store.read, actor, id)
      const { kind, name, address, settings } = device
      if (request.credential) refuse(credentialFaults({ kind, ...settings }, request.credential))
      const agentId = needAgent(device.agentId)
      const credential = request.credential ?? (sealed === null ? null : openStored(room, id, sealed))
      await commit(room, (tx, told) => recordAudit(tx, told.at, whoOf(actor), 'device.test', { kind: 'device', id }, { name, agentId, ownCredential: Boolean(request.credential) }))
      return start(actor, agentId, { id, kind, name, address, credential, ...settings })
    },
    async poll (actor, id) {
      demand(actor, 'device.test')
      const { device } = await visibleDevice(room.store.read, actor, id)
      const agentId = needAgent(device.agentId)
      if (!device.enabled) throw new ServiceProblem('conflict', 'device_disabled', 'The device is disabled: enable it first.')
      await commit(room, (tx, told) => recordAudit(tx, told.at, whoOf(actor), 'device.poll', { kind: 'device', id }, { name: device.name }))
      const signal = AbortSignal.timeout(POLL_DEADLINE_MS)
      await Promise.race([
        agents.run(agentId, { name: 'poll_now', deviceId: id }, { onProgress () {}, signal, timeoutMs: POLL_DEADLINE_MS }),
        new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new ServiceProblem('timeout', 'timeout', 'The agent did not answer in time.')), { once: true }))
      ])
    }
  }
}

/** A step is told first as running, then with its outcome: the later word replaces the earlier. */
function withStep (steps: TestStep[], step: TestStep): TestStep[] {
  const at = steps.findIndex(s => s.step === step.step)
  return at === -1 ? [...steps, step] : steps.with(at, step)
}

function needAgent (agentId: string | null): string {
  if (agentId === null) throw invalidField('/agentId', 'agent_required', 'Choose the agent that can reach the device.')
  return agentId
}

function openStored (room: Room, id: string, sealed: string): Credential {
  try {
    return room.vault.open(id, sealed)
  } catch (err) {
    if (!(err instanceof VaultProblem)) throw err
    room.log.error({ deviceId: id, fault: err.fault }, `A device credential cannot be opened: ${err.message}`)
    throw new ServiceProblem('conflict', 'credential_unreadable', 'The stored credential cannot be opened: replace it.')
  }
}
