/** What measurements and curious people read of the playback: how the pictures stand to the clock and to each other. */
import type { PlaybackRoom } from './engine/room.js'

interface PlaybackReport {
  clockMs: number
  /** performance.now() of the last wish for another moment. */
  askedAt: number
  /** Differences of the cameras' lateness, ms: now, and the most of this run. */
  skewNowMs: number | null
  skewMaxMs: number | null
  cameras: Array<{ deviceId: string, shownAtMs: number | null, lateMs: number | null, frames: number, current: boolean, firstShownAt: number | null, decoder: string }>
}
declare global {
  interface Window { __kalanchaPlayback?: () => PlaybackReport }
}
export function publish (room: PlaybackRoom) {
  const report = (): PlaybackReport => ({
    clockMs: room.now(), askedAt: room.askedAt, skewNowMs: room.skewNow().nowMs, skewMaxMs: room.skewNow().maxMs,
    cameras: room.cameraList().map(c => ({ deviceId: c.deviceId, shownAtMs: c.shown?.atMs ?? null, lateMs: c.shown?.lateMs ?? null, frames: c.frames, current: c.current, firstShownAt: c.firstShownAt, decoder: c.kind }))
  })
  window.__kalanchaPlayback = report
  return () => { if (window.__kalanchaPlayback === report) delete window.__kalanchaPlayback }
}
