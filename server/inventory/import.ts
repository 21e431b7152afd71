/** Many devices at once from a CSV file: shown first, then entered all or none. */
import { createHash } from 'node:crypto'
import { isNull } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { ImportPreview, ImportRequest } from '../contract/inventory.js'
import { type Actor, demand, seesDevice } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { ServiceProblem } from '../problems.js'
import type { Reader, Writer } from '../store/store.js'
import { formatCsv } from './csv.js'
import { cellsOf } from './csv-device.js'
import { searchTextOf, settingsOf, userOf } from './device-rules.js'
import { type DeviceRow, selectDevices, tellChanged, toDevice, visibleTo } from './device-view.js'
import { type CheckedFile, checkRows, type Known, previewOf, type ReadFile, readFile } from './import-rules.js'
import { chunks, commit, type Room, type Told, whoOf } from './room.js'

/** Faulty rows named in a refusal; the preview names them all. */
const MAX_NAMED = 50

export interface Imports {
  preview (actor: Actor, request: ImportRequest): Promise<ImportPreview>
  /** Throws `invalid` and writes nothing if any row is faulty. */
  run (actor: Actor, request: ImportRequest): Promise<{ created: number }>
  /** Every device that the actor sees, in the columns of the import, without secrets. */
  exportCsv (actor: Actor): Promise<string>
}

export function createImports (room: Room): Imports {
  const { store } = room
  return {
    async preview (actor, { csv, createMissing }) {
      demand(actor, 'device.import')
      return previewOf(checkRows(readFile(csv), await readKnown(store.read, actor), createMissing))
    },
    async run (actor, { csv, createMissing }) {
      demand(actor, 'device.import')
      demand(actor, 'device.write')
      const file = readFile(csv)
      const sha256 = createHash('sha256').update(csv).digest('hex')
      return commit(room, (tx, told) => importRows(room, tx, told, actor, file, createMissing, sha256))
    },
    async exportCsv (actor) {
      demand(actor, 'device.import')
      const rows = await selectDevices(store.read).where(visibleTo(store.read, actor)).orderBy(store.read.t.devices.searchText, store.read.t.devices.id)
      await commit(room, (tx, told) => recordAudit(tx, told.at, whoOf(actor), 'device.export', { kind: 'inventory', id: 'devices' }, { count: rows.length }))
      const parents = parentNames(rows)
      return formatCsv(rows.map(row => cellsOf(toDevice(row, null), parents(row.device.parentId))))
    }
  }
}

/** A parent by its name where that is enough, otherwise by its address. */
function parentNames (rows: readonly DeviceRow[]) {
  const possible = rows.map(row => row.device).filter(device => device.kind !== 'camera')
  const byId = new Map(possible.map(device => [device.id, device]))
  const count = new Map<string, number>()
  for (const { name } of possible) count.set(name, (count.get(name) ?? 0) + 1)
  return (id: string | null) => {
    const parent = id === null ? undefined : byId.get(id)
    return parent ? count.get(parent.name) === 1 ? parent.name : parent.address : ''
  }
}

async function readKnown (db: Reader, actor: Actor): Promise<Known> {
  const { sites, cameraGroups, agents, devices } = db.t
  const idsByName = (rows: { id: string, name: string }[]) => new Map(rows.map(row => [row.name, row.id]))
  const groups = await db.select({ id: cameraGroups.id, name: cameraGroups.name }).from(cameraGroups)
  const there = await db.select({ id: devices.id, kind: devices.kind, name: devices.name, address: devices.address, identityKey: devices.identityKey, agentId: devices.agentId, groupId: devices.groupId }).from(devices)
  return {
    sites: idsByName(await db.select({ id: sites.id, name: sites.name }).from(sites)),
    groups: idsByName(groups.filter(group => actor.allGroups || actor.groupIds.includes(group.id))),
    agents: idsByName(await db.select({ id: agents.id, name: agents.name }).from(agents).where(isNull(agents.revokedAt))),
    devices: there.map(device => ({ ...device, shown: seesDevice(actor, device) })),
    everyGroup: actor.allGroups
  }
}

function refuseFaulty (file: CheckedFile) {
  const [fault] = file.errors
  if (fault) throw new ServiceProblem('invalid', fault.code, fault.message, file.errors.map(({ message }) => ({ field: '/csv', message })))
  const faulty = file.rows.filter(row => row.faults.length > 0)
  if (faulty.length === 0) return
  const named = faulty.slice(0, MAX_NAMED).flatMap(row => row.faults.map(({ column, message }) => ({ field: `/csv/${row.line}/${column}`, message })))
  throw new ServiceProblem('invalid', 'import_invalid', `Nothing was imported: ${faulty.length} of ${file.rows.length} rows have errors, the first in line ${faulty[0]!.line}.`, named)
}

async function importRows (room: Room, tx: Writer, told: Told, actor: Actor, read: ReadFile, createMissing: boolean, sha256: string) {
  const known = await readKnown(tx, actor)
  const file = checkRows(read, known, createMissing)
  refuseFaulty(file)
  if (file.newSites.length > 0) demand(actor, 'site.write')
  if (file.newGroups.length > 0) demand(actor, 'group.write')
  const sites = await createMissingSites(tx, known, file.newSites)
  const groups = await createMissingGroups(tx, known, file.newGroups)

  const ids = file.rows.map(() => newId())
  const devices = file.rows.map((row, i): DeviceRow['device'] => {
    const { device, enabled, site, group } = row.draft!
    const { kind, name, note = '', parentPort } = device
    return {
      id: ids[i]!, kind, name, searchText: searchTextOf(name, row.address), siteId: sites.get(site) ?? null, groupId: kind === 'camera' ? groups.get(group) ?? null : null,
      address: row.address, identityKey: row.identityKey, agentId: row.agentId, parentId: row.parent ? 'row' in row.parent ? ids[row.parent.row]! : row.parent.id : null,
      parentPort, note, enabled, settings: settingsOf(device), createdAt: told.at, updatedAt: told.at
    }
  })
  for (const some of chunks(devices)) await tx.insert(tx.t.devices).values(some)
  const sealed = file.rows.flatMap((row, i) => {
    const { credential } = row.draft!.device
    return credential ? [{ deviceId: ids[i]!, sealed: room.vault.seal(ids[i]!, credential), username: userOf(credential), updatedAt: told.at }] : []
  })
  for (const some of chunks(sealed)) await tx.insert(tx.t.credentials).values(some)

  await auditImport(tx, told, actor, file, devices, { sha256, credentials: sealed.length })
  await tellChanged(tx, told, devices.map((device, i) => ({ device, siteName: file.rows[i]!.draft!.site || null, groupName: device.groupId ? file.rows[i]!.draft!.group : null, state: null })))
  for (const { agentId, enabled } of devices) if (agentId && enabled) told.agentIds.add(agentId)
  return { created: devices.length }
}

async function createMissingSites (tx: Writer, known: Known, names: string[]) {
  const made = names.map(name => ({ id: newId(), name, address: '', latitude: null, longitude: null, note: '' }))
  for (const some of chunks(made)) await tx.insert(tx.t.sites).values(some)
  return new Map([...known.sites, ...made.map(({ name, id }) => [name, id] as const)])
}
async function createMissingGroups (tx: Writer, known: Known, names: string[]) {
  // Only those who see every group get here (checkNames), so none of these exists already.
  const made = names.map(name => ({ id: newId(), name, note: '' }))
  for (const some of chunks(made)) await tx.insert(tx.t.cameraGroups).values(some)
  return new Map([...known.groups, ...made.map(({ name, id }) => [name, id] as const)])
}

/** One entry for the act, then which devices it made, some hundreds an entry. */
async function auditImport (tx: Writer, told: Told, actor: Actor, file: CheckedFile, devices: DeviceRow['device'][], facts: { sha256: string, credentials: number }) {
  const subject = { kind: 'inventory', id: 'devices' }
  await recordAudit(tx, told.at, whoOf(actor), 'device.import', subject, { count: devices.length, ...facts, newSites: file.newSites.length, newGroups: file.newGroups.length })
  for (const some of chunks(devices)) {
    await recordAudit(tx, told.at, whoOf(actor), 'device.imported', subject, { sha256: facts.sha256, devices: some.map(({ id, kind, name, address }) => [id, kind, name, address]) })
  }
}
