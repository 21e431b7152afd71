/** Single pictures through the agent: one request to a camera at a time, and a fresh answer serves everybody. */
import type { Clock } from '../../lib/clock.js'
import { ServiceProblem } from '../problems.js'
import type { AgentCommands } from './commands.js'

const FRESH_MS = 5000
const TIMEOUT_MS = 20_000
const MAX_KEPT = 64

interface TakenPicture { jpeg: Buffer, at: number, source: 'camera' | 'stream' }
export interface Snapshots { take (agentId: string, deviceId: string): Promise<TakenPicture> }

export function createSnapshots ({ commands, clock }: { commands: AgentCommands, clock: Clock }): Snapshots {
  const kept = new Map<string, { takenAt: number, picture: TakenPicture }>()
  const underWay = new Map<string, Promise<TakenPicture>>()

  async function ask (agentId: string, deviceId: string) {
    const { jpegBase64, at, source } = await commands.run(agentId, { name: 'snapshot', deviceId }, { timeoutMs: TIMEOUT_MS })
    const jpeg = Buffer.from(jpegBase64, 'base64')
    // Served as image/jpeg to browsers: it must be one.
    if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new ServiceProblem('unavailable', 'protocol_error', 'The agent sent something that is no JPEG picture.')
    const picture = { jpeg, at, source }
    kept.delete(deviceId)
    kept.set(deviceId, { takenAt: clock.now(), picture })
    for (const [oldest] of kept) { if (kept.size <= MAX_KEPT) break; kept.delete(oldest) }
    return picture
  }

  return {
    take (agentId, deviceId) {
      const fresh = kept.get(deviceId)
      if (fresh && clock.now() - fresh.takenAt < FRESH_MS) return Promise.resolve(fresh.picture)
      const running = underWay.get(deviceId) ?? ask(agentId, deviceId).finally(() => underWay.delete(deviceId))
      underWay.set(deviceId, running)
      return running
    }
  }
}
