/** Keyboard, joystick and what lets go of everything: the window out of sight or out of focus. */
import { useEffect, useRef } from 'react'
import type { PtzTarget } from '../../../server/contract/ptz.js'
import { isTyping } from '../shell/keymap.js'
import type { PtzConnection } from './connection.js'
import { isMoveKey, keyVelocity, padVelocity, presetOfKey } from './stick.js'

export interface HandsOptions { ptz: PtzConnection | null, presets: readonly { token: string }[], home: boolean, onLeave: () => void }

export function useKeys (options: HandsOptions) {
  const latest = useRef(options)
  useEffect(() => { latest.current = options })
  useEffect(() => {
    const down = new Set<string>()
    const tell = (slow: boolean) => latest.current.ptz?.hand('keys', keyVelocity(down, slow))
    const onDown = (event: KeyboardEvent) => {
      // A dialog that is open has the keys, also where its focus got lost.
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || document.querySelector('[role="dialog"]')) return
      const go = (to: PtzTarget) => { if (!event.repeat) latest.current.ptz?.go(to) }
      const preset = event.shiftKey ? null : presetOfKey(event.code)
      if (isMoveKey(event.code)) { down.add(event.code); tell(event.shiftKey) }
      else if (event.key === 'Shift' && down.size > 0) tell(true)
      else if (preset !== null) { const chosen = latest.current.presets[preset]; if (chosen) go({ kind: 'preset', token: chosen.token }) }
      else if (event.code === 'KeyH' && latest.current.home) go({ kind: 'home' })
      else if (event.key === 'Escape') latest.current.onLeave()
      else return
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    const onUp = (event: KeyboardEvent) => { if (down.delete(event.code) || (event.key === 'Shift' && down.size > 0)) tell(event.shiftKey) }
    const letGo = () => { down.clear(); tell(false) }
    const onHidden = () => { if (document.hidden) letGo() }
    // Before the wall's own keys, whose arrows walk over the tiles.
    document.documentElement.dataset.ptzKeys = ''
    addEventListener('keydown', onDown, { capture: true })
    addEventListener('keyup', onUp, { capture: true })
    addEventListener('blur', letGo)
    document.addEventListener('visibilitychange', onHidden)
    return () => {
      letGo()
      delete document.documentElement.dataset.ptzKeys
      removeEventListener('keydown', onDown, { capture: true })
      removeEventListener('keyup', onUp, { capture: true })
      removeEventListener('blur', letGo)
      document.removeEventListener('visibilitychange', onHidden)
    }
  }, [])
}

/** Looked at once a frame while one is plugged in; a hidden page gets no frames, and lets go. */
export function usePad ({ ptz, presets }: Pick<HandsOptions, 'ptz' | 'presets'>) {
  const latest = useRef({ ptz, presets })
  useEffect(() => { latest.current = { ptz, presets } })
  useEffect(() => {
    let frame = 0
    let pressed = new Set<number>()
    const look = () => {
      const pads = navigator.getGamepads().filter(p => p?.connected)
      frame = pads.length > 0 ? requestAnimationFrame(look) : 0
      const [pad] = pads
      if (!pad) { latest.current.ptz?.hand('pad', null); return }
      const value = (n: number) => pad.buttons[n]?.value ?? 0
      latest.current.ptz?.hand('pad', padVelocity({ axes: pad.axes, triggers: [value(6), value(7)] }))
      const now = new Set([0, 1, 2, 3].filter(n => pad.buttons[n]?.pressed))
      for (const n of now) { const chosen = latest.current.presets[n]; if (!pressed.has(n) && chosen) latest.current.ptz?.go({ kind: 'preset', token: chosen.token }) }
      pressed = now
    }
    const plugged = () => { if (frame === 0) look() }
    const letGo = () => { if (document.hidden) latest.current.ptz?.hand('pad', null) }
    addEventListener('gamepadconnected', plugged)
    document.addEventListener('visibilitychange', letGo)
    plugged()
    return () => {
      cancelAnimationFrame(frame)
      removeEventListener('gamepadconnected', plugged)
      document.removeEventListener('visibilitychange', letGo)
    }
  }, [])
}
