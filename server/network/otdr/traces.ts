/** OTDR traces of strands: kept as they came, compared with the strand's reference, their events placed on the ground. */
import { createHash } from 'node:crypto'
import { and, desc, eq, getTableColumns, type SQL } from 'drizzle-orm'
import { newId } from '../../../lib/ids.js'
import type { CurveQuery, OtdrChange, OtdrCurve, OtdrQuery, OtdrTrace, OtdrTraceRow, OtdrUpload, PlacedDifference } from '../../contract/otdr.js'
import { type Actor, demand } from '../../identity/actor.js'
import { invalidField, notFound, ServiceProblem } from '../../problems.js'
import type { Reader, Writer } from '../../store/store.js'
import { nodeAt, type PlantModel } from '../plant/model.js'
import { audit, change, cleanNote, type PlantRoom } from '../plant/room.js'
import { readModel } from '../plant/rows.js'
import { pathFrom } from '../plant/trace.js'
import { compareTraces } from './compare.js'
import { curveFor } from './curve.js'
import { placeFault } from './place.js'
import { CLOCKS_SET_S, MAX_SOR_BYTES, readSor, type SorTrace } from './sor.js'
import { SorError } from './sor-bytes.js'

export interface OtdrTraces {
  list (actor: Actor, query: OtdrQuery): Promise<{ items: OtdrTraceRow[], next: string | null }>
  get (actor: Actor, id: string): Promise<OtdrTrace>
  curve (actor: Actor, id: string, query: CurveQuery): Promise<OtdrCurve>
  /** The file as it came. */
  original (actor: Actor, id: string): Promise<{ fileName: string, bytes: Buffer }>
  /** The first of a strand, end and wavelength becomes its reference. */
  upload (actor: Actor, wanted: OtdrUpload): Promise<OtdrTrace>
  change (actor: Actor, id: string, wanted: OtdrChange): Promise<OtdrTrace>
  remove (actor: Actor, id: string): Promise<void>
}

type Stored = Reader['t']['otdrTraces']['$inferSelect']
type Row = Omit<Stored, 'bytes'>
const DEFAULT_LIMIT = 100

function columns (db: Reader) {
  const { bytes: _, ...rest } = getTableColumns(db.t.otdrTraces)
  return rest
}
async function readRow (db: Reader, id: string): Promise<Row> {
  const { otdrTraces } = db.t
  const [row] = await db.select(columns(db)).from(otdrTraces).where(eq(otdrTraces.id, id))
  if (!row) throw notFound('otdr_trace')
  return row as Row
}

function toRow (row: Row, model: PlantModel): OtdrTraceRow {
  const { file, ...rest } = row
  const cable = model.cables.get(row.cableId)
  const end = file.events.find(e => e.end)
  return {
    ...rest, cableName: cable?.name ?? '', endName: (cable && model.nodes.get(nodeAt(cable, row.end))?.name) ?? '', pulseNs: Math.max(...file.fixed.pulses.map(p => p.widthNs)),
    endM: end ? end.distanceM - row.launchM : null, events: file.events.length, warnings: file.warnings.length
  }
}

async function referenceOf (db: Reader, row: Row): Promise<Row | null> {
  const t = db.t.otdrTraces
  const [found] = await db.select(columns(db)).from(t).where(and(eq(t.cableId, row.cableId), eq(t.strand, row.strand), eq(t.end, row.end), eq(t.wavelengthNm, row.wavelengthNm), eq(t.isReference, true)))
  return found && found.id !== row.id ? found as Row : null
}

async function toTrace (db: Reader, row: Row): Promise<OtdrTrace> {
  const model = await readModel(db)
  const { steps } = pathFrom(model, { kind: 'strand', cableId: row.cableId, strand: row.strand, end: row.end })
  const place = (distanceM: number) => distanceM < 0 ? null : placeFault(model, steps, distanceM, row.file.fixed)
  const reference = await referenceOf(db, row)
  const differences = reference && compareTraces(reference, row).map((d): PlacedDifference => ({ ...d, place: place(d.distanceM) }))
  return { ...toRow(row, model), file: row.file, eventPlaces: row.file.events.map(e => place(e.distanceM - row.launchM)), referenceId: reference?.id ?? null, differences }
}

function read (bytes: Buffer): SorTrace {
  try {
    return readSor(bytes)
  } catch (err) {
    if (err instanceof SorError) throw invalidField('/contentBase64', err.code, err.message)
    throw err
  }
}

function decode (base64: string) {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > MAX_SOR_BYTES) throw new ServiceProblem('too_large', 'sor_too_large', `A trace has at most ${MAX_SOR_BYTES / 1024 / 1024} MiB.`, [{ field: '/contentBase64', message: 'is too large', code: 'sor_too_large' }])
  return bytes
}

/** A clock that was never set counts from 1970, or from the maker's year; then the time of the upload is the better guess. */
const takenAtOf = (takenAtS: number, now: number) => takenAtS >= CLOCKS_SET_S && takenAtS * 1000 < now + 86_400_000 ? takenAtS * 1000 : now

async function demandStrand (tx: Reader, cableId: string, strand: number) {
  const { cables } = tx.t
  const [cable] = await tx.select({ name: cables.name, strands: cables.strands }).from(cables).where(eq(cables.id, cableId))
  if (!cable) throw invalidField('/cableId', 'cable_not_found', 'There is no such cable.')
  if (strand > cable.strands) throw invalidField('/strand', 'strand_not_found', `${cable.name} has ${cable.strands} strands.`)
  return cable
}

async function makeReference (tx: Writer, row: Pick<Row, 'id' | 'cableId' | 'strand' | 'end' | 'wavelengthNm'>) {
  const t = tx.t.otdrTraces
  await tx.update(t).set({ isReference: false }).where(and(eq(t.cableId, row.cableId), eq(t.strand, row.strand), eq(t.end, row.end), eq(t.wavelengthNm, row.wavelengthNm), eq(t.isReference, true)))
  await tx.update(t).set({ isReference: true }).where(eq(t.id, row.id))
}

export function createOtdrTraces (room: PlantRoom): OtdrTraces {
  const { read: db } = room.store
  async function bytesOf (id: string) {
    const t = db.t.otdrTraces
    const [row] = await db.select({ fileName: t.fileName, bytes: t.bytes, launchM: t.launchM }).from(t).where(eq(t.id, id))
    if (!row) throw notFound('otdr_trace')
    return row
  }
  return {
    async list (actor, { cableId, strand, cursor, limit = DEFAULT_LIMIT }) {
      demand(actor, 'plant.read')
      const t = db.t.otdrTraces
      const offset = cursor === undefined ? 0 : Number(/^\d{1,6}$/.exec(cursor)?.[0] ?? NaN)
      if (Number.isNaN(offset)) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
      const wanted: SQL[] = [...cableId ? [eq(t.cableId, cableId)] : [], ...strand ? [eq(t.strand, strand)] : []]
      const rows = await db.select(columns(db)).from(t).where(and(...wanted)).orderBy(desc(t.uploadedAt), desc(t.id)).limit(limit + 1).offset(offset)
      const model = await readModel(db)
      return { items: rows.slice(0, limit).map(r => toRow(r as Row, model)), next: rows.length > limit ? String(offset + limit) : null }
    },
    async get (actor, id) {
      demand(actor, 'plant.read')
      return toTrace(db, await readRow(db, id))
    },
    async curve (actor, id, query) {
      demand(actor, 'plant.read')
      const { bytes, launchM } = await bytesOf(id)
      return curveFor(readSor(bytes).curve, launchM, query)
    },
    async original (actor, id) {
      demand(actor, 'plant.read')
      return bytesOf(id)
    },
    async upload (actor, wanted) {
      demand(actor, 'plant.write')
      const bytes = decode(wanted.contentBase64)
      const { file } = read(bytes)
      const { cableId, strand, end, launchM } = wanted
      const wavelengthNm = file.general?.wavelengthNm || Math.round(file.fixed.wavelengthNm)
      return change(room, async (tx, now) => {
        const cable = await demandStrand(tx, cableId, strand)
        const t = tx.t.otdrTraces
        const row = {
          id: newId(), cableId, strand, end, wavelengthNm, fileName: wanted.fileName.replaceAll(/[\\/\r\n"]/g, '_'), sha256: createHash('sha256').update(bytes).digest('hex'), bytes, file, launchM,
          isReference: false, note: cleanNote(wanted.note), takenAt: takenAtOf(file.fixed.takenAtS, now), uploadedAt: now, uploadedBy: actor.login
        }
        const [made] = await tx.insert(t).values(row).onConflictDoNothing().returning({ id: t.id })
        if (!made) throw new ServiceProblem('conflict', 'otdr_trace_known', 'This very file was uploaded for this strand already.', [{ field: '/contentBase64', message: 'was uploaded already', code: 'otdr_trace_known' }])
        const first = await referenceOf(tx, row) === null
        if (first) await makeReference(tx, row)
        await audit(tx, now, actor, 'otdr.upload', { kind: 'otdr', id: row.id }, { cable: cable.name, strand, end, wavelengthNm, fileName: row.fileName, sha256: row.sha256, bytes: bytes.length, warnings: file.warnings.map(w => w.code) })
        return toTrace(tx, await readRow(tx, row.id))
      })
    },
    async change (actor, id, wanted) {
      demand(actor, 'plant.write')
      return change(room, async (tx, now) => {
        const before = await readRow(tx, id)
        const { isReference, launchM = before.launchM } = wanted
        const note = wanted.note === undefined ? before.note : cleanNote(wanted.note)
        await tx.update(tx.t.otdrTraces).set({ launchM, note, ...isReference === false ? { isReference } : {} }).where(eq(tx.t.otdrTraces.id, id))
        if (isReference) await makeReference(tx, before)
        await audit(tx, now, actor, 'otdr.change', { kind: 'otdr', id }, { before: { launchM: before.launchM, isReference: before.isReference, note: before.note }, after: { launchM, isReference: isReference ?? before.isReference, note } })
        return toTrace(tx, await readRow(tx, id))
      })
    },
    async remove (actor, id) {
      demand(actor, 'plant.write')
      await change(room, async (tx, now) => {
        const row = await readRow(tx, id)
        await tx.delete(tx.t.otdrTraces).where(eq(tx.t.otdrTraces.id, id))
        await audit(tx, now, actor, 'otdr.remove', { kind: 'otdr', id }, { cableId: row.cableId, strand: row.strand, fileName: row.fileName, sha256: row.sha256 })
      })
    }
  }
}
