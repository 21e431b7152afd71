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
/** Ms of this computer's clock; 0 when the sound is on. */
export const mutedUntil = () => until > Date.now() ? until : 0
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
