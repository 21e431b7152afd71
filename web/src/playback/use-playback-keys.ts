import { useEffect, useRef } from 'react'
import { isTyping } from '../shell/keymap.js'
import type { Action } from './act.js'
import { playbackKey, pressesButtons } from './keys.js'

/** A button that has the focus is pressed by Space and Enter; the tiles and the page itself are not meant by that. */
const isButton = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('button, a, [role=menuitem]') !== null && target.closest('[data-playback]') === null

/** A choice among buttons, and a panel beside the pictures, have arrows of their own. */
const keepsArrows = (target: EventTarget | null) => target instanceof HTMLInputElement || (target instanceof Element && target.closest('[data-own-keys]') !== null)

export function usePlaybackKeys (act: (action: Action) => boolean) {
  const latest = useRef(act)
  useEffect(() => { latest.current = act })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const key = playbackKey(event, isTyping(event.target))
      if (!key || (pressesButtons(key) && isButton(event.target)) || (event.key.startsWith('Arrow') && keepsArrows(event.target))) return
      if (latest.current(key)) event.preventDefault()
    }
    // Before the global keys, which pass over what was handled.
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}
