/** The compliance of all cameras: kept in memory, made anew each minute and when somebody looks; firmware, trials of logins and the list over it. */
import { and, eq } from 'drizzle-orm'
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { AgentCommands } from '../../agents/commands.js'
import type { CameraCompliance, ComplianceFilter, CompliancePage, ComplianceQuery, ComplianceSettings, FirmwareList, FirmwareVersion, FirmwareWrite, LoginCheckStarted } from '../../contract/compliance.js'
import { loginsFor } from '../../contract/factory-logins.js'
import { type Actor, demand, seesCamera } from '../../identity/actor.js'
import { recordAudit } from '../../identity/audit.js'
import { notFound, ServiceProblem } from '../../problems.js'
import type { Reader, Store, Writer } from '../../store/store.js'
import { csvOf } from './csv.js'
import { byName, chosen, countsOf, pageOf, scoped, shownRow, sorted } from './list.js'
import { shownAs } from './login-rules.js'
import { createLoginRunner } from './login-runner.js'
import { forget, loadMemory, recall, takeReports, type ToldReport, writeChanged } from './memory.js'
import { breathe, type Camera, everRecorded, firmwareKey, readApproved, readCameras, readGaps, slices } from './sources.js'
import { type HealthEntry, judgeRow, type Known, type TableRow } from './table.js'

export interface ComplianceDeps {
  store: Store
  clock: Clock
  log: Log
  /** What health holds of a device. */
  entry: (deviceId: string) => HealthEntry | undefined
  policiesFor: (deviceIds: readonly string[]) => Promise<Map<string, { policy: { mode: string } }>>
  commands: Pick<AgentCommands, 'run'>
  agentOnline: (agentId: string) => boolean
}
export interface Compliance {
  list (actor: Actor, query: ComplianceQuery): Promise<CompliancePage>
  exportCsv (actor: Actor, filter: ComplianceFilter): Promise<Iterable<string>>
  camera (actor: Actor, deviceId: string): Promise<CameraCompliance>
  firmware (actor: Actor): Promise<FirmwareList>
  approve (actor: Actor, write: FirmwareWrite): Promise<FirmwareList>
  settings (actor: Actor): Promise<ComplianceSettings>
  changeSettings (actor: Actor, settings: ComplianceSettings): Promise<ComplianceSettings>
  checkLogins (actor: Actor, deviceIds: readonly string[]): Promise<LoginCheckStarted>
  /** Inside the batch's transaction; what it returns follows the commit. */
  take (tx: Writer, reports: readonly ToldReport[]): Promise<() => void>
  /** After inventory committed. */
  devicesChanged (deviceIds: readonly string[]): Promise<void>
  /** Call every minute. */
  refresh (): Promise<void>
  /** Call every few seconds. */
  tryLogins (): Promise<void>
  /** Cameras with each status of each check, of all that there are: for metrics. */
  summary (): CompliancePage['counts']
}

/** Who looks gets a table no older than this. */
const FRESH_MS = 5000
const SETTINGS_KEY = 'compliance'
const defaultSettings: ComplianceSettings = { loginChecks: 'off' }

async function readSettings (db: Reader): Promise<ComplianceSettings> {
  const [row] = await db.select().from(db.t.settings).where(eq(db.t.settings.key, SETTINGS_KEY))
  return { ...defaultSettings, ...row?.value as Partial<ComplianceSettings> | undefined }
}

export async function createCompliance ({ store, clock, log, entry, policiesFor, commands, agentOnline }: ComplianceDeps): Promise<Compliance> {
  const memory = await loadMemory(store.read)
  const cameras = new Map<string, Camera>()
  const recorded = new Set<string>()
  let known: Known = { gaps: new Map(), modes: new Map(), recorded, approved: new Map() }
  /** By name. */
  let table: TableRow[] = []
  let madeAt = 0
  /** Something changed that the table does not show yet. */
  let stale = true
  let last: Promise<unknown> = Promise.resolve()
  /** One after another: what is remembered is changed while rows are judged. */
  function oneByOne<T> (work: () => Promise<T>): Promise<T> {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  async function readSources () {
    const now = clock.now()
    const found = await readCameras(store.read)
    cameras.clear()
    for (const camera of found) cameras.set(camera.id, camera)
    const ids = [...cameras.keys()]
    const modes = new Map([...await policiesFor(ids)].map(([id, { policy }]) => [id, policy.mode]))
    const unseen = ids.filter(id => !recorded.has(id) && modes.get(id) !== 'off')
    if (unseen.length > 0) for (const id of await everRecorded(store.read, unseen)) recorded.add(id)
    known = { gaps: await readGaps(store.read, now), modes, recorded, approved: (await readApproved(store.read)).byModel }
    const gone = [...memory.keys()].filter(id => !cameras.has(id) && !entry(id))
    if (gone.length > 0) await forget(store, memory, gone)
  }

  async function judgeAll () {
    const now = clock.now()
    const rows: TableRow[] = []
    stale = false
    for (const some of slices([...cameras.values()])) {
      for (const camera of some) rows.push(judgeRow(camera, entry(camera.id), recall(memory, camera.id), known, now))
      await breathe()
    }
    table = rows.sort(byName)
    madeAt = now
    await writeChanged(store, memory)
  }
  const refresh = () => oneByOne(async () => { await readSources(); await judgeAll() })
  const fresh = () => oneByOne(async () => {
    if (cameras.size === 0) await readSources()
    if (stale || clock.now() - madeAt >= FRESH_MS) await judgeAll()
  })
  const seen = (actor: Actor) => actor.allGroups ? table : table.filter(row => seesCamera(actor, row.camera.groupId))

  const runner = createLoginRunner({
    store, clock, log, commands, agentOnline, memory, camera: id => cameras.get(id), cameras: () => cameras.values(),
    manufacturer: id => entry(id)?.identity?.manufacturer ?? '',
    healthy: id => {
      const state = entry(id)?.view
      return state !== undefined && (state.state === 'up' || (state.state === 'degraded' && state.reason?.code !== 'authentication_failed'))
    },
    mode: async () => (await readSettings(store.read)).loginChecks,
    changed: () => { stale = true }
  })

  async function listFirmware (actor: Actor): Promise<FirmwareList> {
    const versions = new Map<string, FirmwareVersion>()
    const at = (manufacturer: string, model: string, version: string) => {
      const key = `${firmwareKey(manufacturer, model)}\n${version}`
      const found = versions.get(key) ?? { manufacturer, model, version, cameras: 0, approvedAt: null, approvedBy: null }
      versions.set(key, found)
      return found
    }
    for (const { identity } of seen(actor)) if (identity?.firmware) at(identity.manufacturer, identity.model, identity.firmware).cameras++
    for (const { manufacturer, model, version, approvedAt, approvedBy } of (await readApproved(store.read)).rows) Object.assign(at(manufacturer, model, version), { approvedAt, approvedBy })
    const order = new Intl.Collator('en', { numeric: true })
    return { versions: [...versions.values()].sort((a, b) => order.compare(a.manufacturer, b.manufacturer) || order.compare(a.model, b.model) || order.compare(b.version, a.version)) }
  }

  return {
    async list (actor, query) {
      demand(actor, 'compliance.read')
      await fresh()
      const rows = scoped(seen(actor), query)
      const { page, next, total } = pageOf(chosen(rows, query), query)
      return { items: page.map(shownRow), next, total, at: madeAt, cameras: rows.length, failing: rows.filter(r => r.failed > 0).length, counts: countsOf(rows) }
    },

    async exportCsv (actor, filter) {
      demand(actor, 'compliance.read')
      await fresh()
      const rows = sorted(chosen(scoped(seen(actor), filter), filter), filter)
      await store.transaction(tx => recordAudit(tx, clock.now(), actor, 'compliance.export', { kind: 'inventory', id: 'compliance' }, { cameras: rows.length, filter }))
      return csvOf(rows)
    },

    async camera (actor, deviceId) {
      demand(actor, 'compliance.read')
      await fresh()
      const row = seen(actor).find(r => r.camera.id === deviceId)
      if (!row) throw notFound('camera')
      const m = recall(memory, deviceId)
      const { certificate } = m.report ?? {}
      return {
        ...shownRow(row), encoders: m.report?.encoders ?? null, reportedAt: m.report?.at ?? null,
        certificate: certificate ? { subject: certificate.subject, issuer: certificate.issuer, notBefore: certificate.notBefore, notAfter: certificate.notAfter } : null,
        approved: row.identity ? [...known.approved.get(firmwareKey(row.identity.manufacturer, row.identity.model)) ?? []] : [],
        loginCheck: shownAs(m.logins, loginsFor(row.identity?.manufacturer ?? ''), clock.now())
      }
    },

    async firmware (actor) {
      demand(actor, 'compliance.read')
      await fresh()
      return listFirmware(actor)
    },

    async approve (actor, { approved, manufacturer, model, version }) {
      demand(actor, 'firmware.approve')
      await store.transaction(async tx => {
        const t = tx.t.approvedFirmware
        const now = clock.now()
        const changed = approved
          ? await tx.insert(t).values({ manufacturer, model, version, approvedAt: now, approvedBy: actor.login }).onConflictDoNothing().returning()
          : await tx.delete(t).where(and(eq(t.manufacturer, manufacturer), eq(t.model, model), eq(t.version, version))).returning()
        if (changed.length > 0) await recordAudit(tx, now, actor, approved ? 'firmware.approve' : 'firmware.withdraw', { kind: 'firmware', id: `${manufacturer} ${model}`.slice(0, 200) }, { manufacturer, model, version })
      })
      await oneByOne(async () => {
        known = { ...known, approved: (await readApproved(store.read)).byModel }
        await judgeAll()
      })
      return listFirmware(actor)
    },

    async settings (actor) {
      demand(actor, 'compliance.read')
      return readSettings(store.read)
    },
    async changeSettings (actor, settings) {
      demand(actor, 'login_check.write')
      await store.transaction(async tx => {
        const before = await readSettings(tx)
        await tx.insert(tx.t.settings).values({ key: SETTINGS_KEY, value: settings }).onConflictDoUpdate({ target: tx.t.settings.key, set: { value: settings } })
        await recordAudit(tx, clock.now(), actor, 'compliance.settings', { kind: 'settings', id: SETTINGS_KEY }, { before, after: settings })
      })
      return settings
    },
    async checkLogins (actor, deviceIds) {
      demand(actor, 'login_check.write')
      if ((await readSettings(store.read)).loginChecks === 'off') throw new ServiceProblem('conflict', 'login_checks_off', 'The trial of factory logins is switched off: an administrator may switch it on first.')
      await fresh()
      const mine = new Set(seen(actor).map(r => r.camera.id))
      if (!deviceIds.every(id => mine.has(id))) throw notFound('camera')
      return runner.request(actor, deviceIds)
    },

    take: (tx, reports) => takeReports(tx, memory, reports),
    devicesChanged: ids => oneByOne(async () => {
      const found = await readCameras(store.read, ids)
      for (const id of ids) cameras.delete(id)
      for (const camera of found) cameras.set(camera.id, camera)
      table = table.flatMap(row => { const camera = cameras.get(row.camera.id); return camera ? [{ ...row, camera }] : [] })
      stale = true
    }),
    refresh,
    tryLogins: () => runner.look(),
    summary: () => countsOf(table)
  }
}
