/** Folders that hold footage. A folder is a volume when its mark carries the expected id; a path alone proves nothing. */
import { existsSync } from 'node:fs'
import { access, constants, mkdir, open, readdir, readFile, rename, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { Log } from '../../lib/log.js'
import { Id, TimeMs } from '../../server/contract/common.js'
import type { EndReason, VolumePlan, VolumeState } from '../../server/contract/recording.js'
import type { RecordingIndex } from './index-db.js'

const MARK = 'kalancha-volume.json'
const Mark = Type.Object({ id: Id, createdAt: TimeMs })
const LOOK_MS = 4000
/** Of a volume that nobody planned: the agent's own folder. */
const OWN_FLOOR_BYTES = 1024 ** 3
/** A volume that failed is left alone this long. */
const REST_MS = 15_000

type Status = VolumeState['status']
interface Looked { status: Status, detail: string, totalBytes: number | null, freeBytes: number | null }
interface Known { plan: VolumePlan, looked: Looked | null, restUntil: number, failed: { status: Status, detail: string } | null, told: string }

async function readMark (folder: string): Promise<Static<typeof Mark> | null> {
  const mark: unknown = JSON.parse(await readFile(join(folder, MARK), 'utf8'))
  return Value.Check(Mark, mark) ? mark : null
}

/** Puts the mark into an empty or new folder. @throws Error in words for a person when something else lies there. */
export async function initialise (folder: string, id: string, now: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const present = (await readdir(folder)).filter(name => name !== 'lost+found')
  if (present.includes(MARK)) {
    const mark = await readMark(folder).catch(() => null)
    if (mark?.id === id) return
    throw Object.assign(new Error(mark ? `The folder holds another volume (${mark.id}).` : 'The folder holds a mark that cannot be read.'), { code: 'volume_foreign' })
  }
  if (present.length > 0) throw Object.assign(new Error('The folder is not empty: a volume begins in an empty one.'), { code: 'volume_not_empty' })
  const file = await open(join(folder, `${MARK}.new`), 'w', 0o640)
  try {
    await file.writeFile(`${JSON.stringify({ id, createdAt: now } satisfies Static<typeof Mark>)}\n`)
    await file.sync()
  } finally { await file.close() }
  await rename(join(folder, `${MARK}.new`), join(folder, MARK))
}

/** A disk that hangs must not hold the look at the others. */
const inTime = <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(Object.assign(new Error(`No answer from the disk in ${LOOK_MS / 1000} s`), { code: 'ETIMEDOUT' })), LOOK_MS) })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** The kernel turns a disk read-only that it does not trust any more. */
const isReadOnly = (folder: string) => access(folder, constants.W_OK).then(() => false, (error: NodeJS.ErrnoException) => {
  if (error.code === 'EROFS') return true
  throw error
})

export async function lookAt (plan: VolumePlan): Promise<Looked> {
  const gone = (status: Status, detail: string): Looked => ({ status, detail, totalBytes: null, freeBytes: null })
  try {
    const mark = await inTime(readMark(plan.place.path))
    if (mark?.id !== plan.id) return gone('foreign', mark ? `Another volume lies there: ${mark.id}` : 'The mark of the volume cannot be read')
    const { bsize, blocks, bavail } = await inTime(statfs(plan.place.path))
    const space = { totalBytes: bsize * blocks, freeBytes: bsize * bavail }
    if (await inTime(isReadOnly(plan.place.path))) return { status: 'read_only', detail: 'The disk can be read, not written', ...space }
    return { status: space.freeBytes <= plan.floorBytes ? 'full' : 'ok', detail: '', ...space }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return gone('missing', 'There is no volume at its path')
    return gone(code === 'ETIMEDOUT' ? 'slow' : 'failed', message.slice(0, 300))
  }
}

const ofReason: Partial<Record<EndReason, Status>> = { disk_full: 'full', disk_failed: 'failed', disk_slow: 'slow', volume_missing: 'missing' }
const toReason: Partial<Record<Status, EndReason>> = { full: 'disk_full', slow: 'disk_slow', missing: 'volume_missing', foreign: 'volume_missing' }

export class Volumes {
  #known = new Map<string, Known>()

  constructor (private readonly o: { ownFolder: string, index: RecordingIndex, clock: Clock, log: Log }) {}

  #ownId = ''

  /** Without a plan the agent records into its own folder; beside others that holds only what it has. Resolves after the first look. */
  async plan (plans: readonly VolumePlan[]) {
    const own = plans.length === 0 || existsSync(join(this.o.ownFolder, MARK)) ? await this.#own() : null
    this.#ownId = own?.id ?? ''
    const wanted = own && !plans.some(p => p.id === own.id) ? [...plans, own] : plans
    const before = this.#known
    this.#known = new Map(wanted.map(plan => [plan.id, { looked: null, restUntil: 0, failed: null, told: '', ...before.get(plan.id), plan }]))
    await this.look()
  }

  async #own (): Promise<VolumePlan> {
    const { ownFolder, clock } = this.o
    const mark = await readMark(ownFolder).catch(() => null)
    const id = mark?.id ?? newId()
    if (!mark) await initialise(ownFolder, id, clock.now())
    return { id, tier: 'primary', place: { type: 'folder', path: ownFolder }, floorBytes: OWN_FLOOR_BYTES, enabled: true }
  }

  plans (): VolumePlan[] { return [...this.#known.values()].map(k => k.plan) }
  planOf (id: string): VolumePlan | undefined { return this.#known.get(id)?.plan }
  /** Where a file of a folder volume lies; null when it is not planned any more. */
  fileOf (volumeId: string, path: string): string | null {
    const plan = this.planOf(volumeId)
    return plan ? join(plan.place.path, path) : null
  }
  statusOf (id: string): Status {
    const known = this.#known.get(id)
    if (!known) return 'missing'
    if (!known.plan.enabled) return 'disabled'
    if (known.failed && this.o.clock.now() < known.restUntil) return known.failed.status
    return known.looked?.status ?? 'missing'
  }

  /** Its files can be read, moved and deleted; whether it gets new ones is another matter. A read-only one is left alone. */
  isThere (id: string): boolean { return ['ok', 'full'].includes(this.#known.get(id)?.looked?.status ?? '') }

  /** Looks at its mark now, which is dear: before a file is held for gone or taken away. */
  async isThereNow (id: string): Promise<boolean> {
    const known = this.#known.get(id)
    if (!known) return false
    known.looked = await lookAt(known.plan)
    return this.isThere(id)
  }

  /** Looks at all of them, and tells what changed. */
  async look () {
    await Promise.all([...this.#known.values()].map(async k => { k.looked = await lookAt(k.plan) }))
    for (const known of this.#known.values()) this.#tell(known)
  }

  #tell (known: Known) {
    const status = this.statusOf(known.plan.id)
    const detail = known.failed && this.o.clock.now() < known.restUntil ? known.failed.detail : known.looked?.detail ?? ''
    const { totalBytes = null, freeBytes = null } = known.looked ?? {}
    // Free space changes with every batch: told in steps of a thousandth.
    const text = `${status} ${detail} ${totalBytes} ${freeBytes === null || !totalBytes ? '' : Math.floor(freeBytes / totalBytes * 1000)}`
    if (text === known.told) return
    if (status !== 'ok' && !known.told.startsWith(status)) this.o.log.warn({ volume: known.plan.id, status, detail }, 'a volume of footage is not well')
    known.told = text
    const [sums] = this.o.index.all<{ bytes: number | null, n: number, oldest: number | null }>(`SELECT sum(bytes) bytes, count(*) n, min(started_at) oldest FROM segments WHERE volume_id = ? AND status IN ('open', 'closed', 'archived', 'damaged')`, known.plan.id)
    const [locked] = this.o.index.all<{ bytes: number | null }>(`SELECT sum(s.bytes) bytes FROM segments s WHERE s.volume_id = ? AND s.status IN ('closed', 'archived', 'damaged')
      AND EXISTS (SELECT 1 FROM locks l WHERE l.device_id = s.device_id AND l.from_at < s.started_at + s.wall_ms AND l.to_at > s.started_at)`, known.plan.id)
    this.o.index.setVolume({ id: known.plan.id, status, detail: detail.slice(0, 500), totalBytes, freeBytes, usedBytes: sums?.bytes ?? 0, lockedBytes: locked?.bytes ?? 0, segments: sums?.n ?? 0, oldestAt: sums?.oldest ?? null, writeBps: null, at: this.o.clock.now() })
  }

  #recordedTo () { return [...this.#known.values()].filter(k => k.plan.tier === 'primary' && k.plan.enabled && (k.plan.id !== this.#ownId || this.#known.size === 1)) }
  /** Where new segments may go, well or not. */
  recordedTo (): VolumePlan[] { return this.#recordedTo().map(k => k.plan) }

  /** The volume for a new file: the primary one with the most free share, its mark seen now. */
  async choose (): Promise<{ volume: VolumePlan } | { reason: EndReason, detail: string }> {
    const primary = this.#recordedTo()
    const share = (k: Known) => (k.looked?.freeBytes ?? 0) / (k.looked?.totalBytes || 1)
    for (const known of primary.filter(k => this.statusOf(k.plan.id) === 'ok').sort((a, b) => share(b) - share(a))) {
      const now = await lookAt(known.plan)
      known.looked = now
      if (now.status === 'ok') return { volume: known.plan }
      this.#tell(known)
    }
    const worst = primary.map(k => this.statusOf(k.plan.id))
    const status = worst.find(s => s !== 'full') ?? worst[0] ?? 'missing'
    return { reason: toReason[status] ?? 'disk_failed', detail: primary.length === 0 ? 'No volume is set up for recording' : `The volume is ${status}` }
  }

  /** A writer could not go on: the volume rests, others are tried. */
  failed (id: string, reason: EndReason, detail: string) {
    const known = this.#known.get(id)
    const status = /\bEROFS\b/.test(detail) ? 'read_only' : ofReason[reason]
    if (!known || !status) return
    known.failed = { status, detail }
    known.restUntil = this.o.clock.now() + REST_MS
    this.#tell(known)
  }
}
