/** Why nothing was recorded, judged with what the server knows besides the recorder's word. Pure. */
import type { GapCause } from '../contract/recording.js'

export interface SeenGap { cause: GapCause, detail: string }
export interface AroundGap {
  /** The device was held for unreachable behind something that was down; the name of that. */
  behind: { name: string, at: number } | null
  /** Who turned the device off at about the beginning of the gap. */
  disabledBy: string | null
}

/** A silent camera behind a dead link is the link's fault, whatever the stream's last word was. */
export const mayBeTheNetwork: ReadonlySet<GapCause> = new Set(['camera_unreachable', 'stream_failed', 'frames_lost', 'unknown'])

export function judgeGap (gap: SeenGap, around: AroundGap): { cause: GapCause, detail: string } {
  if (mayBeTheNetwork.has(gap.cause) && around.behind) return { cause: 'link_down', detail: around.behind.name }
  if (gap.cause === 'disabled' && around.disabledBy) return { cause: 'disabled', detail: around.disabledBy }
  return { cause: gap.cause, detail: gap.detail }
}
