import type { Failure } from '../../server/contract/health.js'
import type { AudioConfig } from './audio.js'
import type { RtspFault } from './fault.js'
import type { VideoConfig } from './mp4-init.js'

/** A new beginning: what follows is coded as this says. */
export interface MediaInit { bytes: Buffer, video: VideoConfig, audio: AudioConfig | null }
/** One frame as moof + mdat. */
export interface MediaFragment {
  /** A picture's memory is used again at the second key frame after it: who keeps it for longer copies it. */
  bytes: Buffer
  key: boolean
  audio: boolean
  /** Wall clock when the frame's first byte arrived, ms. */
  atMs: number
}
export interface PullSink { init (init: MediaInit): void, fragment (fragment: MediaFragment): void }
interface PullStats { packetsLost: number, droppedFrames: number }

/** One running upstream connection, by whichever client. */
export interface Pull {
  /** Settles once, with the reason; never rejects. */
  ended: Promise<RtspFault>
  stats (): PullStats
  /** RTP packets that came; absent where the client does not count them. */
  received? (): number
  /** Looks at the clock: ends the pull when nothing comes. */
  check (): void
  close (): void
}

/** What a watchdog needs to know of a pull; times on the monotonic clock, ms. */
export interface Liveness { startedMs: number, lastPacketMs: number, lastFrameMs: number, packets: number, hasInit: boolean }
const STALL_MS = 5000
const PARAMETER_SETS_MS = 10_000
/** Longest key-frame interval waited for. */
const NO_KEY_FRAME_MS = 20_000

/** Why a playing stream must be given up now; null while it lives. */
export function stallOf (l: Liveness, nowMs: number): Failure | null {
  if (nowMs - Math.max(l.lastPacketMs, l.startedMs) >= STALL_MS) {
    return { code: 'stream_stalled', detail: `The connection is open, but no picture came for ${STALL_MS / 1000} s` }
  }
  if (!l.hasInit && l.packets > 0 && nowMs - l.startedMs >= PARAMETER_SETS_MS) {
    return { code: 'no_parameter_sets', detail: `Data comes, but no parameter sets in ${PARAMETER_SETS_MS / 1000} s: the picture cannot be decoded` }
  }
  if (l.hasInit && nowMs - Math.max(l.lastFrameMs, l.startedMs) >= NO_KEY_FRAME_MS) {
    return { code: 'stream_stalled', detail: `Data comes, but no whole key frame in ${NO_KEY_FRAME_MS / 1000} s` }
  }
  return null
}
