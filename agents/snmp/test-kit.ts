/** For the tests of this folder: a switch as the plan names it, and an output that keeps everything. */
import { newId } from '../../lib/ids.js'
import { systemClock } from '../../lib/clock.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Observation, ObservationOf } from '../../server/contract/health.js'
import { type Output, rememberSwitch } from './device.js'
import { rememberHardware } from './hardware/hardware.js'
import { openSession, type SessionOptions } from './session.js'
import { initialLimits } from './walk.js'

export const planSwitch = (address: string, port: number, change: Partial<PlanDevice> = {}): PlanDevice => ({
  id: newId(), kind: 'switch', name: 'test switch', address, credential: { kind: 'community', community: 'public' },
  switch: { snmpVersion: '2c', port }, ...change
})

export interface Kept extends Output {
  observations: Observation[]
  of<K extends Observation['kind']> (kind: K): ObservationOf<K>[]
  names: string[]
  sets: { deviceId: string, at: number, values: (number | null)[] }[]
  /** The last number of a series; undefined when there is no such series. */
  last (name: string): number | null | undefined
  /** Numbers of the hardware, the newest by name. */
  slow: Map<string, number | null>
}
export function keep (): Kept {
  const observations: Observation[] = []
  const kept: Kept = {
    observations, names: [], sets: [], slow: new Map(),
    of: <K extends Observation['kind']>(kind: K) => observations.filter((o): o is ObservationOf<K> => o.kind === kind),
    observation: o => { observations.push(o) },
    series: (_id, names) => { kept.names = names },
    samples: (deviceId, at, values) => { kept.sets.push({ deviceId, at, values: Array.from(values, v => Number.isNaN(v) ? null : v) }) },
    numbers: (_id, _at, names, values) => { for (const [i, name] of names.entries()) kept.slow.set(name, values[i]!) },
    last: name => kept.sets.at(-1)?.values[kept.names.indexOf(name)]
  }
  return kept
}

export const options = (address: string, port: number, change: Partial<SessionOptions> = {}): SessionOptions => ({
  address, port, version: '2c', credential: { kind: 'community', community: 'public' }, timeoutMs: 1000, retries: 0, ...change
})

/** One whole poll of a switch, over real UDP. */
export async function pollOnce (session: SessionOptions, bulk = true) {
  const out = keep()
  const id = newId()
  const open = openSession(session)
  try {
    await rememberSwitch(id, bulk, out, systemClock).poll(open)
    return { out, requests: open.requests }
  } finally {
    open.close()
  }
}

/** One reading of what a switch is made of, after a poll, over real UDP. */
export async function readHardware (session: SessionOptions) {
  const open = openSession(session)
  try {
    const memory = rememberSwitch(newId(), true, keep(), systemClock)
    await memory.poll(open)
    return await rememberHardware(initialLimits(true)).read(open, memory.profile!, memory.ports, 0, 1)
  } finally {
    open.close()
  }
}
