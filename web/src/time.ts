/** Times as people read them: in the centre's zone, ages ticking once a second for everyone together. */
import i18next from 'i18next'
import { useSyncExternalStore } from 'react'
import { currentLanguage } from './i18n/index.js'
import { serverNow } from './live-socket.js'

let zone = 'Europe/Kyiv'
export const setTimeZone = (name: string) => { zone = name }
export const timeZone = () => zone

/** 45 s, 12 min, 3 h, 2 d: one unit, rounded down, never negative. */
export function spanText (ms: number) {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return i18next.t('time.seconds', { count: s })
  if (s < 3600) return i18next.t('time.minutes', { count: Math.floor(s / 60) })
  if (s < 172_800) return i18next.t('time.hours', { count: Math.floor(s / 3600) })
  return i18next.t('time.days', { count: Math.floor(s / 86_400) })
}

const formats = new Map<string, Intl.DateTimeFormat>()
function format (kind: 'clock' | 'day' | 'short' | 'full', at: number, until?: number) {
  const locale = currentLanguage() === 'uk' ? 'uk-UA' : 'en-GB'
  const key = `${kind} ${locale} ${zone}`
  const options: Record<typeof kind, Intl.DateTimeFormatOptions> = {
    clock: { hour: '2-digit', minute: '2-digit' },
    day: { day: '2-digit', month: '2-digit' },
    short: { day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    full: { dateStyle: 'medium', timeStyle: 'medium' }
  }
  const found = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options[kind], timeZone: zone })
  formats.set(key, found)
  return until === undefined ? found.format(at) : found.formatRange(at, until)
}
export const clockText = (at: number) => format('clock', at)
export const dayText = (at: number) => format('day', at)
export const shortTime = (at: number) => format('short', at)
export const fullTime = (at: number) => format('full', at)
/** The day once where both ends have the same. */
export const fullRange = (from: number, to: number) => format('full', from, to)

const tickers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null
let ticked = Math.floor(Date.now() / 1000)
function subscribe (listener: () => void) {
  tickers.add(listener)
  timer ??= setInterval(() => { ticked = Math.floor(Date.now() / 1000); for (const t of tickers) t() }, 1000)
  return () => {
    tickers.delete(listener)
    if (tickers.size === 0 && timer) { clearInterval(timer); timer = null }
  }
}
/** The server's time in ms, anew each second. */
export function useNow () {
  useSyncExternalStore(subscribe, () => ticked)
  return serverNow()
}
