/** What a full spool gives up, in this order: all samples of the oldest batches; then repetitions of a state already told. */
import type { AgentMessage } from '../../server/contract/agent-link.js'
import type { Observation } from '../../server/contract/health.js'

export type Batch = Extract<AgentMessage, { type: 'batch' }>

/** Light that moved by less is the same light. */
const halfDb = (dbm: number | null) => dbm === null ? null : Math.round(dbm * 2) / 2

/** Which fact an observation tells, and how it stands: equal keys with equal values repeat each other. */
export function factOf (o: Observation): { key: string, value: string } {
  switch (o.kind) {
    case 'reachability': return { key: `${o.deviceId} reachability ${o.method}`, value: `${o.ok} ${o.failure?.code ?? ''}` }
    case 'stream': return { key: `${o.deviceId} stream ${o.profile}`, value: `${o.status} ${o.client} ${o.failure?.code ?? ''} ${o.codec}` }
    case 'clock': return { key: `${o.deviceId} clock`, value: '' }
    case 'identity': return { key: `${o.deviceId} identity`, value: JSON.stringify({ ...o, at: 0 }) }
    case 'ports': return { key: `${o.deviceId} ports`, value: JSON.stringify(o.ports) }
    case 'port_status': return { key: `${o.deviceId} port ${o.ifIndex}`, value: `${o.admin} ${o.oper}` }
    case 'restart': return { key: `${o.deviceId} restart ${o.at}`, value: '' }
    case 'hardware': return { key: `${o.deviceId} hardware`, value: JSON.stringify([o.modules.map(m => [m.port, m.serial, m.gate, halfDb(m.rxPowerDbm), halfDb(m.txPowerDbm)]), o.sensors.map(s => [s.name, s.status]), o.poe?.ports.map(p => p.status)]) }
    case 'picture': return { key: `${o.deviceId} picture`, value: o.faults.join() }
    case 'camera_report': return { key: `${o.deviceId} report`, value: JSON.stringify({ ...o, at: 0 }) }
    case 'camera_event': return o.phase === 'pulse' ? { key: `${o.deviceId} pulse ${o.at} ${o.type} ${o.source}`, value: '' } : { key: `${o.deviceId} event ${o.type} ${o.source}`, value: o.phase }
  }
}

export const withoutSamples = (batch: Batch): Batch => ({ ...batch, samples: [] })

/** Drops an observation that says what the one before it of the same fact said; changes always stay. */
export function thinned (batches: readonly Batch[]): Batch[] {
  const told = new Map<string, string>()
  return batches.map(batch => ({
    ...batch,
    samples: [],
    observations: batch.observations.filter(o => {
      const { key, value } = factOf(o)
      if (told.get(key) === value) return false
      told.set(key, value)
      return true
    })
  }))
}
