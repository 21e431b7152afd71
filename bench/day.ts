/**
 * A day of recording in minutes: the real server, two real agents with their workers, seven simulated cameras, under one clock that a conductor moves
 * (lib/day-conductor.ts). Faults come at known times; in the end the timeline and the availability are read over the API and compared with what was done.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, unlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { childModule } from '../lib/child-module.js'
import { projectRoot } from '../lib/project-root.js'
import { startOfDay } from '../lib/zoned-day.js'
import type { Agent } from '../server/contract/agent-link.js'
import type { Device } from '../server/contract/inventory.js'
import { type Availability, defaultPolicy, type GapCause, type Timeline, type Volume } from '../server/contract/recording.js'
import type { DemoClient } from '../tools/demo/client.js'
import { Conductor } from './lib/day-conductor.js'
import type { TownArguments, TownFault } from './lib/day-town.js'
import { type Act, compareDay, expectedPercent, type Handover, type Shown } from './lib/day-truth.js'
import { machine, round } from './lib/figures.js'
import { type Program, startProgram, until } from './lib/processes.js'
import { freePort, signIn, Started, setUp, startServer } from './lib/system.js'

const DAY = '2026-06-15'
const ZONE = 'Europe/Kyiv'
const MIN = 60_000
const HOUR = 60 * MIN
const DAY_MS = 24 * HOUR
/** A day whose acts are closer together, for trying: 0.1 is a tenth of a day. */
const SCALE = Number(process.env.DAY_SCALE ?? 1)
const T0 = startOfDay(DAY, ZONE)!
const at = (hours: number, minutes = 0) => T0 + (hours * HOUR + minutes * MIN) * SCALE
const clockText = (ms: number | null) => ms === null ? '–' : new Date(ms + 3 * HOUR).toISOString().slice(11, 19)

const USER = 'kalancha'
const PASSWORD = 'accelerated day 1'
const converter = { address: '127.45.0.1', port: 7000 }
const RTSP_PORT = 8554
/** The first four at the first agent, the fifth moves to the second, which has the last two. */
const cameras = ['Площа Ринок', 'Міст, в’їзд', 'Міст, виїзд', 'Вокзал', 'Лікарня', 'Школа', 'Набережна'].map((name, i) => ({ id: `K${i + 1}`, name, address: `127.45.1.${i + 1}`, agent: i < 5 ? 'A' : 'B' }))

/** A day's people, machines and disks. */
class DayWorld {
  readonly acts: Act[] = []
  readonly handovers: Handover[] = []
  readonly notDone: string[] = []
  readonly ids = new Map<string, string>()
  readonly agentIds = new Map<string, string>()
  readonly conductor: Conductor
  client!: DemoClient
  private town!: ChildProcess
  private townWords!: Interface
  private server!: Program
  private port = 0
  private readonly agents = new Map<string, Program>()

  constructor (readonly folder: string, readonly started: Started) {
    this.conductor = new Conductor(folder, T0 - 10 * MIN)
    started.add(() => this.conductor.close())
  }

  async begin () {
    const args: TownArguments = { cameras, port: RTSP_PORT, user: USER, password: PASSWORD, converter }
    this.town = spawn(process.execPath, [childModule(import.meta.url, './lib/day-town').path, JSON.stringify(args)], { env: { ...process.env, ...this.conductor.env('town') }, stdio: ['pipe', 'pipe', 'inherit'] })
    this.started.add(() => { this.town.kill() })
    this.townWords = createInterface({ input: this.town.stdout! })
    await once(this.townWords, 'line')
    this.port = await freePort()
    const setup = await this.startServer()
    this.client = await setUp({ ...setup, origin: `http://127.0.0.1:${this.port}` })
    for (const name of ['A', 'B']) await this.startAgent(name)
  }

  async signInAgain () { this.client = await signIn({ origin: `http://127.0.0.1:${this.port}` }) }

  async startServer () {
    const running = await startServer(join(this.folder, 'server'), { KALANCHA_PORT: String(this.port), KALANCHA_EMBEDDED_AGENT: 'false', KALANCHA_LOG_LEVEL: 'error', ...this.conductor.env('server') })
    this.server = running.program
    this.started.add(() => running.program.stop())
    return running
  }
  async serverBack () {
    await this.startServer()
    await until('the server', 30_000, async () => (await fetch(`http://127.0.0.1:${this.port}/readyz`)).ok || null, this.server)
  }
  async startAgent (name: string) {
    const token = this.agentIds.has(name) ? null : (await this.client.call<{ token: string }>('POST', '/agents/tokens', { name: `Агент ${name}` })).token
    const program = startProgram(join(projectRoot(), 'dist/agents/main.js'), ['--server', `http://127.0.0.1:${this.port}`, '--data', this.agentFolder(name), ...(token ? ['--token', token] : [])],
      { env: { KALANCHA_LOG_LEVEL: 'error', ...this.conductor.env(name) } })
    this.agents.set(name, program)
    this.started.add(() => program.stop())
    const agent = await until(`agent ${name}`, 60_000, async () => (await this.client.call<Agent[]>('GET', '/agents')).find(a => a.name === `Агент ${name}` && a.status === 'online') ?? null, program)
    this.agentIds.set(name, agent.id)
  }
  /** The processes of the agent itself, its video worker, its SNMP poller and its footage process are there. */
  whole (name: string) { return until(`all processes of agent ${name}`, 60_000, () => this.conductor.pids(name).length >= 3 || null) }
  agentFolder (name: string) { return join(this.folder, `agent-${name}`) }

  kill (name: string) { for (const pid of this.conductor.pids(name)) process.kill(pid, 'SIGKILL') }

  async fault (fault: TownFault) {
    const done = once(this.townWords, 'line')
    this.town.stdin!.write(`${JSON.stringify(fault)}\n`)
    await done
  }
  async set (camera: string, change: object) { await this.client.call('PATCH', `/devices/${this.ids.get(camera)}`, change) }

  /** Notes what is true of a camera from now on, for so long. `slackMs`: how far the edges may be off, where the cause needs time to show. */
  truth (cameraIds: readonly string[], from: number, to: number, cause: GapCause, what: string, slackMs = 40_000) {
    for (const camera of cameraIds) this.acts.push({ camera, from, to, cause, what, slackMs })
  }
  async until (hours: number, minutes = 0) {
    await this.conductor.passUntil(at(hours, minutes))
    process.stderr.write(`${clockText(this.conductor.now)} `)
  }
}

async function enter (w: DayWorld) {
  const device = { siteId: null, groupId: null, parentId: null, parentPort: null }
  const box = await w.client.call<Device>('POST', '/devices', { ...device, kind: 'host', name: 'Медіаконвертер · Міст', address: converter.address, agentId: w.agentIds.get('A')!, host: { check: { method: 'tcp', port: converter.port }, intervalS: 10 } })
  for (const { id, name, address, agent } of cameras) {
    const made = await w.client.call<Device>('POST', '/devices', {
      ...device, kind: 'camera', name, address, agentId: w.agentIds.get(agent)!, parentId: id === 'K2' || id === 'K3' ? box.id : null,
      camera: { onvif: null, rtsp: { port: RTSP_PORT, mainPath: '/main', subPath: null }, pull: 'always' }, credential: { kind: 'password', username: USER, password: PASSWORD }
    })
    w.ids.set(id, made.id)
  }
  const week = (spans: [number, number][]) => spans.flatMap(([fromMin, toMin]) => Array.from({ length: 7 }, (_, day) => ({ day, fromMin, toMin })))
  await w.client.call('PUT', '/recording/policies/centre/-', { ...defaultPolicy, keepDays: null })
  await w.client.call('PUT', `/recording/policies/camera/${w.ids.get('K7')}`, { ...defaultPolicy, keepDays: null, mode: 'scheduled', schedule: week([[0, 18 * 60], [19 * 60, 24 * 60]]) })
}

/** A disk of its own for the second agent, where the machine lets us have one. */
async function giveDisk (w: DayWorld): Promise<{ path: string, hidden: string } | null> {
  const [hidden, path] = [join(w.folder, 'disk-itself'), join(w.folder, 'disk')]
  mkdirSync(hidden)
  mkdirSync(path)
  const run = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' })
  const made = userInfo().uid === 0 ? run('-t', 'tmpfs', '-o', 'size=1500m', 'kalancha-bench', hidden) : null
  if (made?.status !== 0) {
    w.notDone.push(`no disk of its own (${made?.stderr.trim() ?? 'needs root'}): full and unplugged disk left out`)
    return null
  }
  w.started.add(() => { spawnSync('umount', ['-l', path]); spawnSync('umount', ['-l', hidden]) })
  run('--bind', hidden, path)
  await w.client.call<Volume>('POST', '/recording/volumes', { agentId: w.agentIds.get('B')!, name: 'Диск 1', tier: 'primary', path, floorBytes: 64 * 2 ** 20 })
  await w.client.call('POST', '/locks', { deviceIds: ['K5', 'K6', 'K7'].map(id => w.ids.get(id)!), from: T0 - HOUR, to: T0 + DAY_MS, reason: 'Досудове розслідування', reviewAt: T0 + 30 * DAY_MS })
  return { path, hidden }
}

/** Two finished files of the first hours, one taken away and one cut in the middle, behind everybody's back. */
function spoil (w: DayWorld) {
  const file = (camera: string) => {
    const folder = join(w.agentFolder('A'), 'recordings/default', w.ids.get(camera)!)
    const names = readdirSync(folder).flatMap(day => readdirSync(join(folder, day)).map(name => join(folder, day, name))).sort((a, b) => startOf(a) - startOf(b))
    const i = names.findIndex(name => startOf(name) >= at(3))
    return { path: names[i]!, from: startOf(names[i]!), to: startOf(names[i + 1]!) }
  }
  const startOf = (name: string) => Number(/(\d+)-[0-9a-f-]+\.mp4$/.exec(name)![1])
  const [gone, cut] = [file('K4'), file('K1')]
  unlinkSync(gone.path)
  truncateSync(cut.path, 5000)
  w.truth(['K4'], gone.from, gone.to, 'missing', 'a file taken away', 2000)
  w.truth(['K1'], cut.from, cut.to, 'damaged', 'a file cut short', 2000)
}

async function morning (w: DayWorld) {
  await w.until(2, 10)
  await w.fault({ id: 'K1', state: 'away' })
  w.truth(['K1'], at(2, 10), at(2, 32), 'camera_unreachable', 'camera without power')
  await w.until(2, 32)
  await w.fault({ id: 'K1', state: 'well' })
  await w.until(3, 30)
  // Found when everything is read again, half a day later.
  if (SCALE === 1) spoil(w)
  await w.until(4, 5)
  for (const id of ['converter', 'K2', 'K3']) await w.fault({ id, state: 'silent' })
  w.truth(['K2', 'K3'], at(4, 5), at(4, 40), 'link_down', 'media converter dead')
  await w.until(4, 40)
  for (const id of ['converter', 'K2', 'K3']) await w.fault({ id, state: 'well' })
  await w.until(6)
  w.kill('A')
  w.truth(['K1', 'K2', 'K3', 'K4', 'K5'], at(6), at(6, 25), 'agent_down', 'agent killed')
  await w.until(6, 25)
  await w.startAgent('A')
  await w.whole('A')
  await w.until(9)
  await w.set('K4', { enabled: false })
  w.truth(['K4'], at(9), at(9, 40), 'disabled', 'switched off by a person')
  await w.until(9, 40)
  await w.set('K4', { enabled: true })
  await w.until(11)
  await w.set('K5', { agentId: w.agentIds.get('B')! })
  w.handovers.push({ camera: 'K5', at: at(11), mostMs: 20_000 })
}

async function afternoon (w: DayWorld, disk: { path: string, hidden: string } | null) {
  const onDisk = ['K5', 'K6', 'K7']
  if (disk) {
    await w.until(13)
    const filler = join(disk.hidden, 'filler')
    const free = Number(spawnSync('stat', ['-f', '-c', '%a', disk.hidden], { encoding: 'utf8' }).stdout) * 4096
    spawnSync('fallocate', ['-l', String(free - 8 * 2 ** 20), filler])
    w.truth(onDisk, at(13), at(13, 25), 'disk_full', 'disk full, all of it held', 90_000)
    await w.until(13, 25)
    rmSync(filler)
    await w.until(15)
    spawnSync('umount', ['-l', disk.path])
    w.truth(onDisk, at(15), at(15, 20), 'volume_missing', 'disk unplugged', 90_000)
    await w.until(15, 20)
    spawnSync('mount', ['--bind', disk.hidden, disk.path])
  }
  await w.until(16)
  w.kill('server')
  await w.until(16, 30)
  await w.serverBack()
  await w.until(18, 10)
  await w.fault({ id: 'K1', state: 'locked' })
  w.truth(['K1'], at(18, 10), at(18, 25), 'authentication_failed', 'another password')
  if (SCALE === 1) w.truth(['K7'], at(18), at(19), 'not_scheduled', 'not scheduled')
  await w.until(18, 25)
  await w.fault({ id: 'K1', state: 'well' })
  await w.until(20)
  await w.fault({ id: 'K4', state: 'stalled' })
  w.truth(['K4'], at(20), at(20, 15), 'stream_failed', 'camera sends nothing')
  await w.until(20, 15)
  await w.fault({ id: 'K4', state: 'well' })
  await w.until(21)
  w.conductor.setClock('A', HOUR * SCALE)
  w.truth(['K1', 'K2', 'K3', 'K4'], at(21), at(22), 'clock_stepped', 'clock of the agent set an hour on', 5000)
  await w.until(22, 30)
  w.conductor.setClock('A', 0)
  await w.until(24, 2)
}

async function compare (w: DayWorld) {
  // A session lasts for half a day.
  await w.signInAgain()
  const names = new Map([...w.ids].map(([camera, id]) => [id, camera]))
  const { rows } = await w.client.call<Timeline>('GET', `/timeline?deviceIds=${[...w.ids.values()].join(',')}&from=${T0}&to=${T0 + DAY_MS}&points=4000`)
  const shown = rows.flatMap(r => r.gaps.map((g): Shown => ({ camera: names.get(r.deviceId)!, from: g.from, to: g.to, cause: g.cause, detail: g.detail })))
  const { judged, invented } = compareDay(w.acts, shown, w.handovers)
  const { items } = await w.client.call<{ items: Availability[] }>('GET', `/recording/availability?fromDay=${DAY}&toDay=${DAY}`)
  const elapsedMs = Math.min(DAY_MS, w.conductor.now - T0)
  const availability = cameras.map(({ id }) => {
    const told = items.find(a => a.deviceId === w.ids.get(id))?.percent ?? null
    const expected = round(expectedPercent(w.acts.filter(a => a.camera === id), elapsedMs), 2)
    return { camera: id, told, expected, right: told !== null && Math.abs(told - expected) <= 0.2 / SCALE }
  })
  return { judged, invented, availability }
}

function print ({ judged, invented, availability }: Awaited<ReturnType<typeof compare>>) {
  const lines = judged.sort((a, b) => a.from - b.from || a.camera.localeCompare(b.camera)).map(j => [j.right ? 'ok ' : 'BAD', j.camera, j.what.padEnd(34), j.cause.padEnd(22), `${clockText(j.from)}-${clockText(j.to)}`, 'shown', `${clockText(j.shownFrom)}-${clockText(j.shownTo)}`, ...j.others].join(' '))
  for (const g of invented) lines.push(`BAD ${g.camera} invented: ${g.cause} ${clockText(g.from)}-${clockText(g.to)} ${g.detail}`)
  for (const a of availability) lines.push(`${a.right ? 'ok ' : 'BAD'} ${a.camera} availability ${a.told} %, expected ${a.expected} %`)
  process.stderr.write(`${lines.join('\n')}\n`)
}

export async function run (): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'kalancha-bench-day-'))
  const started = new Started()
  const about = machine()
  const began = performance.now()
  started.add(() => rmSync(folder, { recursive: true, force: true }))
  // What survives a power cut is another benchmark's matter: in memory, a day does not wait for the disk a hundred thousand times.
  if (userInfo().uid === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4g', 'kalancha-bench', folder]).status === 0) started.add(() => { spawnSync('umount', ['-l', folder]) })
  try {
    const w = new DayWorld(folder, started)
    await w.begin()
    await enter(w)
    const disk = await giveDisk(w)
    for (const name of ['A', 'B']) await w.whole(name)
    await w.until(0)
    await morning(w)
    await afternoon(w, disk)
    const result = await compare(w)
    print(result)
    const bad = result.judged.filter(j => !j.right).length + result.invented.length
    return {
      machine: about, day: DAY, shareOfADay: SCALE, cameras: cameras.length, tookS: round((performance.now() - began) / 1000), steps: w.conductor.steps, rounds: w.conductor.rounds,
      acts: result.judged.length, right: result.judged.filter(j => j.right).length, invented: result.invented.length, availabilityRight: result.availability.filter(a => a.right).length, notDone: w.notDone,
      bars: { wrongAtMost: 0, met: bad === 0 && result.availability.every(a => a.right) }
    }
  } finally { await started.stop() }
}
