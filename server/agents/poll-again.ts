/** "Ask this device now", to its agent: a few at a time, since a healed fibre may bring back hundreds together. */
import type { AgentCommands } from './commands.js'

/** Below what one connection takes, so that people's own commands find room. */
const AT_ONCE = 8
const WITHIN_MS = 5000

/** Nobody waits for the answers: what a poll finds comes as an observation, and a poll that fails is made up for by the schedule. */
export function createPollAgain (commands: Pick<AgentCommands, 'run'>, agentOf: (deviceId: string) => string | null | undefined) {
  const waiting = new Map<string, Set<string>>()
  const running = new Map<string, number>()

  async function work (agentId: string, ids: Set<string>) {
    running.set(agentId, (running.get(agentId) ?? 0) + 1)
    for (const id of ids) {
      ids.delete(id)
      try {
        await commands.run(agentId, { name: 'poll_now', deviceId: id }, { timeoutMs: WITHIN_MS })
      } catch (err) {
        // Back again, it asks everything anyway.
        if ((err as { code?: string }).code === 'agent_offline' || (err as { code?: string }).code === 'agent_gone') ids.clear()
      }
    }
    running.set(agentId, running.get(agentId)! - 1)
  }

  return (deviceIds: readonly string[]) => {
    for (const id of deviceIds) {
      const agentId = agentOf(id)
      if (!agentId) continue
      const ids = waiting.get(agentId) ?? new Set<string>()
      waiting.set(agentId, ids.add(id))
    }
    for (const [agentId, ids] of waiting) {
      for (let free = Math.min(AT_ONCE - (running.get(agentId) ?? 0), ids.size); free > 0; free--) void work(agentId, ids)
    }
  }
}
