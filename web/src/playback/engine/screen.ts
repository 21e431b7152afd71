/** What shows recorded pictures as the common clock says: WebCodecs onto a canvas, or Media Source Extensions into a video element. */
export interface Shown {
  atMs: number
  /** How long after it was due, by the clock's own pace, ms. */
  lateMs: number
}
export interface Screen {
  kind: 'webcodecs' | 'mse'
  /** Everything so far is void; what comes next plays in this direction from that moment. */
  reset: (from: number, forward: boolean) => void
  init: (bytes: Uint8Array, codec: string) => void
  push: (bytes: Uint8Array, facts: { key: boolean, atMs: number }) => void
  /** Nothing more comes before the next gap, or at all. */
  settle: () => void
  /** Shows what is due; null when the picture stays. */
  present: (mediaMs: number, rate: number, running: boolean) => Shown | null
  /** Something later in the direction of playing is ready to be shown. */
  covers: (mediaMs: number) => boolean
  /** The moment of the next picture, when it is known. */
  nextAt: () => number | null
  close: () => void
}
/** The screen cannot go on; `fatal`: this kind of screen will not do for this stream at all. */
export type ScreenFailed = (why: string, fatal: boolean) => void
