/** Single pictures through the agent: one request to a camera at a time, and a fresh answer serves everybody. */
import type { Clock } from '../../lib/clock.js'
import { ServiceProblem } from '../problems.js'
import type { MaskRegion } from '../contract/footage.js'
import type { AgentCommands } from './commands.js'

const FRESH_MS = 5000
const TIMEOUT_MS = 20_000
const MAX_KEPT = 64

interface TakenPicture { jpeg: Buffer, at: number, source: 'camera' | 'stream' }
export interface Snapshots {
  /** With `masks` hidden in it, or not at all. */
  take (agentId: string, deviceId: string, masks?: readonly MaskRegion[]): Promise<TakenPicture>
}

export function createSnapshots ({ commands, clock }: { commands: AgentCommands, clock: Clock }): Snapshots {
  const kept = new Map<string, { takenAt: number, picture: TakenPicture }>()
  const underWay = new Map<string, Promise<TakenPicture>>()

  async function ask (agentId: string, deviceId: string, key: string, masks: readonly MaskRegion[]) {
    const { jpegBase64, at, source, masked } = await commands.run(agentId, { name: 'snapshot', deviceId, ...(masks.length > 0 && { masks: [...masks] }) }, { timeoutMs: TIMEOUT_MS })
    if (masks.length > 0 && !masked) throw new ServiceProblem('unavailable', 'cannot_mask', 'The agent cannot hide what is masked for you: it must be upgraded.')
    const jpeg = Buffer.from(jpegBase64, 'base64')
    // Served as image/jpeg to browsers: it must be one.
    if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new ServiceProblem('unavailable', 'protocol_error', 'The agent sent something that is no JPEG picture.')
    const picture = { jpeg, at, source }
    kept.delete(key)
    kept.set(key, { takenAt: clock.now(), picture })
    for (const [oldest] of kept) { if (kept.size <= MAX_KEPT) break; kept.delete(oldest) }
    return picture
  }

  return {
    take (agentId, deviceId, masks = []) {
      const key = `${deviceId} ${JSON.stringify(masks)}`
      const fresh = kept.get(key)
      if (fresh && clock.now() - fresh.takenAt < FRESH_MS) return Promise.resolve(fresh.picture)
      const running = underWay.get(key) ?? ask(agentId, deviceId, key, masks).finally(() => underWay.delete(key))
      underWay.set(key, running)
      return running
    }
  }
}
