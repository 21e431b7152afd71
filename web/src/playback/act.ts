import type { PlaybackKey } from './keys.js'

/** What a person can do on the page: by key, by button, from a dialog. */
export type Action = PlaybackKey | { do: 'rate', rate: number } | { do: 'span', ms: number } | { do: 'clearMarks' } | { do: 'seek', at: number, cameraId?: string }
export type Act = (action: Action) => void
