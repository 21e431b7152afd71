/** Holds the rows of a file against what is in the database and against each other. Pure. */
import type { DeviceKind, ImportColumn, ImportPreview } from '../contract/inventory.js'
import { parseCsv, type Cells } from './csv.js'
import { type Draft, draftOf, type RowFault } from './csv-device.js'
import { identityKeyOf, normalizeAddress, settingsOf } from './device-rules.js'

export interface Known {
  sites: ReadonlyMap<string, string>
  groups: ReadonlyMap<string, string>
  /** Name to id, of agents that were not revoked. */
  agents: ReadonlyMap<string, string>
  /** Devices in the database; `shown` false when the actor must not know of it. */
  devices: readonly { id: string, kind: DeviceKind, name: string, address: string, identityKey: string, agentId: string | null, shown: boolean }[]
  /** Whether the actor would see cameras of groups that this import creates, and of none. */
  everyGroup: boolean
}

interface CheckedRow {
  line: number
  cells: Cells
  draft: Draft | null
  address: string
  identityKey: string
  agentId: string | null
  /** A device in the database, or the index of a row of this file. */
  parent: { id: string } | { row: number } | null
  faults: RowFault[]
}
export interface CheckedFile { rows: CheckedRow[], errors: ImportPreview['errors'], newSites: string[], newGroups: string[] }

/** Parsed once; `checkRows` is repeated inside the transaction. */
export function readFile (csv: string) {
  const { columns, rows, errors } = parseCsv(csv)
  return { columns, errors, rows: rows.map(row => ({ ...row, ...draftOf(row.cells) })) }
}
export type ReadFile = ReturnType<typeof readFile>

export function checkRows (file: ReadFile, known: Known, createMissing: boolean): CheckedFile {
  const onlyAgent = !file.columns.has('agent') && known.agents.size === 1 ? [...known.agents.values()][0]! : null
  const rows = file.rows.map(({ line, cells, draft, faults }): CheckedRow => {
    const address = draft ? normalizeAddress(draft.device.address) ?? '' : ''
    const agentId = draft ? known.agents.get(draft.agent) ?? onlyAgent : null
    return { line, cells, draft, address, agentId, parent: null, faults: [...faults], identityKey: draft && address !== '' ? identityKeyOf(draft.device.kind, address, settingsOf(draft.device)) : '' }
  })
  checkIdentities(rows, known)
  checkParents(rows, known)
  const newSites = new Set<string>()
  const newGroups = new Set<string>()
  for (const row of rows) if (row.draft) checkNames(row, row.draft, known, createMissing, newSites, newGroups)
  return { rows, errors: file.errors, newSites: [...newSites], newGroups: [...newGroups] }
}

const add = (row: CheckedRow, column: ImportColumn, code: string, message: string) => { row.faults.push({ column, code, message }) }

function checkNames (row: CheckedRow, { site, group, agent, device }: Draft, known: Known, createMissing: boolean, newSites: Set<string>, newGroups: Set<string>) {
  if (site !== '' && !known.sites.has(site)) {
    if (createMissing) newSites.add(site)
    else add(row, 'site', 'site_not_found', 'There is no such site.')
  }
  if (agent !== '' && row.agentId === null) add(row, 'agent', 'agent_not_found', 'There is no such agent, or it was revoked.')
  if (device.kind !== 'camera') return
  if (group === '') {
    if (!known.everyGroup) add(row, 'group', 'group_required', 'Choose one of your camera groups: you would not see a camera without one.')
  } else if (!known.groups.has(group)) {
    if (createMissing && known.everyGroup) newGroups.add(group)
    else add(row, 'group', 'group_not_found', 'There is no such camera group.')
  }
}

function checkIdentities (rows: CheckedRow[], known: Known) {
  // Two sites may have the same private addresses, each behind an agent of its own.
  const ofAgent = ({ agentId, identityKey }: { agentId: string | null, identityKey: string }) => `${agentId ?? ''} ${identityKey}`
  const taken = new Map(known.devices.map(device => [ofAgent(device), device]))
  const first = new Map<string, number>()
  for (const row of rows) {
    if (row.identityKey === '') continue
    const other = taken.get(ofAgent(row))
    const line = first.get(ofAgent(row))
    if (other) add(row, 'address', 'device_exists', other.shown ? `${JSON.stringify(other.name)} is already entered with this address.` : 'Another device is already entered with this address.')
    else if (line !== undefined) add(row, 'address', 'duplicate_in_file', `The same device stands in line ${line}.`)
    else first.set(ofAgent(row), row.line)
  }
}

type Candidate = ({ id: string } | { row: number }) & { agentId: string | null }

/** A parent is called by its name, or by its address where names repeat; of several the one of the same agent. It may stand anywhere in the file. */
function checkParents (rows: CheckedRow[], known: Known) {
  const byName = new Map<string, Candidate[]>()
  const byAddress = new Map<string, Candidate[]>()
  const offer = (index: Map<string, Candidate[]>, key: string, candidate: Candidate) => {
    const there = index.get(key)
    if (there) there.push(candidate)
    else index.set(key, [candidate])
  }
  const enter = (kind: DeviceKind, name: string, address: string, candidate: Candidate) => {
    if (kind === 'camera') return
    offer(byName, name, candidate)
    if (address !== '') offer(byAddress, address, candidate)
  }
  for (const { id, kind, name, address, agentId } of known.devices) enter(kind, name, address, { id, agentId })
  for (const [row, { draft, address, agentId }] of rows.entries()) if (draft) enter(draft.device.kind, draft.device.name, address, { row, agentId })

  for (const row of rows) {
    const called = row.draft?.parent ?? ''
    if (called === '') continue
    const named = byName.get(called) ?? []
    const several = named.length === 1 ? named : byAddress.get(normalizeAddress(called) ?? '') ?? named
    const near = several.filter(candidate => candidate.agentId === row.agentId)
    const found = several.length > 1 && near.length === 1 ? near : several
    if (found.length === 1) row.parent = found[0]!
    else if (found.length === 0) add(row, 'parent', 'parent_not_found', 'There is no switch or host of this name or address, neither here nor in the file.')
    else add(row, 'parent', 'parent_ambiguous', 'Several switches or hosts are called so: give the address instead.')
  }
  refuseLoops(rows)
}

/** Rows only ever stand behind rows or devices, never devices behind rows: a loop lies wholly inside the file. */
function refuseLoops (rows: CheckedRow[]) {
  const settled = new Uint8Array(rows.length)
  for (const start of rows.keys()) {
    const path: number[] = []
    const onPath = new Set<number>()
    let at: number | null = start
    while (at !== null && settled[at] === 0 && !onPath.has(at)) {
      path.push(at)
      onPath.add(at)
      const parent: CheckedRow['parent'] = rows[at]!.parent
      at = parent && 'row' in parent ? parent.row : null
    }
    if (at !== null && onPath.has(at)) {
      for (const index of path.slice(path.indexOf(at))) add(rows[index]!, 'parent', 'parent_loop', 'These devices stand behind each other in a circle: a device cannot be behind itself.')
    }
    for (const index of path) settled[index] = 1
  }
}

export function previewOf (file: CheckedFile): ImportPreview {
  const rows = file.rows.map(({ line, cells, faults }) => ({
    line, kind: cells.kind ?? '', name: cells.name ?? '', address: cells.address ?? '', site: cells.site ?? '', group: cells.group ?? '', errors: faults
  }))
  return { rows, total: rows.length, invalid: rows.filter(row => row.errors.length > 0).length, errors: file.errors, newSites: file.newSites, newGroups: file.newGroups }
}
