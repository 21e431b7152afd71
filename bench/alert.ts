/**
 * `alert`: from the moment the agent saw a port go down (or come back) to the row in the alarm list of a real wall page, with 50
 * walls connected: 49 clients in another process and one Chromium, which plays four cameras meanwhile.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { childModule } from '../lib/child-module.js'
import type { Agent } from '../server/contract/agent-link.js'
import type { Device } from '../server/contract/inventory.js'
import type { FromWalls, Heard } from './lib/alert-messages.js'
import { openScreen } from './lib/browser.js'
import { machine, spread, under } from './lib/figures.js'
import { Started, startSystem, type System } from './lib/system.js'
import { openAlarmList, rowChange } from './lib/watch-alarms.js'

const OTHER_WALLS = 49
/** Each port is cut and healed once a round: a third raising within ten minutes would count as flapping. */
const ROUNDS = 2
const CAMERAS = 15
const STATUS_INTERVAL_S = 1
const WITHIN_MS = 20_000

interface Walls { child: ChildProcess, next (deviceId: string, port: string, raised: boolean): Promise<Heard>, all (): Promise<Heard[]> }

/** Forks the other walls and waits until all of them have their snapshot. */
async function startWalls (origin: string, cookie: string, started: Started): Promise<Walls> {
  const { path, execArgv } = childModule(import.meta.url, './lib/alert-walls')
  const child = fork(path, [origin, String(OTHER_WALLS)], { execArgv, env: { ...process.env, KALANCHA_BENCH_COOKIE: cookie } })
  started.add(async () => { if (child.connected) { child.disconnect(); await once(child, 'exit') } })
  const waiting = new Map<string, (heard: Heard) => void>()
  let all = (_: Heard[]) => {}
  let joined = () => {}
  const allJoined = new Promise<void>((resolve, reject) => { joined = resolve; child.once('exit', code => reject(new Error(`The other walls ended with ${code}`))) })
  child.on('message', (m: FromWalls) => {
    if (m.type === 'joined') joined()
    else if (m.type === 'all') all(m.heard)
    else waiting.get(`${m.deviceId} ${m.port} ${m.raised}`)?.(m)
  })
  await allJoined
  return {
    child,
    next: (deviceId, port, raised) => new Promise((resolve, reject) => {
      const key = `${deviceId} ${port} ${raised}`
      const timer = setTimeout(() => reject(new Error(`No wall heard of ${key}`)), WITHIN_MS)
      waiting.set(key, heard => { clearTimeout(timer); waiting.delete(key); resolve(heard) })
    }),
    all: () => new Promise(resolve => { all = resolve; child.send('all') })
  }
}

async function sessionCookie (origin: string, login: System['login']) {
  const answer = await fetch(`${origin}/api/v1/session`, { method: 'POST', headers: { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }, body: JSON.stringify(login) })
  return answer.headers.getSetCookie().map(c => c.split(';')[0]!).join('; ')
}

interface Measured { raised: boolean, faultAt: number, seenAt: number, dom: number, shown: number }

/** One port down or up, followed to the page. The pause keeps the fault out of step with the polling. */
async function follow (system: System, walls: Walls, page: Page, { camera, switchId, port, raised }: { camera: string, switchId: string, port: string, raised: boolean }): Promise<Measured> {
  await wait(200 + Math.random() * 1000)
  const told = walls.next(switchId, port, raised)
  told.catch(() => { /* thrown below */ })
  const faultAt = Date.now()
  await system.fault({ fault: raised ? 'cut' : 'heal', target: camera })
  const { alarmId, seenAt } = await told
  const { dom, shown } = await rowChange(page, alarmId, raised, WITHIN_MS)
  return { raised, faultAt, seenAt, dom, shown }
}

async function measure (system: System, walls: Walls, page: Page) {
  const { items } = await system.client.call<{ items: Device[] }>('GET', '/devices?kind=switch&limit=100')
  const idOf = new Map(system.plan.switches.map(s => [s.id, items.find(d => d.address === s.address)!.id]))
  for (const d of items) await system.client.call('PATCH', `/devices/${d.id}`, { switch: { ...d.switch, statusIntervalS: STATUS_INTERVAL_S } })
  await wait(10_000)
  const measured: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const c of system.plan.cameras) {
      for (const raised of [true, false]) measured.push(await follow(system, walls, page, { camera: c.id, switchId: idOf.get(c.switchId)!, port: c.port, raised }))
    }
  }
  return measured
}

function figuresOf (measured: Measured[], heard: Heard[]) {
  const since = (from: 'seenAt' | 'faultAt', to: 'dom' | 'shown', of = measured) => spread(of.map(m => m[to] - m[from]))
  return {
    seenToDom: since('seenAt', 'dom'), seenToScreen: since('seenAt', 'shown'),
    down: since('seenAt', 'dom', measured.filter(m => m.raised)), up: since('seenAt', 'dom', measured.filter(m => !m.raised)),
    seenToOtherWalls: spread(heard.flatMap(h => h.heardAt.map(at => at - h.seenAt))),
    faultToDom: since('faultAt', 'dom')
  }
}

export async function run (): Promise<object> {
  const on = machine()
  const started = new Started()
  try {
    const system = await startSystem({ net: '127.42', cameras: CAMERAS })
    started.add(() => system.stop())
    const origin = `http://127.0.0.1:${system.port}`
    const walls = await startWalls(origin, await sessionCookie(origin, system.login), started)
    const screen = await openScreen(system)
    started.add(() => screen.close())
    await openAlarmList(screen.page, system)
    const figures = figuresOf(await measure(system, walls, screen.page), await walls.all())
    const agent = (await system.client.call<Agent[]>('GET', '/agents')).find(a => a.embedded)
    return {
      machine: on, walls: OTHER_WALLS + 1, changes: figures.seenToDom.count, statusIntervalS: STATUS_INTERVAL_S, agentClockOffsetMs: agent?.clockOffsetMs ?? null,
      bars: { seenToDomP99Ms: under(figures.seenToDom.p99Ms, 500) }, ...figures, pageErrors: screen.errors
    }
  } finally {
    await started.stop()
  }
}
