/** The mute of this wall: kept in the browser, always with an end. */
import { useSyncExternalStore } from 'react'
import { timeZone } from '../time.js'
import { shiftEnd, validMute } from './sound-rules.js'

const STORED = 'kalancha.mutedUntil'
const listeners = new Set<() => void>()
let until = validMute(Number(localStorage.getItem(STORED) ?? 0), Date.now())

export function muteUntil (at: number) {
  until = validMute(at, Date.now())
  localStorage.setItem(STORED, String(until))
  for (const listener of listeners) listener()
}
/** Ms of this computer's clock; 0 when the sound is on. Looked at anew each time: a clock set back must not mute for a year. */
export const mutedUntil = () => validMute(until, Date.now())
// Another window of this browser mutes this one too: they share the loudspeaker.
addEventListener('storage', event => {
  if (event.key !== STORED) return
  until = Number(event.newValue ?? 0)
  for (const listener of listeners) listener()
})
const subscribe = (listener: () => void) => { listeners.add(listener); return () => { listeners.delete(listener) } }
export const useMutedUntil = () => useSyncExternalStore(subscribe, mutedUntil)

export function endOfShift () {
  const now = Date.now()
  const parts = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: timeZone() }).formatToParts(now)
  const number = (type: string) => Number(parts.find(p => p.type === type)?.value ?? 0)
  return shiftEnd(now, number('hour'), number('minute'))
}
/** One key: off for a quarter of an hour, or on again. */
export const toggleMute = () => muteUntil(mutedUntil() ? 0 : Date.now() + 15 * 60_000)
