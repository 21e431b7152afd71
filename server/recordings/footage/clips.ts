/** Clips: asked for by a person, made in the background, kept for a week. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { and, eq, inArray, lte } from 'drizzle-orm'
import type { Clock } from '../../../lib/clock.js'
import { newId } from '../../../lib/ids.js'
import type { Log } from '../../../lib/log.js'
import type { PageQuery } from '../../contract/common.js'
import type { MaskRegion } from '../../contract/footage.js'
import type { Clip, ClipCreate } from '../../contract/recording.js'
import { type Actor, demand, seesCamera } from '../../identity/actor.js'
import { type AuditWho, recordAudit, systemWho } from '../../identity/audit.js'
import { notFound, ServiceProblem } from '../../problems.js'
import type { Store, Writer } from '../../store/store.js'
import { checkInterval, clipOf, clipPage, type ClipRow, findClip, isRefilled, tooMany } from './clip-rows.js'
import { type FileNote, writeClip } from './clip-file.js'
import type { HolderAt, MasksFor } from './footage-room.js'
import type { FootageSource } from './footage-streams.js'
import type { Explain } from './playback-session.js'

export interface ClipsDeps {
  store: Store
  clock: Clock
  log: Log
  /** `<data>/clips`. */
  folder: string
  streams: FootageSource
  holderAt: HolderAt
  masksFor: MasksFor
  explain: Explain
}
export interface Clips {
  create (actor: Actor, wanted: ClipCreate): Promise<Clip>
  list (actor: Actor, query: PageQuery): Promise<{ items: Clip[], next: string | null }>
  get (actor: Actor, id: string): Promise<Clip>
  cancel (actor: Actor, id: string): Promise<Clip>
  /** A finished clip goes before its time. */
  remove (actor: Actor, id: string): Promise<void>
  /** The file of a finished clip, for a download that is recorded (a part of it asked for later is not again). */
  file (actor: Actor, id: string, first: boolean): Promise<{ path: string, clip: Clip }>
  /** Before the first clip: those that an earlier run left unfinished have failed, and their files go. */
  recover (): Promise<void>
  /** Files past their time go; hourly by itself. */
  expire (): Promise<void>
  stop (): Promise<void>
}

const AT_ONCE = 3
const MAX_OF_PERSON = 10
const KEPT_MS = 7 * 86_400_000
const MAX_BYTES = 20 * 2 ** 30
const EXPIRE_EVERY_MS = 3_600_000

const restarted = { code: 'server_restarted', detail: 'The server was restarted before the clip was finished: ask for it again.' }

interface Running { row: ClipRow, masks: MaskRegion[], current: string | null, over: AbortController, doneBytes: number, ended: Promise<void> }

export function createClips (deps: ClipsDeps): Clips {
  const { store, clock, log } = deps
  const running = new Map<string, Running>()
  const waiting: string[] = []
  let active = 0
  let stopped = false
  const pathOf = (id: string) => join(deps.folder, `${id}.mp4`)
  const shown = (row: ClipRow) => clipOf(row, running.get(row.id)?.doneBytes)
  const timer = setInterval(() => void expire().catch(err => log.error({ err }, 'Old clips could not be removed')), EXPIRE_EVERY_MS)
  timer.unref()

  /** Only a clip that still runs changes: a cancelled one stays cancelled. */
  const change = (id: string, values: Partial<ClipRow>, tell?: (tx: Writer) => Promise<void>) => store.transaction(async tx => {
    const [row] = await tx.update(tx.t.clips).set(values).where(and(eq(tx.t.clips.id, id), eq(tx.t.clips.status, 'running'))).returning()
    if (row) await tell?.(tx)
    return row ?? null
  })

  async function begun (run: Running, file: FileNote) {
    const { deviceId } = run.row
    const gaps = []
    for (const gap of file.gaps.slice(0, 1000)) gaps.push({ ...gap, cause: (await deps.explain(deviceId, gap.from, gap.to))?.cause ?? 'unknown' })
    await change(run.row.id, { bytes: file.bytes, deliveredFrom: file.from, deliveredTo: file.to, gaps, refilled: await isRefilled(store.read, deviceId, file.from, file.to) })
  }

  async function make (run: Running) {
    const { row, over, masks } = run
    const { id, deviceId, requestedFrom: from, requestedTo: to } = row
    const holder = await deps.holderAt(deviceId, from, run.current)
    if (!holder) throw new ServiceProblem('not_found', 'no_footage', 'Nothing was recorded in this interval.')
    const stream = await deps.streams.open(holder.agentId, { what: 'clip', deviceId, from, to: Math.min(to, holder.until ?? to), masks }, over.signal)
    const cut = () => stream.close()
    over.signal.addEventListener('abort', cut, { once: true })
    if (over.signal.aborted) cut()
    const sha256 = await writeClip(stream, pathOf(id), { maxBytes: MAX_BYTES, masked: masks.length > 0 }, { begun: file => begun(run, file), written: bytes => { run.doneBytes = bytes } })
    const done = await change(id, { status: 'done', sha256, doneBytes: run.doneBytes }, tx => recordAudit(tx, clock.now(), whoMade(row), 'clip.made', { kind: 'clip', id }, { deviceId, sha256, bytes: run.doneBytes }))
    if (!done) await rm(pathOf(id), { force: true })
  }

  async function failed (run: Running, err: unknown) {
    if (run.over.signal.aborted && !stopped) return
    const { id, deviceId, requestedFrom, requestedTo } = run.row
    const known = err instanceof ServiceProblem
    if (!known) log.error({ err, clipId: id }, 'A clip could not be made')
    const failure = stopped ? restarted : known ? { code: err.code, detail: err.message } : { code: 'internal', detail: 'The clip could not be made: the log of the server tells why.' }
    // Nothing at all was recorded: the whole interval is one gap, with its cause.
    const why = failure.code === 'no_footage' ? await deps.explain(deviceId, requestedFrom, requestedTo).catch(() => null) : null
    const gaps = failure.code === 'no_footage' ? [{ from: requestedFrom, to: requestedTo, cause: why?.cause ?? 'unknown' }] : run.row.gaps
    await change(id, { status: 'failed', gaps, failure: { ...failure, detail: (why?.detail || failure.detail).slice(0, 500) } })
  }

  /** Few at a time, in the order of asking. */
  function next () {
    if (active >= AT_ONCE || stopped) return
    const id = waiting.shift()
    const run = id && running.get(id)
    if (!id) return
    if (!run) return next()
    active++
    run.ended = make(run).catch(err => failed(run, err)).catch(err => log.error({ err, clipId: id }, 'The end of a clip could not be recorded')).finally(() => {
      running.delete(id)
      active--
      next()
    })
    next()
  }

  async function removeFile (row: ClipRow, actor: Actor | null) {
    await rm(pathOf(row.id), { force: true })
    await store.transaction(async tx => {
      const [gone] = await tx.update(tx.t.clips).set({ status: 'expired' }).where(and(eq(tx.t.clips.id, row.id), inArray(tx.t.clips.status, ['done']))).returning()
      if (gone) await recordAudit(tx, clock.now(), actor ?? systemWho, actor ? 'clip.remove' : 'clip.expire', { kind: 'clip', id: row.id }, { deviceId: row.deviceId })
    })
  }

  async function expire () {
    const { clips } = store.read.t
    for (const row of await store.read.select().from(clips).where(and(eq(clips.status, 'done'), lte(clips.expiresAt, clock.now())))) await removeFile(row, null)
  }

  async function recover () {
    await mkdir(deps.folder, { recursive: true, mode: 0o700 })
    const { clips } = store.read.t
    for (const { id } of await store.read.select({ id: clips.id }).from(clips).where(eq(clips.status, 'running'))) await change(id, { status: 'failed', failure: restarted })
    const kept = new Set((await store.read.select({ id: clips.id }).from(clips).where(eq(clips.status, 'done'))).map(r => r.id))
    for (const name of await readdir(deps.folder)) if (!name.endsWith('.mp4') || !kept.has(name.slice(0, -4))) await rm(join(deps.folder, name), { force: true })
    await expire()
  }

  async function visible (actor: Actor, deviceId: string) {
    const { devices } = store.read.t
    const [device] = await store.read.select().from(devices).where(eq(devices.id, deviceId))
    return device && device.kind === 'camera' && seesCamera(actor, device.groupId) ? device : null
  }

  return {
    async create (actor, wanted) {
      demand(actor, 'clip.create')
      checkInterval(wanted, clock.now())
      const device = await visible(actor, wanted.deviceId)
      if (!device) throw notFound('camera')
      if ([...running.values()].filter(r => r.row.createdById === actor.userId).length >= MAX_OF_PERSON) throw tooMany(MAX_OF_PERSON)
      const masks = await deps.masksFor(actor, device.id)
      const now = clock.now()
      const row = await store.transaction(async tx => {
        const [made] = await tx.insert(tx.t.clips).values({
          id: newId(), deviceId: device.id, deviceName: device.name, groupId: device.groupId, requestedFrom: wanted.from, requestedTo: Math.min(wanted.to, now), status: 'running', doneBytes: 0, masked: masks.length > 0,
          gaps: [], failure: null, reason: wanted.reason ?? '', createdAt: now, createdById: actor.userId, createdBy: actor.login, expiresAt: now + KEPT_MS
        }).returning()
        await recordAudit(tx, now, actor, 'clip.create', { kind: 'clip', id: made!.id }, { deviceId: device.id, name: device.name, from: wanted.from, to: wanted.to, reason: wanted.reason ?? '', masked: masks.length > 0 })
        return made!
      })
      running.set(row.id, { row, masks, current: device.agentId, over: new AbortController(), doneBytes: 0, ended: Promise.resolve() })
      waiting.push(row.id)
      next()
      return shown(row)
    },

    async list (actor, query) {
      demand(actor, 'clip.create')
      const { rows, next: cursor } = await clipPage(store.read, actor, query)
      return { items: rows.map(shown), next: cursor }
    },

    async get (actor, id) {
      demand(actor, 'clip.create')
      return shown(await findClip(store.read, actor, id))
    },

    async cancel (actor, id) {
      demand(actor, 'clip.create')
      const row = await findClip(store.read, actor, id)
      const run = running.get(id)
      const cancelled = await change(id, { status: 'cancelled', ...(run && { doneBytes: run.doneBytes }) }, tx => recordAudit(tx, clock.now(), actor, 'clip.cancel', { kind: 'clip', id }, { deviceId: row.deviceId }))
      if (!cancelled) throw new ServiceProblem('conflict', 'clip_not_running', 'This clip is not being made any more.')
      run?.over.abort()
      if (waiting.includes(id)) {
        waiting.splice(waiting.indexOf(id), 1)
        running.delete(id)
      }
      return clipOf(cancelled)
    },

    async remove (actor, id) {
      demand(actor, 'clip.create')
      const row = await findClip(store.read, actor, id)
      if (row.status === 'running') throw new ServiceProblem('conflict', 'clip_running', 'Cancel the clip first.')
      if (row.status === 'done') await removeFile(row, actor)
    },

    async file (actor, id, first) {
      demand(actor, 'clip.create')
      const row = await findClip(store.read, actor, id)
      // What they may see now counts, not what they saw then.
      if (!await visible(actor, row.deviceId)) throw notFound('clip')
      if (!row.masked && (await deps.masksFor(actor, row.deviceId)).length > 0) throw new ServiceProblem('forbidden', 'clip_unmasked', 'This clip shows what is masked for you now: make it anew.')
      if (row.status === 'expired') throw new ServiceProblem('gone', 'clip_expired', 'This clip was kept for a week and is gone: make it anew.')
      if (row.status !== 'done') throw new ServiceProblem('conflict', 'clip_not_done', 'This clip is not finished.')
      if (first) await store.transaction(tx => recordAudit(tx, clock.now(), actor, 'clip.download', { kind: 'clip', id }, { deviceId: row.deviceId, sha256: row.sha256 }))
      return { path: pathOf(id), clip: clipOf(row) }
    },

    recover,
    expire,
    async stop () {
      stopped = true
      clearInterval(timer)
      const runs = [...running.values()]
      for (const run of runs) run.over.abort()
      await Promise.all(runs.map(r => r.ended))
      for (const run of runs) await failed(run, null).catch(() => {})
    }
  }
}

/** Made in the background, still on behalf of who asked. */
const whoMade = (row: ClipRow): AuditWho => ({ userId: row.createdById, login: row.createdBy, ip: '' })
