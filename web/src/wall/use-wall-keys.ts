import { useEffect, useRef } from 'react'
import { wallGrids } from '../../../server/contract/wall.js'
import { isTyping, keyAction } from '../shell/keymap.js'
import { type Arrangement, neighbour, type Rearrange } from './arrangement.js'

export interface WallKeys {
  wall: Arrangement
  selected: number
  focused: boolean
  grabbed: boolean
  act: (step: Rearrange) => void
  select: (cell: number) => void
  setFocused: (on: boolean) => void
  setGrabbed: (on: boolean) => void
  pick: () => void
  toggleSound: () => void
  /** Half a minute ago, of the chosen tile. */
  missed: () => void
}

/** While a camera is moved by hand, these are its keys. */
const steering = new Set(['move', 'focus', 'grid', 'back'])
const isSteered = () => 'ptzKeys' in document.documentElement.dataset
/** A list beside the tiles has arrows of its own, and so has a choice in the toolbar. */
const keepsItsKeys = (target: EventTarget | null) => target instanceof HTMLInputElement || (target instanceof Element && target.closest('[data-own-keys]') !== null)

/** The wall's keys; true when the key was one of them. */
function press (k: WallKeys, event: KeyboardEvent): boolean {
  const onTile = event.target === document.body || (event.target as HTMLElement | null)?.dataset?.cell !== undefined
  if (event.key === ' ' && onTile && !k.focused) {
    if (k.wall.cells[k.selected] || k.grabbed) k.setGrabbed(!k.grabbed)
    return true
  }
  const action = keyAction(event, isTyping(event.target))
  if (action && steering.has(action.do) && isSteered()) return false
  switch (action?.do) {
    case 'move': {
      if (keepsItsKeys(event.target)) return false
      const to = neighbour(k.wall.grid, k.selected, action.dx, action.dy)
      if (k.grabbed) k.act({ do: 'swap', from: k.selected, to })
      k.select(to)
      return true
    }
    case 'focus':
      // Enter on a button elsewhere on the page is that button's.
      if (!onTile) return false
      if (k.grabbed) k.setGrabbed(false)
      else if (k.wall.cells[k.selected]) k.setFocused(!k.focused)
      else k.pick()
      return true
    case 'back':
      if (k.grabbed) k.setGrabbed(false)
      else if (k.focused) k.setFocused(false)
      else return false
      return true
    case 'grid': k.act({ do: 'grid', grid: wallGrids[action.index]! }); k.setFocused(false); return true
    case 'search': k.pick(); return true
    case 'remove': if (!onTile || k.focused) return false; k.act({ do: 'remove', cell: k.selected }); return true
    case 'missed': if (!k.wall.cells[k.selected] || keepsItsKeys(event.target)) return false; k.missed(); return true
    case 'sound': if (!k.focused) return false; k.toggleSound(); return true
    default: return false
  }
}

export function useWallKeys (keys: WallKeys) {
  const latest = useRef(keys)
  useEffect(() => { latest.current = keys })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => { if (!event.defaultPrevented && press(latest.current, event)) event.preventDefault() }
    // Before the global keys, which pass over what was handled.
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}
