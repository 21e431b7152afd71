/** Small pictures of recorded moments while a person looks along the timeline: few at a time, the newest wish first. */
import { useEffect, useState } from 'react'
import { fetchStill } from '../data.js'

interface Still { url: string, at: number }
const KEPT = 120
/** A pointer that rests this long, ms, wants to see. */
const REST_MS = 70
const stills = new Map<string, Still | null>()

function keep (key: string, still: Still | null) {
  stills.set(key, still)
  for (const [old, gone] of stills) {
    if (stills.size <= KEPT) break
    stills.delete(old)
    if (gone) URL.revokeObjectURL(gone.url)
  }
}
/** Nobody's pictures stay behind when the page is left. */
export function forgetStills () {
  for (const still of stills.values()) if (still) URL.revokeObjectURL(still.url)
  stills.clear()
}

/** `at` is rounded to `grainMs`, so that near moments share a picture. `url` null: there is none. */
export function useStill (deviceId: string | null, at: number | null, grainMs: number): { state: 'none' | 'loading' | 'ready', still: Still | null } {
  const grain = Math.max(1000, grainMs)
  const rounded = at === null ? null : Math.round(at / grain) * grain
  const key = deviceId === null || rounded === null ? null : `${deviceId} ${rounded}`
  const [, arrived] = useState(0)
  useEffect(() => {
    if (key === null || stills.has(key)) return
    const over = new AbortController()
    const timer = setTimeout(() => {
      fetchStill(deviceId!, rounded!, over.signal).then(({ blob, at }) => keep(key, { url: URL.createObjectURL(blob), at }), () => { if (!over.signal.aborted) keep(key, null) })
        .finally(() => { if (!over.signal.aborted) arrived(n => n + 1) })
    }, REST_MS)
    return () => { clearTimeout(timer); over.abort() }
  }, [key, deviceId, rounded])
  if (key === null) return { state: 'none', still: null }
  return stills.has(key) ? { state: 'ready', still: stills.get(key) ?? null } : { state: 'loading', still: null }
}
