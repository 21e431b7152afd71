/** Places with coordinates, where devices stand. */
import { and, eq, sql } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { Site, SiteWrite } from '../contract/inventory.js'
import { type Actor, demand, seesDevice } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Reader, Writer } from '../store/store.js'
import { refuse, unstorable } from './device-rules.js'
import { readDevices, tellChanged, visibleTo } from './device-view.js'
import { commit, type Room, type Told, whoOf } from './room.js'

export interface Sites {
  list (actor: Actor): Promise<Site[]>
  get (actor: Actor, id: string): Promise<Site>
  create (actor: Actor, wanted: SiteWrite): Promise<Site>
  update (actor: Actor, id: string, wanted: SiteWrite): Promise<Site>
  /** Refused while devices are there, unless they move to another site. */
  remove (actor: Actor, id: string, moveTo?: string): Promise<void>
}

export function createSites (room: Room): Sites {
  const { store } = room
  return {
    async list (actor) {
      demand(actor, 'site.read')
      return readSites(store.read, actor)
    },
    async get (actor, id) {
      demand(actor, 'site.read')
      return readSite(store.read, actor, id)
    },
    async create (actor, wanted) {
      demand(actor, 'site.write')
      const values = valuesOf(wanted)
      return commit(room, async (tx, told) => {
        const [site] = await tx.insert(tx.t.sites).values({ id: newId(), ...values }).onConflictDoNothing().returning()
        if (!site) throw nameTaken(values.name)
        await recordAudit(tx, told.at, whoOf(actor), 'site.create', { kind: 'site', id: site.id }, { name: site.name })
        return { ...site, deviceCount: 0 }
      })
    },
    async update (actor, id, wanted) {
      demand(actor, 'site.write')
      return commit(room, async (tx, told) => {
        await updateSite(tx, told, actor, id, wanted)
        return readSite(tx, actor, id)
      })
    },
    async remove (actor, id, moveTo) {
      demand(actor, 'site.write')
      await commit(room, (tx, told) => removeSite(tx, told, actor, id, moveTo))
    }
  }
}

const nameTaken = (name: string) => {
  const message = `There is a site named ${JSON.stringify(name)} already.`
  return new ServiceProblem('conflict', 'site_exists', message, [{ field: '/name', message }])
}

function valuesOf (wanted: SiteWrite) {
  refuse(unstorable(wanted))
  const name = wanted.name.trim()
  if (name === '') throw invalidField('/name', 'name_blank', 'Give the site a name.')
  const { latitude, longitude } = wanted
  if ((latitude === null) !== (longitude === null)) throw invalidField(latitude === null ? '/latitude' : '/longitude', 'coordinates_incomplete', 'Latitude and longitude go together.')
  return { name, address: (wanted.address ?? '').trim(), latitude, longitude, note: (wanted.note ?? '').replace(/\r\n?/g, '\n').trim() }
}

/** Counts only the devices that the actor sees: a number would tell of the others. */
async function readSites (db: Reader, actor: Actor, id?: string): Promise<Site[]> {
  const { sites, devices } = db.t
  const rows = await db.select({ site: sites, n: sql<number>`count(${devices.id})` }).from(sites)
    .leftJoin(devices, and(eq(devices.siteId, sites.id), visibleTo(db, actor)))
    .where(id === undefined ? undefined : eq(sites.id, id)).groupBy(sites.id).orderBy(sites.name)
  return rows.map(({ site, n }) => ({ ...site, deviceCount: Number(n) }))
}

async function readSite (db: Reader, actor: Actor, id: string): Promise<Site> {
  const [site] = await readSites(db, actor, id)
  if (!site) throw notFound('site')
  return site
}

async function tellDevicesOf (tx: Writer, told: Told, siteId: string) {
  const { devices } = tx.t
  const ids = (await tx.select({ id: devices.id }).from(devices).where(eq(devices.siteId, siteId))).map(d => d.id)
  await tellChanged(tx, told, await readDevices(tx, ids))
}

async function updateSite (tx: Writer, told: Told, actor: Actor, id: string, wanted: SiteWrite) {
  const { sites } = tx.t
  const values = valuesOf(wanted)
  const [before] = await tx.select().from(sites).where(eq(sites.id, id))
  if (!before) throw notFound('site')
  const [namesake] = await tx.select({ id: sites.id }).from(sites).where(eq(sites.name, values.name))
  if (namesake && namesake.id !== id) throw nameTaken(values.name)
  await tx.update(sites).set(values).where(eq(sites.id, id))
  await recordAudit(tx, told.at, whoOf(actor), 'site.update', { kind: 'site', id }, { before, after: values })
  // The walls show the site's name beside each of its devices.
  if (before.name !== values.name) await tellDevicesOf(tx, told, id)
}

async function removeSite (tx: Writer, told: Told, actor: Actor, id: string, moveTo: string | undefined) {
  const { sites, devices } = tx.t
  const [site] = await tx.select().from(sites).where(eq(sites.id, id))
  if (!site) throw notFound('site')
  const standing = await tx.select({ id: devices.id, kind: devices.kind, groupId: devices.groupId }).from(devices).where(eq(devices.siteId, id))
  const there = standing.map(device => device.id)
  if (there.length > 0) {
    if (!standing.every(device => seesDevice(actor, device))) throw new ServiceProblem('conflict', 'site_in_use', 'Others use this site: ask an administrator who sees every camera group.')
    if (moveTo === undefined) throw new ServiceProblem('conflict', 'site_not_empty', `Devices stand at this site (${there.length}): say where they move, or move them first.`)
    const [target] = await tx.select({ id: sites.id }).from(sites).where(eq(sites.id, moveTo))
    if (!target || moveTo === id) throw invalidField('/querystring/moveTo', 'site_not_found', 'No such other site.')
    await tx.update(devices).set({ siteId: moveTo, updatedAt: told.at }).where(eq(devices.siteId, id))
  }
  await tx.delete(sites).where(eq(sites.id, id))
  await recordAudit(tx, told.at, whoOf(actor), 'site.remove', { kind: 'site', id }, { name: site.name, movedDevices: there.length, movedTo: moveTo ?? null })
  await tellChanged(tx, told, await readDevices(tx, there))
}
