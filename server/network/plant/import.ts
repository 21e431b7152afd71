/** The plant from a file: looked at first, then entered all or none; and back into a file. */
import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { PlantImportPreview } from '../../contract/plant.js'
import { type Actor, demand } from '../../identity/actor.js'
import { ServiceProblem } from '../../problems.js'
import type { Reader, Writer } from '../../store/store.js'
import { type Known, planImport, type PlannedImport, previewOf, slackText } from './import-rules.js'
import { insertJoint } from './joints.js'
import { pointOf, type PlantModel } from './model.js'
import { type ExportRow, type PlantFile, readPlantFile, writeGeoJson, writePlantCsv } from './plant-file.js'
import { audit, change, chunks, type PlantRoom } from './room.js'
import { type DeviceName, readDevices, readModel } from './rows.js'

/** Faulty rows named in a refusal; the preview names them all. */
const MAX_NAMED = 50

export interface PlantFiles {
  preview (actor: Actor, text: string): Promise<PlantImportPreview>
  run (actor: Actor, text: string): Promise<{ created: number, updated: number }>
  exportAs (actor: Actor, format: 'csv' | 'geojson'): Promise<string>
}

async function readKnown (db: Reader, actor: Actor): Promise<Known> {
  const { plantNodes, cables, sites } = db.t
  const devices = await readDevices(db, actor)
  const deviceNames = new Map<string, string | null>()
  for (const d of devices.values()) if (d.visible) deviceNames.set(d.name, deviceNames.has(d.name) ? null : d.id)
  return {
    model: await readModel(db), nodes: await db.select().from(plantNodes), cables: await db.select().from(cables), devices, deviceNames,
    sites: new Map((await db.select({ id: sites.id, name: sites.name }).from(sites)).map(s => [s.name, s.id]))
  }
}

function refuseFaulty ({ rows, errors }: PlannedImport) {
  const [fault] = errors
  if (fault) throw new ServiceProblem('invalid', fault.code, fault.message, errors.map(({ message }) => ({ field: '/text', message })))
  const faulty = rows.filter(r => r.faults.length > 0)
  if (faulty.length === 0) return
  const named = faulty.slice(0, MAX_NAMED).flatMap(r => r.faults.map(({ column, message }) => ({ field: `/text/${r.line}/${column}`, message })))
  throw new ServiceProblem('invalid', 'import_invalid', `Nothing was imported: ${faulty.length} of ${rows.length} rows have errors, the first in line ${faulty[0]!.line}.`, named)
}

async function write (tx: Writer, actor: Actor, now: number, model: PlantModel, rows: PlannedImport['rows']) {
  const { plantNodes, cables } = tx.t
  const made = rows.filter(r => r.act === 'create')
  const changed = rows.filter(r => r.act === 'update')
  const stamp = { updatedAt: now, updatedBy: actor.login }
  for (const some of chunks(made.flatMap(r => r.node ?? []))) await tx.insert(plantNodes).values(some)
  for (const { node } of changed) if (node) await tx.update(plantNodes).set(node).where(eq(plantNodes.id, node.id))
  for (const some of chunks(made.flatMap(r => r.cable ?? []), 100)) await tx.insert(cables).values(some.map(c => ({ ...c, ...stamp })))
  for (const { cable } of changed) if (cable) await tx.update(cables).set({ ...cable, ...stamp }).where(eq(cables.id, cable.id))
  for (const { joint } of made) if (joint) await insertJoint(tx, model, joint)
  return { created: made.length, updated: changed.length }
}

function pointText (model: PlantModel, devices: ReadonlyMap<string, DeviceName>, key: string): string | null {
  const point = pointOf(key)
  if (point.kind === 'strand') return `${model.cables.get(point.cableId)?.name}|${point.strand}|${point.end}`
  if (point.kind !== 'port') return `${model.nodes.get(point.panelId)?.name}|${point.position}|${point.kind}`
  const device = devices.get(point.deviceId)
  return device?.visible ? `${device.name}|${point.port}` : null
}

/** Everything but joints to devices that the reader may not see. */
async function exportRows (db: Reader, actor: Actor): Promise<ExportRow[]> {
  const known = await readKnown(db, actor)
  const { model } = known
  const siteName = new Map([...known.sites].map(([name, id]) => [id, name]))
  const nodeName = (id: string | null) => id === null ? null : model.nodes.get(id)?.name ?? null
  const text = (value: number | null) => value === null ? '' : String(value)
  const nodes = known.nodes.map((n): ExportRow => ({ route: null, cells: { kind: n.kind, name: n.name, site: n.siteId ? siteName.get(n.siteId) ?? '' : '', latitude: text(n.latitude), longitude: text(n.longitude), positions: n.kind === 'panel' ? text(n.positions) : '', note: n.note } }))
  const cables = known.cables.map((c): ExportRow => ({
    route: c.route,
    cells: { kind: 'cable', name: c.name, from: nodeName(c.aNodeId) ?? '', to: nodeName(c.bNodeId) ?? '', strands: text(c.strands), strands_per_tube: text(c.strandsPerTube), colour_code: c.colourCode, fibre: c.fibre, length_m: text(c.lengthM), route_ratio: text(c.routeRatio), slack: slackText(c.slack.map(s => ({ ...s, name: nodeName(s.nodeId) }))), note: c.note }
  }))
  const notes = new Map((await db.select({ id: db.t.joints.id, note: db.t.joints.note }).from(db.t.joints)).map(j => [j.id, j.note]))
  const joints = [...new Set(model.joints.values())].flatMap((j): ExportRow[] => {
    const [from, to] = j.points.map(p => pointText(model, known.devices, p))
    return from && to ? [{ route: null, cells: { kind: 'joint', name: '', from, to, loss_db: text(j.lossDb), note: notes.get(j.id) ?? '' } }] : []
  })
  const byName = (a: ExportRow, b: ExportRow) => (a.cells.name || a.cells.from!).localeCompare(b.cells.name || b.cells.from!, 'uk', { numeric: true })
  return [...nodes.sort(byName), ...cables.sort(byName), ...joints.sort(byName)]
}

export function createPlantFiles (room: PlantRoom): PlantFiles {
  const plan = async (db: Reader, actor: Actor, file: PlantFile) => { const known = await readKnown(db, actor); return { known, planned: planImport(file, known) } }
  return {
    async preview (actor, text) {
      demand(actor, 'plant.write')
      return previewOf((await plan(room.store.read, actor, readPlantFile(text))).planned)
    },
    async run (actor, text) {
      demand(actor, 'plant.write')
      const file = readPlantFile(text)
      const sha256 = createHash('sha256').update(text).digest('hex')
      return change(room, async (tx, now) => {
        const { known, planned } = await plan(tx, actor, file)
        refuseFaulty(planned)
        const result = await write(tx, actor, now, { ...planned.model, joints: known.model.joints }, planned.rows)
        await audit(tx, now, actor, 'plant.import', { kind: 'plant', id: 'file' }, { sha256, ...result })
        for (const some of chunks(planned.rows.filter(r => r.act === 'create' || r.act === 'update'))) await audit(tx, now, actor, 'plant.imported', { kind: 'plant', id: 'file' }, { sha256, rows: some.map(r => [r.act, r.kind, r.name]) })
        return result
      })
    },
    async exportAs (actor, format) {
      demand(actor, 'plant.read')
      const rows = await exportRows(room.store.read, actor)
      await change(room, (tx, now) => audit(tx, now, actor, 'plant.export', { kind: 'plant', id: 'file' }, { format, rows: rows.length }))
      return format === 'csv' ? writePlantCsv(rows) : writeGeoJson(rows)
    }
  }
}
