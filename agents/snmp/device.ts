/** What is known of one switch between polls, and the four kinds of check. Knows nothing of when. */
import type { Clock } from '../../lib/clock.js'
import type { Observation } from '../../server/contract/health.js'
import type { Profile } from './hardware/profile.js'
import { profileFor } from './hardware/profiles.js'
import { type Identity, readIdentity } from './identity.js'
import type { PortObservation } from './messages.js'
import { type InterfaceColumn, interfaces, system } from './oids.js'
import { adminOf, type Columns, countersOf, describing, measuredColumns, operOf, portsOf, readColumns, refreshed } from './ports.js'
import { noRates, type PortCounters, portRates, type UptimeReading, uptimeStep } from './rates.js'
import type { SnmpSession } from './session.js'
import { numberOf, type Varbind } from './values.js'
import { addVendorPorts } from './vendor-ports.js'
import { getSome, initialLimits, type WalkLimits } from './walk.js'

export interface Output {
  observation (o: Observation): void
  series (deviceId: string, names: string[]): void
  /** In the order of `series`; NaN is a gap. */
  samples (deviceId: string, at: number, values: Float64Array): void
  /** Numbers that come seldom, with their names; null is a gap. */
  numbers (deviceId: string, at: number, names: string[], values: (number | null)[]): void
}
/** Names, descriptions and the port list are read again this often. */
const DESCRIBE_EVERY_MS = 600_000
/** A sample set holds 20,000 numbers. */
const MOST_PORTS = 3300
const ratesPerPort = ['in_bps', 'out_bps', 'in_errors_per_s', 'out_errors_per_s', 'in_discards_per_s', 'out_discards_per_s'] as const

export interface SwitchMemory {
  readonly limits: WalkLimits
  /** The whole poll: counters and statuses, names when due. */
  poll (session: SnmpSession): Promise<void>
  /** Operational statuses and sysUpTime only: one small request for most switches. */
  status (session: SnmpSession): Promise<void>
  /** One object: is it back? */
  probe (session: SnmpSession): Promise<void>
  /** Whether a whole poll has ever succeeded. */
  readonly described: boolean
  readonly ports: readonly PortObservation[]
  /** Null before the first description. */
  readonly profile: Profile | null
}

/** Columns of a description and of a poll in one; where both have a column, its rows are joined. */
function merged (description: Columns, polled: Columns): Columns {
  const joined: Columns = { ...description }
  for (const name of Object.keys(polled) as InterfaceColumn[]) {
    const before = description[name]
    joined[name] = before ? new Map([...before, ...polled[name]!]) : polled[name]
  }
  return joined
}

export function rememberSwitch (deviceId: string, bulk: boolean, out: Output, clock: Clock): SwitchMemory {
  const limits = initialLimits(bulk)
  let ports: PortObservation[] = []
  let description: Columns = {}
  let describedAt: number | null = null
  let missing = new Set<InterfaceColumn>()
  let rows: number | null = null
  let profile: Profile | null = null
  let identityText = ''
  let portsText = ''
  let names: string[] = []
  /** The ports were described since they were last put together. */
  let renew = true
  let uptime: UptimeReading | null = null
  let counted: { uptime: UptimeReading, ports: Map<number, PortCounters> } | null = null

  /** Notes sysUpTime; says so when the switch restarted, after which nothing old is compared with anything new. */
  function noteUptime (v: Varbind | null): UptimeReading {
    const reading = { ticks: v ? numberOf(v) : null, atMs: clock.now() }
    const step = uptimeStep(uptime, reading)
    if (step.kind === 'restarted') {
      counted = null
      describedAt = null
      out.observation({ kind: 'restart', deviceId, at: reading.atMs, uptimeMs: step.uptimeMs })
    }
    uptime = reading
    return reading
  }
  function noteIdentity (identity: Identity) {
    const text = JSON.stringify(identity)
    if (text === identityText) return
    identityText = text
    out.observation({ kind: 'identity', deviceId, at: clock.now(), ...identity })
  }
  /** After a description: the whole table when anything but a status changed in it. */
  function noteTable (next: PortObservation[]): void {
    const text = JSON.stringify(next.map(({ admin: _a, oper: _o, ...rest }) => rest))
    if (text === portsText) {
      noteStatuses(next)
      return
    }
    portsText = text
    ports = next
    names = ['rtt_ms', ...ports.flatMap(port => ratesPerPort.map(rate => `${rate}.${port.name}`))]
    out.series(deviceId, names)
    out.observation({ kind: 'ports', deviceId, at: clock.now(), ports })
  }
  /** Between descriptions: the same ports in the same order, so only statuses and speeds can differ. */
  function noteStatuses (next: PortObservation[]): void {
    const before = ports
    if (next.some((port, i) => port.speedBps !== before[i]!.speedBps)) {
      portsText = ''
      noteTable(next)
      return
    }
    ports = next
    for (const [i, port] of next.entries()) if (port !== before[i]) notePortStatus(before[i]!, port.admin, port.oper)
  }
  function notePortStatus (known: PortObservation, admin: PortObservation['admin'], oper: PortObservation['oper']) {
    if (known.admin === admin && known.oper === oper) return
    out.observation({ kind: 'port_status', deviceId, at: clock.now(), ifIndex: known.ifIndex, name: known.name, admin, oper })
  }
  async function describe (session: SnmpSession) {
    const { identity } = await readIdentity(session, limits)
    const { columns } = await readColumns(session, limits, describing, { weight: 2, expectedRows: ports.length || undefined })
    noteIdentity(identity)
    description = columns
    profile = profileFor(identity.sysObjectId)
    if (profile.quirks?.bulk === false) limits.bulk = false
    limits.maxVarbinds = Math.min(limits.maxVarbinds, profile.quirks?.maxVarbinds ?? limits.maxVarbinds)
    missing = new Set()
    describedAt = clock.now()
    rows = null
    renew = true
  }
  /** A row more or less than when the ports were described: names are read anew with the next poll. */
  function noteRows (statuses: Columns['ifOperStatus']) {
    const count = statuses?.size ?? 0
    if (rows !== null && rows !== count) describedAt = null
    rows = count
  }
  function measure (columns: Columns, reading: UptimeReading, rttMs: number | null) {
    const step = uptimeStep(counted?.uptime ?? null, reading)
    const counters = new Map(ports.map(p => [p.ifIndex, countersOf(columns, p.ifIndex, p.speedBps)]))
    const values = new Float64Array(1 + ports.length * ratesPerPort.length)
    values[0] = rttMs ?? Number.NaN
    let n = 1
    for (const [ifIndex, now] of counters) {
      const r = step.kind === 'continued' ? portRates(counted?.ports.get(ifIndex), now, step.seconds) : noRates
      for (const value of [r.inBps, r.outBps, r.inErrorsPerS, r.outErrorsPerS, r.inDiscardsPerS, r.outDiscardsPerS]) values[n++] = value ?? Number.NaN
    }
    // The same sysUpTime again says nothing: keep the older reading to compare with.
    if (step.kind !== 'unknown' || !counted) counted = { uptime: reading, ports: counters }
    out.samples(deviceId, reading.atMs, values)
  }
  return {
    limits,
    get described () { return describedAt !== null },
    get ports () { return ports },
    get profile () { return profile },
    async poll (session) {
      if (describedAt === null || clock.now() - describedAt >= DESCRIBE_EVERY_MS) await describe(session)
      const wanted = measuredColumns(session.version, missing)
      let { columns, uptime: ticks } = await readColumns(session, limits, wanted, { expectedRows: ports.length || undefined, uptime: true })
      if (columns.ifHCInOctets?.size === 0) {
        // No ifXTable: the 32-bit counters, now and from here on.
        missing.add('ifHCInOctets')
        const { columns: narrow } = await readColumns(session, limits, ['ifInOctets', 'ifOutOctets'], { expectedRows: ports.length || undefined })
        const { ifHCInOctets: _in, ifHCOutOctets: _out, ...rest } = columns
        columns = { ...rest, ...narrow }
      }
      for (const name of wanted) if (columns[name]?.size === 0) missing.add(name)
      const reading = noteUptime(ticks)
      noteRows(columns.ifOperStatus)
      // The vendor's own ports have their columns beside the standard ones; a description is for a name only.
      if (profile?.ports) await addVendorPorts(session, limits, profile.ports, columns)
      if (renew) noteTable(portsOf(merged(description, columns)).slice(0, MOST_PORTS))
      else noteStatuses(ports.map(port => refreshed(port, columns, description.ifSpeed?.get(port.ifIndex))))
      renew = false
      measure(columns, reading, session.rttMs)
    },
    async status (session) {
      const { columns, uptime: ticks } = await readColumns(session, limits, ['ifOperStatus'], { expectedRows: ports.length, uptime: true })
      noteUptime(ticks)
      noteRows(columns.ifOperStatus)
      // What is not in this table (a vendor's own port, a row that went) waits for the whole poll.
      const changed = ports.filter(port => {
        const status = columns.ifOperStatus?.get(port.ifIndex)
        return status !== undefined && operOf(status) !== port.oper
      })
      if (changed.length === 0) return
      const admin = new Map<number, Varbind>()
      for (let i = 0; i < changed.length; i += 30) {
        const part = changed.slice(i, i + 30)
        const values = await getSome(session, part.map(port => `${interfaces.ifAdminStatus}.${port.ifIndex}`))
        for (const [n, port] of part.entries()) admin.set(port.ifIndex, values[n]!)
      }
      ports = ports.map(port => {
        const given = admin.get(port.ifIndex)
        if (!given) return port
        const now = { admin: adminOf(given), oper: operOf(columns.ifOperStatus?.get(port.ifIndex)) }
        notePortStatus(port, now.admin, now.oper)
        return { ...port, ...now }
      })
    },
    async probe (session) {
      const [ticks] = await getSome(session, [system.sysUpTime])
      noteUptime(ticks ?? null)
    }
  }
}
