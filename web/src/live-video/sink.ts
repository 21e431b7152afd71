/** What draws video: WebCodecs onto a canvas, or Media Source Extensions into a video element. */
import type { Mode } from './governor.js'

export interface Presented { atMs: number, mediaTimeS: number, drawnAt: number, seiMs: number | null }
export interface SinkEvents {
  presented: (p: Presented) => void
  /** The sink is broken and must be made anew; `fatal` means that this way of playing will not do at all. */
  failed: (why: string, fatal: boolean) => void
}
export interface Sink {
  kind: 'webcodecs' | 'mse'
  init: (bytes: Uint8Array) => void
  /** `key`: decodable without what came before. `broken`: a fragment before this one is missing. */
  push: (bytes: Uint8Array, facts: { key: boolean, broken: boolean, atMs: number }) => void
  setMode: (mode: Mode) => void
  /** How long the oldest frame given has waited to be drawn, ms. */
  waitingMs: () => number
  dropped: () => number
  close: () => void
}
export interface StreamFacts { codec: string, width: number, height: number }
