/** Ports that a vendor keeps outside the interface tables. A vendor is one declaration, not code. */
import type { Columns } from './ports.js'
import type { InterfaceColumn } from './oids.js'
import type { SnmpSession } from './session.js'
import { walk, type WalkLimits } from './walk.js'

export interface PortProfile {
  /** sysObjectID begins with this. */
  sysObjectId: string
  /** Added to the vendor's own index, to keep clear of real ifIndexes. */
  ifIndexBase: number
  /** The vendor's column for each column of IF-MIB that it stands for; statuses and counters must be encoded alike. */
  columns: Partial<Record<InterfaceColumn, string>>
}

const ufiber = '1.3.6.1.4.1.41112.1.5.7.2.1'
const profiles: readonly PortProfile[] = [
  // Ubiquiti UFiber OLT (UBNT-UFIBER-MIB ubntSfpsTable): its PON and SFP+ ports; ubntSfpUp is a TruthValue, 1 up and 2 down like ifOperStatus.
  { sysObjectId: '1.3.6.1.4.1.41112.1.5', ifIndexBase: 1000, columns: { ifDescr: `${ufiber}.2`, ifOperStatus: `${ufiber}.3`, ifHCOutOctets: `${ufiber}.6`, ifHCInOctets: `${ufiber}.7` } }
]

export const profileOf = (sysObjectId: string | null): PortProfile | null =>
  profiles.find(p => sysObjectId === p.sysObjectId || sysObjectId?.startsWith(`${p.sysObjectId}.`)) ?? null

/** Reads the vendor's ports and puts them into `columns` beside the others. */
export async function addVendorPorts (session: SnmpSession, limits: WalkLimits, profile: PortProfile, columns: Columns): Promise<void> {
  const names = Object.keys(profile.columns) as InterfaceColumn[]
  const answer = await walk(session, limits, { columns: names.map(name => profile.columns[name]!) })
  for (const [i, name] of names.entries()) {
    const { indexes, values } = answer.columns[i]!
    const byIndex = columns[name] ?? new Map()
    for (const [row, index] of indexes.entries()) if (/^\d{1,6}$/.test(index)) byIndex.set(profile.ifIndexBase + Number(index), values[row]!)
    columns[name] = byIndex
  }
}
