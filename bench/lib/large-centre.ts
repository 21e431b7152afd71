/** A data folder as after a real run of a large centre: devices, credentials, states, ports, alarms, history, numbers. */
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { systemClock } from '../../lib/clock.js'
import type { Agent } from '../../server/contract/agent-link.js'
import type { Observation, PortObservation, SampleSet } from '../../server/contract/health.js'
import { createIngest } from '../../server/health/ingest.js'
import { openSqliteSamples } from '../../server/store/samples-sqlite.js'
import { openSqlite } from '../../server/store/sqlite.js'
import { until } from './processes.js'
import { setUp, startServer } from './system.js'

export interface CentreSize { cameras: number, switches: number, ports: number }
const SITES = 120
const DEVICES_A_BATCH = 100
/** Nobody listens there. */
const NET = '127.43'
const log = pino({ level: 'silent' })

function csvOf ({ cameras, switches, ports }: CentreSize, agent: string) {
  const rows = ['kind,name,site,group,address,agent,parent,parent_port,rtsp_port,main_path,sub_path,pull,snmp_version,snmp_port,community,username,password']
  for (let i = 0; i < switches; i++) rows.push(`switch,Комутатор ${i},Вузол ${i % SITES},,${NET}.${Math.floor(i / 250)}.${i % 250 + 1},${agent},,,,,,,2c,161,town-${i},,`)
  for (let i = 0; i < cameras; i++) {
    const [at, port] = [i % switches, Math.floor(i / switches) % ports + 1]
    rows.push(`camera,Камера ${i},Вузол ${at % SITES},Група ${i % 12},${NET}.${100 + Math.floor(i / 250)}.${i % 250 + 1},${agent},Комутатор ${at},gi1/0/${port},554,/main,/sub,on_demand,,,,kalancha,secret-${i}`)
  }
  return rows.join('\n')
}

const portsOf = (count: number): PortObservation[] => Array.from({ length: count }, (_, i) => ({
  ifIndex: i + 1, name: `gi1/0/${i + 1}`, alias: '', description: `GigabitEthernet1/0/${i + 1}`, type: 6, speedBps: 1e9, admin: 'up', oper: i % 3 === 0 ? 'down' : 'up', mac: '02:00:00:00:00:01'
}))

function seen (device: { id: string, kind: string }, at: number, ok: boolean, ports: PortObservation[]): Observation[] {
  const base = { deviceId: device.id, at }
  const failure = ok ? null : { code: 'connection_timeout' as const, detail: 'No answer within 5 s' }
  const answered: Observation = { kind: 'reachability', ...base, ok, method: device.kind === 'switch' ? 'snmp' : 'rtsp', rttMs: ok ? 3.2 : null, failure }
  const identity: Observation = { kind: 'identity', ...base, manufacturer: 'Kalancha', model: 'Bench', firmware: '1.0', serial: device.id, description: '', sysObjectId: null, sysName: null }
  if (!ok) return [answered]
  if (device.kind === 'switch') return [answered, identity, { kind: 'ports', ...base, ports }]
  return [answered, identity, {
    kind: 'stream', ...base, profile: 'sub', status: 'playing', client: 'own', failure: null, codec: 'avc1.42c01e', width: 640, height: 360, fps: 10, bitrateBps: 350_000,
    keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: 0, reconnects: 0
  }]
}
function numbers (device: { id: string, kind: string }, at: number, ports: PortObservation[]): SampleSet {
  const series = device.kind === 'switch' ? ports.flatMap(p => [`in_bps.${p.name}`, `out_bps.${p.name}`, `in_errors_per_s.${p.name}`]) : ['fps.sub', 'bitrate_bps.sub', 'rtt_ms']
  return { deviceId: device.id, at, series, values: series.map((_, i) => i * 1000) }
}

/** The judge itself writes the states: what agents would have told, a few rounds long, every fiftieth device failing in the last. */
async function live (dataDir: string, size: CentreSize) {
  const store = openSqlite(join(dataDir, 'facts.db'))
  const samples = openSqliteSamples(join(dataDir, 'samples.db'), log)
  try {
    const { devices, agents } = store.read.t
    const all = await store.read.select({ id: devices.id, kind: devices.kind, agentId: devices.agentId }).from(devices)
    const [agent] = await store.read.select({ id: agents.id, seq: agents.committedSeq }).from(agents).where(eq(agents.id, all[0]!.agentId!))
    const ingest = await createIngest(store, systemClock, log, { samples })
    const ports = portsOf(size.ports)
    const now = Date.now()
    let seq = agent!.seq
    for (const [round, ago] of [240_000, 180_000, 120_000, 60_000, 30_000].entries()) {
      for (let i = 0; i < all.length; i += DEVICES_A_BATCH) {
        const some = all.slice(i, i + DEVICES_A_BATCH)
        const at = now - ago
        const observations = some.flatMap((d, n) => seen(d, at, round < 3 || (i + n) % 50 !== 0, ports))
        await ingest.ingest(agent!.id, { seq: ++seq, sentAt: at, observations, samples: some.map(d => numbers(d, at, ports)) })
      }
    }
    await ingest.idle()
  } finally {
    await samples.close()
    await store.close()
  }
}

async function rowCounts (dataDir: string) {
  const store = openSqlite(join(dataDir, 'facts.db'))
  try {
    const { t } = store.read
    const of = async (table: Parameters<typeof store.read.$count>[0]) => await store.read.$count(table)
    return { devices: await of(t.devices), states: await of(t.deviceStates), ports: await of(t.ports), credentials: await of(t.credentials), alarms: await of(t.alarms), wallEvents: await of(t.wallEvents), audit: await of(t.audit) }
  } finally {
    await store.close()
  }
}

/** Devices come in by the CSV import over the API, once; then the server is stopped and their life is written. */
export async function fillCentre (dataDir: string, size: CentreSize) {
  const server = await startServer(dataDir)
  try {
    const client = await setUp(server)
    const agent = await until('the embedded agent', 30_000, async () => (await client.call<Agent[]>('GET', '/agents')).find(a => a.embedded) ?? null)
    await client.call('POST', '/devices/import', { csv: csvOf(size, agent.name), createMissing: true })
  } finally {
    await server.program.stop()
  }
  await live(dataDir, size)
  return rowCounts(dataDir)
}
