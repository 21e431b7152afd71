/** Opens a stream once, for "Test connection": codec, size, measured frame rate and the first key frame. */
import { setTimeout as wait } from 'node:timers/promises'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { RtspFault } from './fault.js'
import { toAnnexB } from './group.js'
import { startOwnPull } from './own-pull.js'
import type { MediaFragment, MediaInit } from './pull.js'
import { systemTime } from './timeline.js'

const DEADLINE_MS = 15_000
/** Frames are counted over this long after the first key frame. */
const COUNT_MS = 1000
const CHECK_MS = 250

export interface ProbedStream { codec: string, kind: 'h264' | 'h265', width: number | null, height: number | null, fps: number | null, keyFrame: Buffer | null }

/** @throws RtspFault with a FailureCode and words for a person; `timeout` after 15 s without a key frame. */
export async function probeStream (device: PlanDevice, { port, path }: { port: number, path: string }, { signal }: { signal: AbortSignal }): Promise<ProbedStream> {
  const login = device.credential?.kind === 'password' ? { username: device.credential.username, password: device.credential.password } : null
  let init: MediaInit | null = null
  let key: MediaFragment | null = null
  let frames = 0
  let found: () => void = () => {}
  const firstKey = new Promise<void>(resolve => { found = resolve })
  const pull = startOwnPull({ host: device.address, port, path, login }, {
    init (given) { init ??= given },
    fragment (fragment) {
      if (fragment.audio) return
      if (key) frames++
      else if (fragment.key) {
        key = fragment
        found()
      }
    }
  }, systemTime, systemTime.mono())
  const over = new AbortController()
  const watchdog = setInterval(() => pull.check(), CHECK_MS)
  const aborted = () => over.abort()
  signal.addEventListener('abort', aborted)
  try {
    signal.throwIfAborted()
    const late = wait(DEADLINE_MS, null, { signal: over.signal }).then(() => { throw new RtspFault('timeout', `No key frame within ${DEADLINE_MS / 1000} s`) })
    await Promise.race([firstKey, pull.ended.then(fault => { throw fault }), late])
    await Promise.race([pull.ended, wait(COUNT_MS, null, { signal: over.signal })])
    const { video } = init!
    return { codec: video.codec, kind: video.kind, width: video.width, height: video.height, fps: frames * 1000 / COUNT_MS, keyFrame: toAnnexB(key!, video) }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    over.abort()
    clearInterval(watchdog)
    signal.removeEventListener('abort', aborted)
    pull.close()
  }
}
