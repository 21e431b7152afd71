import type { KeyFrame } from './camera-source.js'
import type { RtspTarget } from './client.js'
import { RtspFault } from './fault.js'
import { toAnnexB } from './group.js'
import { startOwnPull } from './own-pull.js'
import type { MediaInit } from './pull.js'
import { systemTime } from './timeline.js'

export interface FirstPicture { init: MediaInit, keyFrame: KeyFrame, playingMs: number, keyFrameMs: number }

/**
 * Opens a stream outside the plan, waits for one whole key frame and leaves: what "Test connection" shows.
 * `playingMs` is until parameter sets were known, `keyFrameMs` until the picture was there. @throws RtspFault
 */
export async function firstPicture (target: RtspTarget, { signal, deadlineMs = 15_000 }: { signal: AbortSignal, deadlineMs?: number }): Promise<FirstPicture> {
  const began = systemTime.mono()
  let init: MediaInit | null = null
  let playingMs = 0
  let give: (picture: FirstPicture) => void = () => {}
  const picture = new Promise<FirstPicture>(resolve => { give = resolve })
  const pull = startOwnPull(target, {
    init (i) { init = i; playingMs = systemTime.mono() - began },
    fragment (f) {
      if (f.key && init) give({ init, keyFrame: { codec: init.video.kind, annexB: toAnnexB(f, init.video), atMs: f.atMs }, playingMs, keyFrameMs: systemTime.mono() - began })
    }
  }, systemTime, began)
  const watch = setInterval(() => pull.check(), 250)
  let late = false
  const timer = setTimeout(() => { late = true; pull.close() }, deadlineMs)
  const abort = () => pull.close()
  signal.addEventListener('abort', abort)
  try {
    const result = await Promise.race([picture, pull.ended])
    if (!(result instanceof RtspFault)) return result
    throw late ? new RtspFault('timeout', `No whole picture within ${Math.round(deadlineMs / 1000)} s`) : result
  } finally {
    clearInterval(watch)
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    pull.close()
  }
}
