/** The time of a simulated day for several programs at once: see day-clock.ts. Real seconds go by between two passes, so that programs can start and answer. */
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { childModule } from '../../lib/child-module.js'

/** Below what the programs hold for silence. */
const STEP_MS = 4000
/** The first after time went slowly: a picture each two seconds must not be further away than a step. */
const FIRST_STEP_MS = 2000
/** Programs that matter little to the day are told the time each so many steps only. */
const BYSTANDERS_EVERY = 5
const IDLE_TICK_MS = 100
/** After something was done to the day, conversations must not take time; in between, a word may be heard a step later. */
const LIVELY_MS = 60_000
/** Programs that never come to rest must not stop the day. */
const MOST_ROUNDS = 60

interface Follower { name: string, pid: number, bystander: boolean, socket: Socket, answered: ((busy: number) => void) | null }

export class Conductor {
  now: number
  rounds = 0
  steps = 0
  #followers = new Set<Follower>()
  #offsets = new Map<string, number>()
  #server: Server
  #idle: NodeJS.Timeout
  /** One after the other: passes and the ticks between them. */
  #turn: Promise<unknown> = Promise.resolve()
  #passing = false
  #livelyUntil = Number.POSITIVE_INFINITY

  constructor (private readonly folder: string, startAt: number) {
    this.now = startAt
    this.#keepTime()
    this.#server = createServer(socket => this.#join(socket)).listen(join(folder, 'clock.sock'))
    this.#idle = setInterval(() => { if (!this.#passing) void this.#next(() => this.#tick(IDLE_TICK_MS)) }, IDLE_TICK_MS)
  }

  /** For a program and its children that are to live in this time. */
  env (name: string): Record<string, string> {
    return {
      NODE_OPTIONS: `--import=${pathToFileURL(childModule(import.meta.url, './day-clock').path).href}`,
      DAY_CLOCK_SOCKET: join(this.folder, 'clock.sock'), DAY_CLOCK_TIME: join(this.folder, 'clock.time'), DAY_CLOCK_NAME: name
    }
  }
  pids (name: string): number[] { return [...this.#followers].filter(f => f.name === name).map(f => f.pid) }
  /** The wall clock of these programs' machine is set. */
  setClock (name: string, offsetMs: number) { this.#offsets.set(name, offsetMs) }

  /** Moves time to a moment as fast as the programs can follow. */
  async passUntil (at: number) {
    this.#passing = true
    this.#livelyUntil = this.now + LIVELY_MS
    try {
      await this.#next(async () => {
        for (let step = FIRST_STEP_MS; this.now < at; step = STEP_MS) await this.#tick(Math.min(step, at - this.now))
      })
    } finally {
      this.#passing = false
      this.#livelyUntil = Number.POSITIVE_INFINITY
    }
  }

  close () {
    clearInterval(this.#idle)
    for (const f of this.#followers) f.socket.destroy()
    this.#server.close()
  }

  #next<T> (work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => {})
    return mine
  }

  async #tick (ms: number) {
    this.now += ms
    this.#keepTime()
    const all = this.steps++ % BYSTANDERS_EVERY === 0
    // The cameras last: a picture that comes to a program before its time does would leave the next step without one.
    const [first, last] = [(f: Follower) => f.name !== 'town' && (all || !f.bystander), (f: Follower) => f.name === 'town']
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const busiest = Math.max(await this.#ask(first), await this.#ask(last))
      if (busiest < (this.now < this.#livelyUntil ? 1 : 2)) return
    }
  }

  async #ask (whom: (f: Follower) => boolean): Promise<number> {
    this.rounds++
    const answers = await Promise.all([...this.#followers].filter(whom).map(f => new Promise<number>(resolve => {
      f.answered = resolve
      f.socket.write(`${this.now} ${this.#offsets.get(f.name) ?? 0}\n`)
    })))
    return Math.max(0, ...answers)
  }

  /** For programs that begin: they need the time before they can ask. */
  #keepTime () { writeFileSync(join(this.folder, 'clock.time'), String(this.now)) }

  #join (socket: Socket) {
    let follower: Follower | null = null
    socket.on('error', () => {})
    createInterface({ input: socket }).on('error', () => {}).on('line', line => {
      if (follower) {
        follower.answered?.(Number(line))
        follower.answered = null
        return
      }
      const [name = '', pid = '', module = ''] = line.split(' ')
      follower = { name, pid: Number(pid), bystander: /footage|snmp/.test(module), socket, answered: null }
      this.#followers.add(follower)
    })
    socket.on('close', () => {
      if (!follower) return
      this.#followers.delete(follower)
      follower.answered?.(0)
    })
  }
}
