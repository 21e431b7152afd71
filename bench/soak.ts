/**
 * `npm run bench soak`: the demonstration watched in Chromium for ten minutes (KALANCHA_SOAK_MINUTES) while the town breaks and heals.
 * Says what the wall and the API showed at each fault, and how the memory of each program went.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { askTown, type FaultRequest } from '../fixtures/town/control.js'
import { projectRoot } from '../lib/project-root.js'
import type { Alarm } from '../server/contract/health.js'
import type { Device } from '../server/contract/inventory.js'
import { DemoClient } from '../tools/demo/client.js'
import { openScreen } from './lib/browser.js'
import { startProgram, until } from './lib/processes.js'
import { freePort, Started } from './lib/system.js'

interface Act extends FaultRequest {
  /** Seconds until it is looked at. */
  settleS: number
  expect: string
  holds: (seen: Seen) => boolean
}
interface Seen { notUp: Record<string, string>, alarms: string[], tiles: Record<string, string> }

const tile = (seen: Seen, name: string) => Object.entries(seen.tiles).find(([label]) => label.includes(name))?.[1] ?? 'none'
const calm = (seen: Seen) => Object.keys(seen.notUp).length === 0 && seen.alarms.length === 0 && Object.values(seen.tiles).every(show => show === 'live')

const acts: Act[] = [
  { fault: 'cut', target: 'S2-S5', settleS: 20, expect: 'one alarm, on the port; four devices unreachable; their tiles not live', holds: s =>
    s.alarms.length === 1 && s.alarms[0]!.startsWith('port_down') && Object.values(s.notUp).filter(v => v === 'unreachable').length === 4 && tile(s, 'Набережна') !== 'live' },
  { fault: 'heal', target: 'all', settleS: 60, expect: 'all up, no alarm, every tile live', holds: calm },
  { fault: 'cover', target: 'C03', settleS: 150, expect: 'degraded, one alarm that says the picture is covered; its tile live', holds: s => s.alarms.length === 1 && s.alarms[0]!.startsWith('picture_fault covered') && Object.keys(s.notUp).length === 1 && tile(s, 'ратуша') === 'live' },
  { fault: 'heal', target: 'all', settleS: 60, expect: 'as before', holds: calm },
  { fault: 'freeze', target: 'C04', settleS: 20, expect: 'degraded, one alarm, tile stale', holds: s => s.alarms.length === 1 && s.alarms[0]!.startsWith('stream_down') && tile(s, 'фонтан') !== 'live' },
  { fault: 'heal', target: 'all', settleS: 60, expect: 'all up again', holds: calm },
  { fault: 'reboot', target: 'C07', seconds: 20, settleS: 15, expect: 'one alarm for the camera, tile not live', holds: s => s.alarms.length === 1 && tile(s, 'зала очікування') !== 'live' },
  { fault: 'heal', target: 'all', settleS: 60, expect: 'back by itself', holds: calm },
  { fault: 'reboot', target: 'S6', seconds: 20, settleS: 15, expect: 'no camera alarm behind the switch', holds: s => s.alarms.length <= 2 && s.alarms.every(a => !a.startsWith('stream')) },
  { fault: 'heal', target: 'all', settleS: 75, expect: 'all up; at most the note that it restarted', holds: s => Object.keys(s.notUp).length === 0 && s.alarms.every(a => a.startsWith('restarted')) }
]

/** Resident memory of a process tree, MB, by program. */
function memoryMb (roots: number[]) {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' }).trim().split('\n').map(line => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line)!).map(m => ({ pid: Number(m[1]), parent: Number(m[2]), rss: Number(m[3]), args: m[4]! }))
  const wanted = new Set(roots)
  for (let grew = true; grew;) {
    grew = false
    for (const p of lines) if (wanted.has(p.parent) && !wanted.has(p.pid)) { wanted.add(p.pid); grew = true }
  }
  const sums: Record<string, number> = {}
  for (const p of lines.filter(l => wanted.has(l.pid))) {
    const name = /dist\/([\w/-]+)\.js/.exec(p.args)?.[1] ?? (/chrom/.test(p.args) ? `chromium ${/--type=([\w-]+)/.exec(p.args)?.[1] ?? 'browser'}` : /ffmpeg/.test(p.args) ? 'ffmpeg' : 'other')
    sums[name] = Math.round((sums[name] ?? 0) + p.rss / 1024)
  }
  return sums
}

/** In the page: what each tile shows, by the camera's name. A string, since this side knows no DOM. */
const tilesShown = `Object.fromEntries([...document.querySelectorAll('[data-show]')].map(view => {
  let at = view
  while (at && !at.querySelector('[data-cell]')) at = at.parentElement
  return [at?.querySelector('[data-cell]').title ?? '', view.dataset.show]
}))`

export async function run (): Promise<object> {
  const minutes = Number(process.env.KALANCHA_SOAK_MINUTES ?? 10)
  const started = new Started()
  try {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-soak-'))
    started.add(() => rmSync(dataDir, { recursive: true, force: true }))
    const [port, control] = [await freePort(), await freePort()]
    let ready = false
    const demo = startProgram(join(projectRoot(), 'dist/tools/demo/main.js'), [], {
      env: { KALANCHA_PORT: String(port), KALANCHA_DATA: dataDir, KALANCHA_TOWN_NET: '127.46', KALANCHA_TOWN_CONTROL: String(control) }, onLine: line => { ready ||= line.includes('Kalancha runs') }
    })
    started.add(() => demo.stop())
    await until('the demonstration', 180_000, () => ready || null, demo)
    const login = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as { login: string, password: string }
    const client = new DemoClient(`http://localhost:${port}`)
    await client.call('POST', '/session', { login: login.login, password: login.password })
    const screen = await openScreen({ port, login: { login: login.login, password: login.password } }, { width: 1920, height: 1080 })
    started.add(() => screen.close())
    const { page } = screen
    await page.goto(`http://localhost:${port}/`)

    const look = async (): Promise<Seen> => {
      const { items } = await client.call<{ items: Device[] }>('GET', '/devices?limit=100')
      const open = await client.call<{ items: Alarm[] }>('GET', '/alarms?status=open')
      const tiles = await page.evaluate(tilesShown) as Record<string, string>
      return {
        notUp: Object.fromEntries(items.filter(d => d.state.state !== 'up').map(d => [d.name, d.state.state])),
        alarms: open.items.map(a => `${a.condition} ${a.subject} ${a.deviceName} (+${a.affectedCount})`), tiles
      }
    }
    await wait(30_000)
    const startedAt = performance.now()
    const memory: { atS: number, mb: Record<string, number>, pageHeapMb: number }[] = []
    const note = async () => {
      const heap = await page.evaluate(() => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0)
      memory.push({ atS: Math.round((performance.now() - startedAt) / 1000), mb: memoryMb([demo.pid, screen.pid]), pageHeapMb: Math.round(heap / 2 ** 20) })
    }
    const shown: object[] = [{ act: 'start', ...await look() }]
    await note()
    for (const act of acts) {
      await askTown(control, { fault: act.fault, target: act.target, ...(act.seconds === undefined ? {} : { seconds: act.seconds }) })
      await wait(act.settleS * 1000)
      const seen = await look()
      const held = act.holds(seen)
      shown.push({ act: `${act.fault} ${act.target}`, expect: act.expect, held, ...(held ? { alarms: seen.alarms } : seen) })
      await note()
    }
    while (performance.now() - startedAt < minutes * 60_000) {
      await wait(20_000)
      await note()
    }
    const last = memory.at(-1)!
    const growthMb = Object.fromEntries(Object.keys(last.mb).map(name => [name, last.mb[name]! - (memory[Math.floor(memory.length / 3)]!.mb[name] ?? 0)]))
    return {
      minutes, acts: acts.length, held: shown.filter(s => (s as { held?: boolean }).held).length, shown, pageErrors: screen.errors,
      memoryFirst: memory[0], memoryLast: last, growthMbInLastTwoThirds: growthMb, pageHeapMb: memory.map(m => m.pageHeapMb)
    }
  } finally {
    await started.stop()
  }
}
