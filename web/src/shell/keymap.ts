/** What a key means, as a pure function, so that the help page and the handlers cannot disagree. */
export type KeyAction =
  | { do: 'focus' } | { do: 'back' } | { do: 'move', dx: number, dy: number } | { do: 'grid', index: number } | { do: 'search' } | { do: 'alarms' } | { do: 'wall' }
  | { do: 'mute' } | { do: 'help' } | { do: 'fullscreen' } | { do: 'remove' } | { do: 'sound' } | { do: 'missed' } | { do: 'steer' }

/** The part of a KeyboardEvent that matters. `code` names the physical key, so that a Ukrainian layout works too. */
export interface Pressed { key: string, code: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean, shiftKey: boolean }

const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const byCode: Record<string, KeyAction> = { KeyA: { do: 'alarms' }, KeyM: { do: 'mute' }, KeyF: { do: 'fullscreen' }, KeyS: { do: 'sound' }, KeyW: { do: 'wall' }, KeyR: { do: 'missed' }, KeyP: { do: 'steer' } }
const byKey: Record<string, KeyAction> = { Enter: { do: 'focus' }, Escape: { do: 'back' }, '/': { do: 'search' }, '?': { do: 'help' }, Delete: { do: 'remove' }, Backspace: { do: 'remove' } }

/** Null when the key means nothing here, or belongs to the browser or to a field. */
export function keyAction (pressed: Pressed, typing: boolean): KeyAction | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null
  if (typing) return null
  const arrow = arrows[pressed.key]
  if (arrow) return { do: 'move', dx: arrow[0], dy: arrow[1] }
  // On a Ukrainian layout "?" is Shift+7 and "/" is Shift+\: what was typed counts before where it was typed.
  if (byKey[pressed.key]) return byKey[pressed.key]!
  if (pressed.code === 'Slash') return pressed.shiftKey ? { do: 'help' } : { do: 'search' }
  const digit = /^(?:Digit|Numpad)([1-5])$/.exec(pressed.code)
  if (digit && !pressed.shiftKey) return { do: 'grid', index: Number(digit[1]) - 1 }
  return pressed.shiftKey ? null : byCode[pressed.code] ?? null
}

const fields = new Set(['INPUT', 'TEXTAREA', 'SELECT'])
const pressed = new Set(['radio', 'checkbox', 'button'])
/** Is the reader writing into something? A dialog that is open also keeps its keys. */
export function isTyping (target: EventTarget | null) {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement && pressed.has(target.type) && !target.closest('[role="dialog"]')) return false
  return fields.has(target.tagName) || target.isContentEditable || target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null
}
