/** What inventory and the agent registry changed, carried into the fleet. */
import { clearAlarmsOf, renameAlarmSource } from '../alarms/alarm-rows.js'
import type { Store, Writer } from '../store/store.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import { type Entry, type Facts, type Fleet, readFacts } from './fleet.js'
import { alarmItems, type WallItem } from './persist.js'
import type { Work } from './work.js'

/** Runs one round of judging in a transaction of its own (ingest.ts); null from `inside` means that there is nothing to do. */
export type Round = (now: number, inside: (work: Work, tx: Writer) => Promise<WallItem[] | null>) => Promise<ScopedWallEvent[]>

export function createChanges (store: Store, fleet: Fleet, round: Round, clockNow: () => number) {
  const moved = (before: Facts, next: Facts) => before.name !== next.name || before.groupId !== next.groupId || before.siteName !== next.siteName

  async function alarmsFollow (tx: Writer, id: string, before: Entry | undefined, next: Facts | undefined, now: number): Promise<WallItem[]> {
    if (!next?.enabled) return alarmItems(await clearAlarmsOf(tx, [id], now), now)
    if (!before || !moved(before.facts, next)) return []
    return alarmItems(await renameAlarmSource(tx, id, { deviceName: next.name, groupId: next.groupId, siteName: next.siteName }), now)
  }

  /** Two rounds: the second judges what stands around the changed ones, with the new links already in place. */
  async function devicesChanged (ids: string[]): Promise<ScopedWallEvent[]> {
    const now = clockNow()
    const facts = new Map((await readFacts(store.read, ids)).map(f => [f.id, f]))
    const around = new Set<string>()
    const events = await round(now, async (work, tx) => {
      const items: WallItem[] = []
      for (const id of ids) {
        const [before, next] = [fleet.entries.get(id), facts.get(id)]
        for (const near of [id, before?.facts.parentId, next?.parentId, ...fleet.childrenOf(id)]) if (near) around.add(near)
        if (next) work.setFacts(next, now)
        else work.remove(id)
        items.push(...await alarmsFollow(tx, id, before, next, now))
      }
      return items
    })
    return [...events, ...await round(now, async work => {
      for (const id of around) work.judge(id, 'tick', now)
      return []
    })]
  }

  async function agentsChanged (): Promise<ScopedWallEvent[]> {
    const now = clockNow()
    const { agents } = store.read.t
    const rows = await store.read.select({ id: agents.id, name: agents.name, revokedAt: agents.revokedAt }).from(agents)
    const there = new Set(rows.map(r => r.id))
    const gone = [...fleet.agents.values()].filter(a => !a.revoked && !there.has(a.id)).map(a => a.id)
    for (const { id, name, revokedAt } of rows) {
      const known = fleet.agents.get(id)
      if (known && !known.revoked && revokedAt !== null) gone.push(id)
      fleet.agents.set(id, { heardAt: now, silent: false, alarmId: null, ...known, id, name, revoked: revokedAt !== null })
    }
    if (gone.length === 0) return []
    for (const id of gone) Object.assign(fleet.agents.get(id)!, { revoked: true, alarmId: null })
    try {
      return await round(now, async (work, tx) => {
        for (const entry of fleet.entries.values()) if (entry.facts.agentId && gone.includes(entry.facts.agentId)) work.judge(entry.facts.id, 'tick', now)
        return alarmItems(await clearAlarmsOf(tx, gone, now), now)
      })
    } catch (err) {
      // Asked again, it must find them not yet revoked.
      for (const id of gone) Object.assign(fleet.agents.get(id)!, { revoked: false })
      throw err
    }
  }

  return { devicesChanged, agentsChanged }
}
