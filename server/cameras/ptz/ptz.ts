/** Cameras that move: what they can do, their presets and tours, and the desks at which people have them. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../../../lib/clock.js'
import { newId } from '../../../lib/ids.js'
import type { Log } from '../../../lib/log.js'
import type { AgentCommands } from '../../agents/commands.js'
import type { PtzAnswer, PtzEdit, PtzNote, PtzOrder, PtzPosition, PtzPreset, PtzRequest, PtzTour, PtzTourWrite, PtzView } from '../../contract/ptz.js'
import { type Actor, demand, seesCamera } from '../../identity/actor.js'
import { type AuditWho, recordAudit } from '../../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../../problems.js'
import type { Store } from '../../store/store.js'
import { Desk } from './desk.js'
import { rankOf } from './lock.js'
import { createTimes, type Times } from './times.js'
import { changePtz, namedPresets, type PtzRow, readPtz, runningTours } from './rows.js'

interface Seated { heard (request: PtzRequest): void, leave (reason: 'gone' | 'rights'): void }
export interface Ptz {
  view (actor: Actor, deviceId: string): Promise<PtzView>
  /** Somebody's screen at this camera, until they leave. */
  sit (actor: Actor, deviceId: string, tell: (note: PtzNote) => void): Promise<Seated>
  addPreset (actor: Actor, deviceId: string, name: string): Promise<PtzPreset>
  renamePreset (actor: Actor, deviceId: string, token: string, name: string): Promise<PtzPreset>
  /** The preset leads to where the camera looks now. */
  placePreset (actor: Actor, deviceId: string, token: string): Promise<PtzPreset>
  removePreset (actor: Actor, deviceId: string, token: string): Promise<void>
  setHome (actor: Actor, deviceId: string): Promise<void>
  writeTour (actor: Actor, deviceId: string, tourId: string | null, write: PtzTourWrite): Promise<PtzTour>
  removeTour (actor: Actor, deviceId: string, tourId: string): Promise<void>
  /** Null ends what runs. */
  runTour (actor: Actor, deviceId: string, tourId: string | null): Promise<void>
  /** It was edited, moved to another agent or removed. */
  cameraChanged (deviceId: string): Promise<void>
  /** Whether it turns at all, from what was found out; null: not yet. */
  turns (deviceId: string): Promise<boolean | null>
  /** Asks it. */
  look (deviceId: string): Promise<{ turns: boolean, position: PtzPosition | null, moving: boolean | null }>
  /** A head is told to move. */
  onTurned (listener: (deviceId: string, phase: 'begins' | 'ends') => void): void
  readonly times: Times
  tick (): void
  start (): Promise<void>
  stop (): Promise<void>
}
export interface PtzDeps { store: Store, clock: Clock, log: Log, commands: AgentCommands }

const TICK_MS = 200
/** What was found out is shown for so long before the camera is asked again. */
const FRESH_MS = 5 * 60_000
const ASK_TIMEOUT_MS = 12_000
const LOOK_TIMEOUT_MS = 4000
const MOST_TOURS = 20

interface Camera { id: string, name: string, agentId: string, onvif: boolean }

export function createPtz ({ store, clock, log, commands }: PtzDeps): Ptz {
  const desks = new Map<string, { desk: Desk, camera: Camera, names: Record<string, string> }>()
  const listeners: ((deviceId: string, phase: 'begins' | 'ends') => void)[] = []
  const times = createTimes({ store, clock })
  const run = newId()
  let seq = 0

  async function cameraOf (actor: Actor | null, id: string): Promise<Camera> {
    const { devices } = store.read.t
    const [row] = await store.read.select({ kind: devices.kind, name: devices.name, groupId: devices.groupId, agentId: devices.agentId, enabled: devices.enabled, settings: devices.settings }).from(devices).where(eq(devices.id, id))
    if (row?.kind !== 'camera' || (actor && !seesCamera(actor, row.groupId))) throw notFound('camera')
    if (!row.enabled) throw new ServiceProblem('gone', 'camera_disabled', 'The camera is disabled.')
    if (!row.agentId) throw new ServiceProblem('unavailable', 'no_agent', 'No agent looks after this camera.')
    return { id, name: row.name, agentId: row.agentId, onvif: Boolean(row.settings.camera?.onvif) }
  }

  const order = ({ agentId, id }: Camera, what: PtzOrder, timeoutMs: number): Promise<PtzAnswer> => commands.run(agentId, { name: 'ptz', deviceId: id, run, seq: ++seq, order: what }, { timeoutMs })
  const audit = (who: AuditWho, { id, name }: Camera, action: string, details: Record<string, unknown> = {}) =>
    store.transaction(tx => recordAudit(tx, clock.now(), who, action, { kind: 'device', id }, { name, ...details }))

  function deskOf (camera: Camera): Desk {
    const known = desks.get(camera.id)
    if (known) {
      known.camera = camera
      return known.desk
    }
    const entry = { camera, names: {} as Record<string, string>, desk: null as unknown as Desk }
    entry.desk = new Desk({
      clock, log, times: () => times.now, order: (what, timeoutMs) => order(entry.camera, what, timeoutMs), audit: (who, action, details) => audit(who, entry.camera, action, details),
      presetName: token => entry.names[token] ?? token, turned: phase => { for (const listener of listeners) listener(camera.id, phase) }
    })
    desks.set(camera.id, entry)
    return entry.desk
  }
  function learnNames (deviceId: string, row: PtzRow) {
    const entry = desks.get(deviceId)
    if (entry) entry.names = Object.fromEntries(namedPresets(row).map(p => [p.token, p.name]))
  }

  /** Asks the camera and keeps what it says. */
  async function find (camera: Camera): Promise<PtzRow> {
    const { found } = await order(camera, { do: 'find' }, ASK_TIMEOUT_MS)
    if (!found) throw new ServiceProblem('unavailable', 'protocol_error', 'The agent did not say what the camera can do.')
    const row = await store.transaction(tx => changePtz(tx, camera.id, () => ({ abilities: found.abilities, presets: found.presets, foundAt: clock.now() })))
    const desk = desks.get(camera.id)?.desk
    if (desk && found.moving === false) desk.position = found.position
    learnNames(camera.id, row)
    return row
  }

  async function edit (actor: Actor, deviceId: string, what: PtzEdit, action: string, details: (token: string | undefined) => Record<string, unknown>) {
    demand(actor, 'ptz.preset.write')
    const camera = await cameraOf(actor, deviceId)
    const other = desks.get(deviceId)?.desk.heldFrom(actor.userId)
    if (other) throw new ServiceProblem('conflict', 'ptz_locked', `${other} has the camera.`)
    const { token } = await order(camera, { do: 'edit', edit: what }, ASK_TIMEOUT_MS)
    await audit(actor, camera, action, details(token))
    return { camera, token }
  }
  /** What the camera says it has now; our own name for a preset where there is one. */
  async function afterEdit (camera: Camera, names: (before: Record<string, string>) => Record<string, string>) {
    await store.transaction(tx => changePtz(tx, camera.id, row => ({ names: names(row.names) })))
    const row = await find(camera)
    desks.get(camera.id)?.desk.changed()
    return row
  }
  async function demandPreset (deviceId: string, token: string): Promise<PtzPreset> {
    const preset = namedPresets(await readPtz(store.read, deviceId)).find(p => p.token === token)
    if (!preset) throw notFound('preset')
    return preset
  }
  const presetFrom = (row: PtzRow, token: string, name: string): PtzPreset => namedPresets(row).find(p => p.token === token) ?? { token, name }

  async function changeTours (actor: Actor, deviceId: string, action: string, change: (row: PtzRow) => { row: Partial<PtzRow>, details: Record<string, unknown> }) {
    const camera = await cameraOf(actor, deviceId)
    const row = await store.transaction(async tx => {
      let details: Record<string, unknown> = {}
      const after = await changePtz(tx, deviceId, before => {
        const made = change(before)
        details = made.details
        return made.row
      })
      await recordAudit(tx, clock.now(), actor, action, { kind: 'device', id: deviceId }, { name: camera.name, ...details })
      return after
    })
    const desk = deskOf(camera)
    learnNames(deviceId, row)
    const runs = row.tours.find(t => t.id === row.runningTourId)
    if (!runs) desk.endTour()
    else if (action !== 'ptz.tour_write' || desk.tourId === runs.id) desk.startTour(runs)
    desk.changed()
    return row
  }
  const tourOf = (row: PtzRow, id: string) => {
    const tour = row.tours.find(t => t.id === id)
    if (!tour) throw notFound('tour')
    return tour
  }

  const ptz: Ptz = {
    times,
    async view (actor, deviceId) {
      demand(actor, 'ptz.control')
      const camera = await cameraOf(actor, deviceId)
      let row = await readPtz(store.read, deviceId)
      let problem: PtzView['problem'] = null
      if (camera.onvif && clock.now() - row.foundAt > FRESH_MS) {
        row = await find(camera).catch((err: unknown) => {
          const { code, message } = err as ServiceProblem
          problem = { code: code ?? 'internal', detail: message }
          return row
        })
      }
      return { abilities: row.abilities, problem, presets: namedPresets(row), tours: row.tours, runningTourId: row.runningTourId, lock: desks.get(deviceId)?.desk.lock ?? null }
    },
    async sit (actor, deviceId, tell) {
      demand(actor, 'ptz.control')
      const camera = await cameraOf(actor, deviceId)
      const { users } = store.read.t
      const [user] = await store.read.select({ name: users.displayName }).from(users).where(eq(users.id, actor.userId))
      const row = await readPtz(store.read, deviceId)
      const desk = deskOf(camera)
      learnNames(deviceId, row)
      const seat = { id: newId(), userId: actor.userId, name: user?.name ?? actor.login, rank: rankOf(actor.roles) }
      desk.sit({ seat, who: actor, tell })
      order(camera, { do: 'look' }, ASK_TIMEOUT_MS).then(({ position, moving }) => { if (moving === false) desk.position = position }, () => {})
      return { heard: request => desk.heard(seat.id, request), leave: reason => desk.leave(seat.id, reason) }
    },
    async addPreset (actor, deviceId, name) {
      const { camera, token } = await edit(actor, deviceId, { kind: 'add', name }, 'ptz.preset_add', made => ({ preset: name, token: made }))
      if (!token) throw new ServiceProblem('unavailable', 'protocol_error', 'The camera did not say which preset it made.')
      return presetFrom(await afterEdit(camera, names => ({ ...names, [token]: name })), token, name)
    },
    async renamePreset (actor, deviceId, token, name) {
      demand(actor, 'ptz.preset.write')
      const camera = await cameraOf(actor, deviceId)
      const before = await demandPreset(deviceId, token)
      const row = await store.transaction(async tx => {
        await recordAudit(tx, clock.now(), actor, 'ptz.preset_rename', { kind: 'device', id: deviceId }, { name: camera.name, token, before: before.name, after: name })
        return changePtz(tx, deviceId, ({ names }) => ({ names: { ...names, [token]: name } }))
      })
      learnNames(deviceId, row)
      desks.get(deviceId)?.desk.changed()
      return { token, name }
    },
    async placePreset (actor, deviceId, token) {
      demand(actor, 'ptz.preset.write')
      await cameraOf(actor, deviceId)
      const { name } = await demandPreset(deviceId, token)
      const { camera } = await edit(actor, deviceId, { kind: 'place', token, name }, 'ptz.preset_place', () => ({ preset: name, token }))
      return presetFrom(await afterEdit(camera, names => names), token, name)
    },
    async removePreset (actor, deviceId, token) {
      demand(actor, 'ptz.preset.write')
      await cameraOf(actor, deviceId)
      const { name } = await demandPreset(deviceId, token)
      const { camera } = await edit(actor, deviceId, { kind: 'remove', token }, 'ptz.preset_remove', () => ({ preset: name, token }))
      await afterEdit(camera, ({ [token]: _gone, ...names }) => names)
    },
    async setHome (actor, deviceId) { await edit(actor, deviceId, { kind: 'set_home' }, 'ptz.home_set', () => ({})) },

    async writeTour (actor, deviceId, tourId, write) {
      demand(actor, 'ptz.preset.write')
      const id = tourId ?? newId()
      await changeTours(actor, deviceId, 'ptz.tour_write', row => {
        if (tourId) tourOf(row, tourId)
        else if (row.tours.length >= MOST_TOURS) throw new ServiceProblem('conflict', 'too_many_tours', `A camera keeps at most ${MOST_TOURS} tours.`)
        if (row.tours.some(t => t.id !== id && t.name.toLowerCase() === write.name.toLowerCase())) throw invalidField('/name', 'name_taken', 'Another tour of this camera has this name.')
        const gone = write.steps.findIndex(step => !row.presets.some(p => p.token === step.token))
        if (gone >= 0) throw invalidField(`/steps/${gone}/token`, 'preset_not_found', 'The camera has no such preset.')
        const tour = { id, ...write }
        return { row: { tours: tourId ? row.tours.map(t => t.id === id ? tour : t) : [...row.tours, tour] }, details: { tour: write.name, steps: write.steps } }
      })
      return { id, ...write }
    },
    async removeTour (actor, deviceId, tourId) {
      demand(actor, 'ptz.preset.write')
      await changeTours(actor, deviceId, 'ptz.tour_remove', row => ({
        details: { tour: tourOf(row, tourId).name }, row: { tours: row.tours.filter(t => t.id !== tourId), runningTourId: row.runningTourId === tourId ? null : row.runningTourId }
      }))
    },
    async runTour (actor, deviceId, tourId) {
      demand(actor, 'ptz.control')
      await changeTours(actor, deviceId, tourId ? 'ptz.tour_start' : 'ptz.tour_stop', row => ({
        details: { tour: tourId ? tourOf(row, tourId).name : row.tours.find(t => t.id === row.runningTourId)?.name ?? null }, row: { runningTourId: tourId }
      }))
    },
    async cameraChanged (deviceId) {
      const entry = desks.get(deviceId)
      if (!entry) return
      const camera = await cameraOf(null, deviceId).catch(() => null)
      if (camera) { entry.camera = camera; return }
      desks.delete(deviceId)
      await entry.desk.close()
    },
    async turns (deviceId) {
      const { foundAt, abilities } = await readPtz(store.read, deviceId)
      if (foundAt > 0) return abilities !== null
      const { devices } = store.read.t
      const [row] = await store.read.select({ settings: devices.settings }).from(devices).where(eq(devices.id, deviceId))
      return row && !row.settings.camera?.onvif ? false : null
    },
    async look (deviceId) {
      const camera = await cameraOf(null, deviceId)
      if (await ptz.turns(deviceId) === null) await find(camera)
      const { abilities } = await readPtz(store.read, deviceId)
      if (!camera.onvif || !abilities) return { turns: false, position: null, moving: false }
      return { turns: true, ...await order(camera, { do: 'look' }, LOOK_TIMEOUT_MS) }
    },
    onTurned (listener) { listeners.push(listener) },
    tick () {
      for (const [id, { desk }] of desks) {
        desk.tick()
        if (desk.idle) desks.delete(id)
      }
    },
    async start () {
      await times.load()
      for (const row of await runningTours(store.read)) {
        const tour = row.tours.find(t => t.id === row.runningTourId)
        const camera = tour && await cameraOf(null, row.deviceId).catch(() => null)
        if (!camera) continue
        deskOf(camera).startTour(tour)
        learnNames(row.deviceId, row)
      }
      timer = setInterval(() => ptz.tick(), TICK_MS)
    },
    async stop () {
      if (timer) clearInterval(timer)
      await Promise.all([...desks.values()].map(({ desk }) => desk.close()))
    }
  }
  let timer: NodeJS.Timeout | null = null
  return ptz
}
