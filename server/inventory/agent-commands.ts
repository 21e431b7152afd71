import type { Command } from '../contract/agent-link.js'

/**
 * What this room needs of the agents' room. `run` resolves with the agent's result, which is not checked yet. It rejects with a
 * ServiceProblem (`unavailable` when the agent is away) or with an error that has the agent's `code` and `detail`; when
 * `signal` fires it tells the agent to stop.
 */
export interface AgentCommands {
  run (agentId: string, command: Command, options: { onProgress (progress: unknown): void, signal: AbortSignal }): Promise<unknown>
}
