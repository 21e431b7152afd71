/** Ports that a vendor keeps outside the interface tables, where the device's profile says. */
import type { VendorPorts } from './hardware/profile.js'
import type { Columns } from './ports.js'
import type { InterfaceColumn } from './oids.js'
import type { SnmpSession } from './session.js'
import { walk, type WalkLimits } from './walk.js'

/** Reads the vendor's ports and puts them into `columns` beside the others. */
export async function addVendorPorts (session: SnmpSession, limits: WalkLimits, profile: VendorPorts, columns: Columns): Promise<void> {
  const names = Object.keys(profile.columns) as InterfaceColumn[]
  const answer = await walk(session, limits, { columns: names.map(name => profile.columns[name]!) })
  for (const [i, name] of names.entries()) {
    const { indexes, values } = answer.columns[i]!
    const byIndex = columns[name] ?? new Map()
    for (const [row, index] of indexes.entries()) if (/^\d{1,6}$/.test(index)) byIndex.set(profile.ifIndexBase + Number(index), values[row]!)
    columns[name] = byIndex
  }
}
