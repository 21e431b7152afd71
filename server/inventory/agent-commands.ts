import type { Command } from '../contract/agent-link.js'

/**
 * What this room needs of the agents' room. `run` resolves with the agent's result, which is not checked yet. It rejects with a
 * ServiceProblem (`agent_offline` when the agent is away, otherwise the agent's own failure code); when `signal` fires it tells
 * the agent to stop.
 */
export interface AgentCommands {
  run (agentId: string, command: Command, options: { onProgress (progress: unknown): void, signal: AbortSignal, timeoutMs: number }): Promise<unknown>
}
