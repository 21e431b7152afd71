/** The only file that knows every room. Reads top to bottom: store, rooms, server, sockets, listening; stop() goes back up. */
import { mkdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { type Clock, systemClock } from '../lib/clock.js'
import { type Log, makeLog } from '../lib/log.js'
import { projectRoot } from '../lib/project-root.js'
import { type Compliance, createCompliance } from './cameras/compliance/compliance.js'
import { startComplianceTicker } from './cameras/compliance/ticker.js'
import { createMasks, type Masks } from './cameras/masks.js'
import { createAims } from './cameras/ptz/aims.js'
import { createMotion, type Motion } from './cameras/motion.js'
import { createPtz, type Ptz } from './cameras/ptz/ptz.js'
import type { Config } from './config.js'
import { loopbackUrlOf, publicUrlOf } from './addresses.js'
import { AgentLink } from './agents/agent-link.js'
import { createEmbeddedAgent } from './agents/embedded.js'
import { Enrolment } from './agents/enrolment.js'
import { createPollAgain } from './agents/poll-again.js'
import { AgentRegistry } from './agents/registry.js'
import { MediaRelay } from './agents/relay.js'
import { createSnapshots, type Snapshots } from './agents/snapshots.js'
import { type Alarms, createAlarms } from './alarms/alarms.js'
import { type CameraEvents, createCameraEvents } from './cameras/events.js'
import { startEventTicker } from './cameras/ticker.js'
import { createHardware, type HardwareRoom } from './health/hardware.js'
import { createHealth, type Health } from './health/health.js'
import { createIngest, type Ingest } from './health/ingest.js'
import { startTicker } from './health/ticker.js'
import { agentRoutes } from './http/agents.js'
import { alarmRoutes } from './http/alarms.js'
import { cameraEventRoutes } from './http/camera-events.js'
import { complianceRoutes } from './http/compliance.js'
import { discoveryRoutes } from './http/discovery.js'
import { hardwareRoutes } from './http/hardware.js'
import { healthRoutes } from './http/health.js'
import { integrityRoutes } from './http/integrity.js'
import { inventoryRoutes } from './http/inventory.js'
import { layoutRoutes } from './http/layouts.js'
import { clipRoutes } from './http/footage-clips.js'
import { bookmarkRoutes } from './http/bookmarks.js'
import { footageRoutes } from './http/footage.js'
import { liveRoutes } from './http/live.js'
import { maskRoutes } from './http/masks.js'
import { motionRoutes } from './http/motion.js'
import { ptzRoutes } from './http/ptz.js'
import { otdrRoutes } from './http/otdr.js'
import { plantRoutes } from './http/plant.js'
import { recordingRoutes } from './http/recordings.js'
import { createMetrics, operationsRoutes } from './http/metrics.js'
import { auditRoutes, cameraGroupRoutes, linkUrl, settingsRoutes, userRoutes } from './http/people.js'
import { type App as HttpApp, publicApi } from './http/route.js'
import { roomMetrics } from './http/room-metrics.js'
import { buildServer } from './http/server.js'
import { cookieRules } from './http/session-cookie.js'
import { sessionRoutes } from './http/sessions.js'
import { comesFromOurPages } from './http/same-origin.js'
import { socketGate } from './http/socket-gate.js'
import { createUpgrades } from './http/upgrades.js'
import { serveWeb } from './http/web.js'
import type { ActorListener } from './identity/actor-changes.js'
import { createIdentity, type Identity } from './identity/identity.js'
import { createInventory, type Inventory } from './inventory/inventory.js'
import { openVault } from './inventory/vault.js'
import { createOtdrTraces } from './network/otdr/traces.js'
import { createPlant } from './network/plant/plant.js'
import { ServiceProblem } from './problems.js'
import { createFootageRoom, type FootageRoom } from './recordings/footage/footage-room.js'
import { createRecordings, type Recordings } from './recordings/recordings.js'
import { openPostgres } from './store/postgres.js'
import { openStoreSamples } from './store/samples-postgres.js'
import { openSqliteSamples } from './store/samples-sqlite.js'
import type { SampleStore } from './store/samples.js'
import { openSqlite } from './store/sqlite.js'
import type { Store } from './store/store.js'
import type { ScopedWallEvent } from './store/wall-events.js'
import { createLayouts, type Layouts } from './wall/layouts.js'
import { createWall, WALL_PATH, type WallFeed } from './wall/wall.js'

export interface AppOptions {
  clock?: Clock
  log?: Log
  /** Told the one-time setup address while nobody exists; prints it by default. */
  onSetup?: (url: string) => void
  /** For tests: no limits on signing in, answers held to their schemas. */
  testing?: boolean
}

interface RunningApp {
  /** Where people reach it. */
  url: string
  http: HttpApp
  store: Store
  identity: Identity
}

export interface App {
  /** On failure everything that had started is stopped again, and the error thrown. */
  start (): Promise<RunningApp>
  stop (): Promise<void>
}

const VERSION = (JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string }).version
const openStore = async (config: Config, log: Log): Promise<Store> => config.databaseUrl
  ? openPostgres(config.databaseUrl, err => log.warn({ err }, 'A database connection broke; the pool replaces it'))
  : openSqlite(join(config.dataDir, 'facts.db'))

const openSamples = (config: Config, store: Store, log: Log): SampleStore => store.dialect === 'postgres'
  ? openStoreSamples(store, log) : openSqliteSamples(join(config.dataDir, 'samples.db'), log)

/** Viewers of live video at once, over all walls. */
const MAX_VIEWERS = 2000

interface Rooms {
  inventory: Inventory
  ingest: Ingest
  health: Health
  hardware: HardwareRoom
  alarms: Alarms
  layouts: Layouts
  wall: WallFeed
  agentLink: AgentLink
  registry: AgentRegistry
  enrolment: Enrolment
  relay: MediaRelay
  snapshots: Snapshots
  footage: FootageRoom
  masks: Masks
  motion: Motion
  ptz: Ptz
  recordings: Recordings
  cameraEvents: CameraEvents
  compliance: Compliance
  /** Told after inventory committed a change of devices. */
  deviceListeners: Set<(deviceIds: string[]) => void>
}
interface Ground { config: Config, store: Store, clock: Clock, log: Log, identity: Identity }
type Started = (name: string, stop: () => Promise<void> | void) => void

/** Builds the rooms and passes each what it needs of the others. What comes back in a circle is reached through `rooms` at the time of the call. */
async function openRooms ({ config, store, clock, log, identity }: Ground, serverUrl: () => string, started: Started): Promise<Rooms> {
  const announce = (events: ScopedWallEvent[]) => { if (events.length > 0) rooms.wall.publish(events) }
  const failed = (what: string) => (err: unknown) => log.error({ err }, what)
  const samples = openSamples(config, store, log)
  started('samples', () => samples.close())

  const ingest = await createIngest(store, clock, log, {
    samples,
    askAgain: ids => pollAgain(ids),
    cameraEvents: (tx, events, now) => cameraEvents.take(tx, events, now),
    cameraReports: (tx, reports) => rooms.compliance.take(tx, reports)
  })
  const cameraEvents = await createCameraEvents({
    store, clock, log, announce, join: inside => ingest.join(inside), stateOf: id => ingest.entry(id)?.view,
    record: ({ agentId, ...event }) => { agentLink.run(agentId, { name: 'record_event', ...event }, { timeoutMs: 10_000 }).catch(err => log.debug({ err, agentId }, 'an agent was not told to record an event')) }
  })
  const relay = new MediaRelay({ log, maxViewers: MAX_VIEWERS })
  const agentLink = new AgentLink({
    store, clock, log, announce,
    ingest: async (agentId, batch) => announce(await ingest.ingest(agentId, batch)),
    planFor: agentId => rooms.inventory.planFor(agentId),
    dressPlan: async (agentId, devices) => rooms.recordings.dress(agentId, await rooms.motion.dress(devices)),
    planHeld: (agentId, locks) => { void rooms.recordings.planHeld(agentId, locks) },
    recordings: (agentId, position) => rooms.recordings.replication.told(agentId, position),
    hooks: {
      seen: agentId => ingest.heard(agentId),
      status: (agentId, status) => { if (status !== 'offline') ingest.agentsChanged().then(announce, failed('health could not follow a change of the agents')); else log.debug({ agentId }, 'agent offline') }
    },
    media: { attach: (agentId, socket) => relay.attach(agentId, socket), cut: agentId => relay.cut(agentId) },
    footage: { attach: (agentId, socket) => rooms.footage.streams.attach(agentId, socket), cut: agentId => rooms.footage.streams.cut(agentId) }
  })
  started('relay', () => relay.stop())
  started('agent link', () => agentLink.stop())
  const pollAgain = createPollAgain(agentLink, id => ingest.entry(id)?.facts.agentId)
  const registry = new AgentRegistry({ store, clock, announce, live: agentLink, serverUrl, hooks: { status: () => { ingest.agentsChanged().then(announce, failed('health could not follow a revocation')) } } })
  const enrolment = new Enrolment({ store, clock, announce, cut: (id, message) => agentLink.cut(id, message) })
  const inventory = createInventory({
    store, clock, log, vault: openVault(config), agents: agentLink,
    effects: {
      announce,
      planChanged: ids => agentLink.planChanged(ids),
      devicesChanged: ids => {
        ingest.devicesChanged(ids).then(announce, failed('health could not follow a change of devices'))
        cameraEvents.devicesChanged(ids).catch(failed('events of cameras that went could not be closed'))
        rooms.compliance.devicesChanged(ids).catch(failed('the table of compliance could not follow a change of devices'))
        for (const listener of rooms.deviceListeners) listener(ids)
        for (const id of ids) rooms.ptz.cameraChanged(id).catch(failed('a camera under control could not be followed'))
        dropViewers(rooms, store, ids).catch(failed('viewers could not be told of a changed camera'))
      }
    }
  })
  started('inventory', () => inventory.stop())
  const gate = socketGate({ gate: identity.sessions, cookie: cookieOf(config), publicUrl: config.publicUrl, proxies: config.proxies })
  const wall = await createWall(store, clock, log, {
    // Only a refusal means nobody; a database that is away is told as such.
    authenticate: request => gate(request).catch(err => { if (err instanceof ServiceProblem) return null; throw err }),
    sameOrigin: request => comesFromOurPages({ method: 'GET', upgrade: true, headers: request.headers, publicUrl: config.publicUrl }),
    agentStatus: agent => agent.revokedAt !== null ? 'revoked' : agentLink.isOnline(agent.id) ? 'online' : 'offline',
    serverVersion: `${VERSION}+${clock.now().toString(36)}`
  })
  started('wall', () => wall.close())
  identity.onActorChanged(change => wall.actorChanged(change))
  const ticker = startTicker(ingest, announce, { store, clock, log, samples })
  started('ticker', () => ticker.stop())
  const eventTicker = startEventTicker(cameraEvents, log)
  started('camera events', () => eventTicker.stop())
  const recordings = createRecordings({
    store, clock, log, commands: agentLink, announce, agentOnline: id => agentLink.isOnline(id), planChanged: ids => agentLink.planChanged(ids)
  })
  started('recordings', () => recordings.stop())
  const ptz = createPtz({ store, clock, log, commands: agentLink })
  started('ptz', () => ptz.stop())
  await ptz.start()
  const aims = createAims({ clock, turns: ptz.turns, look: ptz.look })
  ptz.onTurned(aims.turned)
  const masks = createMasks({ store, clock, aims })
  // What lies behind a mask is no motion: its agent must know of it.
  masks.onChanged((id, everybody) => { if (everybody) void deviceFacts(store, id).then(facts => { if (facts?.agentId) agentLink.planChanged([facts.agentId]) }, failed('an agent was not told of changed masks')) })
  await masks.start()
  const aimTimer = setInterval(() => aims.tick(), 500)
  started('aims', () => clearInterval(aimTimer))
  const compliance = await createCompliance({ store, clock, log, entry: id => ingest.entry(id), policiesFor: ids => recordings.policies.planFor(ids), commands: agentLink, agentOnline: id => agentLink.isOnline(id) })
  const complianceTicker = startComplianceTicker(compliance, () => inventory.judgeStrengths(), log)
  started('compliance', () => complianceTicker.stop())
  const rooms: Rooms = {
    inventory, ingest, wall, agentLink, cameraEvents, registry, enrolment, relay, compliance, deviceListeners: new Set(),
    health: createHealth({ store, clock, fleet: ingest, samples }),
    hardware: createHardware({ store, clock, fleet: ingest, onLimits: async id => announce(await ingest.devicesChanged([id])) }),
    alarms: createAlarms({ store, clock, announce }),
    layouts: createLayouts({ store, clock, announce }),
    snapshots: createSnapshots({ commands: agentLink, clock }),
    recordings,
    footage: createFootageRoom({ store, clock, log, commands: agentLink, clipsFolder: join(config.dataDir, 'clips'), explain: (deviceId, at) => recordings.explain(deviceId, at), masksFor: masks.recordedMasksFor }),
    masks, ptz,
    motion: createMotion({ store, clock, commands: agentLink, planChanged: ids => agentLink.planChanged(ids) })
  }
  started('footage', () => rooms.footage.stop())
  await rooms.footage.clips.recover().catch(failed('what an earlier run left of clips could not be removed'))
  return rooms
}

/** A camera that is gone, disabled or read by another agent now is not shown from where it was. */
async function dropViewers ({ relay }: Rooms, store: Store, deviceIds: string[]) {
  for (const id of relay.watched(deviceIds)) {
    const facts = await deviceFacts(store, id)
    if (!facts?.enabled) relay.dropDevice(id, 4410, 'camera_disabled')
    else if (!facts.agentId || !relay.watches(id, facts.agentId)) relay.dropDevice(id, 4503, 'agent_changed')
  }
}

async function deviceFacts (store: Store, id: string) {
  const { devices } = store.read.t
  const [row] = await store.read.select({ kind: devices.kind, name: devices.name, groupId: devices.groupId, agentId: devices.agentId, enabled: devices.enabled }).from(devices).where(eq(devices.id, id))
  return row ?? null
}

const cookieOf = (config: Config) => cookieRules(config.tls !== null || (config.publicUrl?.startsWith('https:') ?? false))

export function createApp (config: Config, options: AppOptions = {}): App {
  const clock = options.clock ?? systemClock
  const log = options.log ?? makeLog('server', config.logLevel)
  const cookie = cookieOf(config)
  /** What has started, with how to stop it; the last one first. */
  const started: { name: string, stop: () => Promise<void> | void }[] = []
  let phase: 'starting' | 'ok' | 'stopping' = 'starting'

  async function stop () {
    phase = 'stopping'
    for (let part = started.pop(); part; part = started.pop()) {
      try {
        await part.stop()
      } catch (err) {
        log.error({ err, part: part.name }, 'A part did not stop cleanly')
      }
    }
  }

  /** Somebody may have stopped us while this part was starting: then it goes again at once. */
  function keep (name: string, stop: () => Promise<void> | void) {
    started.push({ name, stop })
    if (phase === 'stopping') throw new Error('Stopped before it had started')
  }

  const readiness = (store: Store) => async () => ({
    server: phase,
    store: await store.ping().then(() => 'ok', (err: Error) => { log.warn({ err }, 'The database does not answer'); return 'failed' })
  })

  async function run (): Promise<RunningApp> {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
    const store = await openStore(config, log)
    keep('store', () => store.close())

    const identity = createIdentity({ store, clock })

    const metrics = createMetrics({ ofProcess: true })
    keep('metrics', () => metrics.registry.clear())
    const upgrades = createUpgrades()
    const http = await buildServer(
      { publicUrl: config.publicUrl, tls: config.tls, proxies: config.proxies, rateLimits: !options.testing, checkAnswers: options.testing ?? false, version: VERSION },
      { log, gate: identity.sessions, cookie, metrics, upgrades }
    )
    keep('http', () => http.close())

    operationsRoutes(http, { metrics, metricsToken: config.metricsToken, ready: readiness(store) })
    let url = ''
    const rooms = await openRooms({ config, store, clock, log, identity }, () => url, keep)
    roomMetrics(metrics, rooms)
    upgrades.handle('/agent/v1', rooms.agentLink.upgradeLink)
    upgrades.handle('/agent/v1/media', rooms.agentLink.upgradeMedia)
    upgrades.handle('/agent/v1/footage', rooms.agentLink.upgradeFootage)
    upgrades.leave(WALL_PATH)
    rooms.wall.attach(http.server)
    await publicApi(http, api => {
      sessionRoutes(api, identity, cookie)
      userRoutes(api, identity.users, config.publicUrl)
      cameraGroupRoutes(api, identity.cameraGroups)
      settingsRoutes(api, identity.settings)
      auditRoutes(api, identity.auditLog)
      inventoryRoutes(api, rooms.inventory)
      discoveryRoutes(api, rooms.inventory.discovery)
      agentRoutes(api, rooms)
      healthRoutes(api, rooms.health)
      hardwareRoutes(api, rooms.hardware)
      alarmRoutes(api, rooms.alarms)
      cameraEventRoutes(api, rooms.cameraEvents)
      complianceRoutes(api, rooms.compliance)
      layoutRoutes(api, rooms.layouts)
      const watchers = {
        sessions: identity.sessions, onActorChanged: (listener: ActorListener) => identity.onActorChanged(listener), onDevicesChanged: (listener: (ids: string[]) => void) => { rooms.deviceListeners.add(listener) },
        onMasksChanged: (listener: (id: string, everybody: boolean) => void) => rooms.masks.onChanged(listener),
        camera: async (id: string) => { const facts = await deviceFacts(store, id); return facts?.kind === 'camera' ? facts : null }
      }
      liveRoutes(api, { ...watchers, store, clock, relay: rooms.relay, snapshots: rooms.snapshots, agentOffsetMs: agentId => rooms.agentLink.clockOffsetOf(agentId), masksFor: rooms.masks.masksFor })
      maskRoutes(api, rooms.masks)
      motionRoutes(api, rooms.motion)
      ptzRoutes(api, { ...watchers, onMasksChanged: undefined, ptz: rooms.ptz })
      plantRoutes(api, createPlant({ store, clock }))
      otdrRoutes(api, createOtdrTraces({ store, clock }))
      recordingRoutes(api, rooms.recordings)
      integrityRoutes(api, { store, clock, commands: rooms.agentLink, camera: watchers.camera, masksFor: rooms.masks.recordedMasksFor })
      bookmarkRoutes(api, rooms.recordings.bookmarks)
      clipRoutes(api, rooms.footage.clips)
      footageRoutes(api, { ...watchers, store, clock, footage: rooms.footage })
    })
    await serveWeb(http, join(projectRoot(), 'dist/web'))

    await http.listen({ host: config.host, port: config.port })
    const { port } = http.server.address() as AddressInfo
    url = publicUrlOf(config, port)
    if (config.embeddedAgent) {
      const embedded = createEmbeddedAgent({ store, clock, log, folder: join(config.dataDir, 'agent'), serverUrl: loopbackUrlOf(config, port), certFile: config.tls?.certFile ?? null })
      keep('embedded agent', () => embedded.stop())
      await embedded.start()
    }
    const link = await identity.setup.offer()
    if (link) (options.onSetup ?? (setup => process.stdout.write(`Setup: ${setup}\n`)))(linkUrl(url, 'setup', link.token))
    phase = 'ok'
    log.info({ url, store: store.dialect, version: VERSION }, 'Kalancha is ready')
    return { url, http, store, identity }
  }

  return {
    async start () {
      try {
        return await run()
      } catch (err) {
        await stop()
        throw err
      }
    },
    stop
  }
}
