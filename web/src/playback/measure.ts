/** What measurements and curious people read of the playback: how the pictures stand to the clock and to each other. */
import type { PlaybackRoom } from './engine/room.js'
import type { View } from './timeline/view.js'

interface PlaybackReport {
  clockMs: number
  /** What the timeline shows. */
  view: View
  /** performance.now() of the last wish for another moment. */
  askedAt: number
  /** Differences of the cameras' lateness, ms: now, and the most of this run. */
  skewNowMs: number | null
  skewMaxMs: number | null
  cameras: Array<{ deviceId: string, shownAtMs: number | null, lateMs: number | null, frames: number, current: boolean, firstShownAt: number | null, decoder: string, soundBehindMs: number | null }>
}
declare global {
  interface Window { __kalanchaPlayback?: () => PlaybackReport }
}
export function publish (room: PlaybackRoom, view: () => View) {
  const report = (): PlaybackReport => ({
    clockMs: room.now(), view: view(), askedAt: room.askedAt, skewNowMs: room.skewNow().nowMs, skewMaxMs: room.skewNow().maxMs,
    cameras: room.cameraList().map(c => ({ deviceId: c.deviceId, shownAtMs: c.shown?.atMs ?? null, lateMs: c.shown?.lateMs ?? null, frames: c.frames, current: c.current, firstShownAt: c.firstShownAt, decoder: c.kind, soundBehindMs: c.sound.behindMs() }))
  })
  window.__kalanchaPlayback = report
  return () => { if (window.__kalanchaPlayback === report) delete window.__kalanchaPlayback }
}
