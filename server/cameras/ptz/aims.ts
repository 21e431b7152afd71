/** Where the heads of masked cameras look: asked over and over, and forgotten the moment one is told to move. */
import type { PtzPosition } from '../../contract/ptz.js'
import { AIM_FOR_MS, type Aim, sameAim } from './cover.js'

export interface Aims {
  of (deviceId: string): Promise<Aim>
  /** Asks the camera now. */
  ask (deviceId: string): Promise<Aim>
  /** These are masked: they are watched from now on, and no others. */
  watch (deviceIds: readonly string[]): void
  /** It is told to move, or has taken that: between the two what it says of its place is not believed. */
  turned (deviceId: string, phase: 'begins' | 'ends'): void
  /** Something else is known of a watched camera; also that nothing is known any more. */
  onChanged (listener: (deviceId: string) => void): void
  tick (): void
}
export interface AimsDeps {
  clock: { now (): number }
  /** From what was found out earlier, or from its settings; null: not yet. */
  turns: (deviceId: string) => Promise<boolean | null>
  /** Rejects where it cannot be asked. */
  look: (deviceId: string) => Promise<{ turns: boolean, position: PtzPosition | null, moving: boolean | null }>
}

const ASK_EVERY_MS = 1500
/** A head that was told to go somewhere says that it moves by then. */
const SETTLE_MS = 1000

interface Entry { aim: Aim, askedAt: number, asking: Promise<Aim> | null, turns: number, believedFrom: number, told: string, last: PtzPosition | null }

/** Some cameras do not say whether they move: one that is twice at the same place stands. */
const stands = ({ moving, position }: { moving: boolean | null, position: PtzPosition | null }, last: PtzPosition | null) =>
  moving === false || (moving === null && position !== null && last !== null && sameAim(position, last))

export function createAims ({ clock, turns, look }: AimsDeps): Aims {
  const entries = new Map<string, Entry>()
  let watched: readonly string[] = []
  const listeners: ((deviceId: string) => void)[] = []

  async function entryOf (id: string): Promise<Entry> {
    const known = entries.get(id)
    if (known && known.aim.turns !== null) return known
    const answer = await turns(id)
    const entry = entries.get(id) ?? { aim: { turns: null, position: null, at: 0 }, askedAt: 0, asking: null, turns: 0, believedFrom: 0, told: '', last: null }
    entry.aim = { ...entry.aim, turns: entry.aim.turns ?? answer }
    entries.set(id, entry)
    return entry
  }

  function tell (id: string, { aim }: Entry) {
    const stale = clock.now() - aim.at > AIM_FOR_MS
    const text = JSON.stringify([aim.turns, stale ? null : aim.position])
    const entry = entries.get(id)!
    if (entry.told === text) return
    entry.told = text
    for (const listener of listeners) listener(id)
  }

  async function ask (id: string): Promise<Aim> {
    const entry = await entryOf(id)
    entry.asking ??= (async () => {
      entry.askedAt = clock.now()
      const { turns: before } = entry
      try {
        const found = await look(id)
        // Told to move before or while it answered: what it said is over.
        const believed = entry.turns === before && entry.askedAt >= entry.believedFrom && stands(found, entry.last)
        entry.aim = { turns: found.turns, position: believed ? found.position : null, at: entry.askedAt }
        entry.last = found.position
      } catch { /* What it said last grows old by itself. */ } finally { entry.asking = null }
      tell(id, entry)
      return entry.aim
    })()
    return entry.asking
  }

  return {
    of: async id => (await entryOf(id)).aim,
    ask,
    watch (ids) { watched = ids },
    turned (id, phase) {
      const entry = entries.get(id)
      if (!entry) return
      entry.turns++
      entry.believedFrom = phase === 'begins' ? Number.POSITIVE_INFINITY : clock.now() + SETTLE_MS
      entry.aim = { ...entry.aim, position: null }
      entry.last = null
      tell(id, entry)
    },
    onChanged (listener) { listeners.push(listener) },
    tick () {
      for (const id of watched) {
        const entry = entries.get(id)
        if (entry) tell(id, entry)
        if (entry?.aim.turns === false || entry?.asking || (entry && clock.now() - entry.askedAt < ASK_EVERY_MS)) continue
        void ask(id)
      }
    }
  }
}
