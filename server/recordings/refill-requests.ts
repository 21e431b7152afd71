/** A person wants an absence filled from the camera's own card. The agent does it; how far it is comes back with the gap. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { AgentCommands } from '../agents/commands.js'
import { type Actor, demand } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { visibleCamera } from './cameras.js'

const ASK_MS = 5000
/** What the agent says where nothing can come of it; see agents/recorder/refill/rules.ts. */
const refusals = new Set(['gap_unknown', 'gap_open', 'nothing_missing', 'not_recorded', 'no_onvif', 'too_old'])

export interface RefillRequests {
  /** @throws ServiceProblem conflict with the reason where it cannot be filled; unavailable where the agent is away. */
  ask (actor: Actor, gapId: string): Promise<void>
}

export function createRefillRequests ({ store, clock, commands }: { store: Store, clock: Clock, commands: AgentCommands }): RefillRequests {
  return {
    async ask (actor, gapId) {
      demand(actor, 'recording.refill')
      const agentId = await store.transaction(async tx => {
        const { gaps } = tx.t
        const [gap] = await tx.select().from(gaps).where(eq(gaps.id, gapId))
        if (!gap) throw notFound('gap')
        const camera = await visibleCamera(tx, actor, gap.deviceId)
        await recordAudit(tx, clock.now(), actor, 'recording.refill.ask', { kind: 'camera', id: camera.id }, { name: camera.name, gapId, from: gap.from, to: gap.to, cause: gap.cause })
        return gap.agentId
      })
      try {
        await commands.run<'refill_gap'>(agentId, { name: 'refill_gap', gapId }, { timeoutMs: ASK_MS })
      } catch (err) {
        if (err instanceof ServiceProblem && refusals.has(err.code)) throw new ServiceProblem('conflict', err.code, err.message)
        throw err
      }
    }
  }
}
