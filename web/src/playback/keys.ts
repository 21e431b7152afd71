/** What a key means on the playback page. Pure; `code` names the physical key, so that a Ukrainian layout works too. */
import type { Pressed } from '../shell/keymap.js'

export type PlaybackKey =
  | { do: 'toggle' } | { do: 'pause' } | { do: 'shuttle', direction: 1 | -1 } | { do: 'frame', direction: 1 | -1 } | { do: 'seconds', by: number } | { do: 'speed', by: 1 | -1 }
  | { do: 'zoom', factor: number } | { do: 'jump', direction: 1 | -1 } | { do: 'gap', direction: 1 | -1 } | { do: 'camera', by: 1 | -1 } | { do: 'bookmark' } | { do: 'mark', end: 'in' | 'out' }
  | { do: 'clip' } | { do: 'lock' } | { do: 'go' } | { do: 'enlarge' } | { do: 'digital', factor: number } | { do: 'pan', dx: number, dy: number } | { do: 'add' } | { do: 'panel' } | { do: 'sound' } | { do: 'back' }

const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const plain: Record<string, PlaybackKey> = {
  Space: { do: 'toggle' }, KeyK: { do: 'pause' }, KeyJ: { do: 'shuttle', direction: -1 }, KeyL: { do: 'shuttle', direction: 1 }, Comma: { do: 'frame', direction: -1 }, Period: { do: 'frame', direction: 1 },
  BracketLeft: { do: 'speed', by: -1 }, BracketRight: { do: 'speed', by: 1 }, KeyN: { do: 'jump', direction: 1 }, KeyP: { do: 'gap', direction: 1 }, KeyB: { do: 'bookmark' }, KeyI: { do: 'mark', end: 'in' }, KeyO: { do: 'mark', end: 'out' },
  KeyE: { do: 'clip' }, KeyH: { do: 'lock' }, KeyG: { do: 'go' }, KeyS: { do: 'sound' }, KeyZ: { do: 'digital', factor: 1.5 }, KeyC: { do: 'panel' }, Minus: { do: 'zoom', factor: 2 }, NumpadSubtract: { do: 'zoom', factor: 2 }, Equal: { do: 'zoom', factor: 0.5 }, NumpadAdd: { do: 'zoom', factor: 0.5 },
  Slash: { do: 'add' }, Enter: { do: 'enlarge' }, NumpadEnter: { do: 'enlarge' }, Escape: { do: 'back' }
}
const shifted: Record<string, PlaybackKey> = {
  KeyN: { do: 'jump', direction: -1 }, KeyP: { do: 'gap', direction: -1 }, KeyZ: { do: 'digital', factor: 1 / 1.5 }, Equal: { do: 'zoom', factor: 0.5 }
}

/** Null when the key means nothing here, or belongs to the browser or to a field. */
export function playbackKey (pressed: Pressed, typing: boolean): PlaybackKey | null {
  // The help's, wherever its key lies.
  if (pressed.altKey || pressed.metaKey || typing || pressed.key === '?') return null
  const arrow = arrows[pressed.key]
  if (pressed.ctrlKey) return arrow ? { do: 'pan', dx: arrow[0], dy: arrow[1] } : null
  if (arrow) return arrow[0] !== 0 ? { do: 'seconds', by: arrow[0] * (pressed.shiftKey ? 60 : 5) } : pressed.shiftKey ? null : { do: 'camera', by: arrow[1] as 1 | -1 }
  return (pressed.shiftKey ? shifted : plain)[pressed.code] ?? null
}
/** A button that has the focus is pressed by these, and a list has them for itself. */
export const pressesButtons = (key: PlaybackKey) => key.do === 'toggle' || key.do === 'enlarge'
