/** `fanout`: one 500-byte alert to 500 walls over socket.io, websocket only, no deflate. The walls run in another process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { childModule } from '../lib/child-module.js'
import { systemClock } from '../lib/clock.js'
import { newId } from '../lib/ids.js'
import type { Alarm } from '../server/contract/health.js'
import type { Actor } from '../server/identity/actor.js'
import { openSqlite } from '../server/store/sqlite.js'
import { forEveryWall, type ScopedWallEvent } from '../server/store/wall-events.js'
import { createWall } from '../server/wall/wall.js'

const WALLS = 500
const ROUNDS = 100
const WARM_UP = 20
const PAUSE_MS = 150
const BYTES = 500

/** An alarm whose event is 500 bytes of JSON. */
function alert (seq: number): ScopedWallEvent {
  const alarm: Alarm = {
    id: newId(), deviceId: newId(), deviceName: 'Камера 17', deviceKind: 'switch', agentId: null, groupId: null, siteName: null, condition: 'port_down', subject: 'ge3', severity: 'major',
    raisedAt: Date.now(), clearedAt: null, acknowledgedAt: null, acknowledgedBy: null, acknowledgeComment: null, failure: { code: 'port_down', detail: '' }, affectedCount: 200
  }
  const event: ScopedWallEvent['event'] = { seq, at: Date.now(), change: { kind: 'alarm', alarm } }
  alarm.failure!.detail = 'x'.repeat(Math.max(0, BYTES - Buffer.byteLength(JSON.stringify(event))))
  return { event, scope: forEveryWall }
}

const answerOf = async (child: ChildProcess) => (await once(child, 'message'))[0] as { seq: number, at: string[] }
const rank = (sorted: number[], p: number) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!.toFixed(2))

export async function run (): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'kalancha-fanout-'))
  const store = openSqlite(join(folder, 'facts.db'))
  const actor: Actor = { userId: newId(), login: 'bench', roles: ['operator'], allGroups: true, groupIds: [], sessionId: newId(), ip: '127.0.0.1' }
  const wall = await createWall(store, systemClock, pino({ level: 'silent' }), {
    authenticate: async () => actor, sameOrigin: () => true, agentStatus: () => 'online', serverVersion: 'bench'
  })
  const server = createServer()
  wall.attach(server)
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const rssBefore = process.memoryUsage.rss()
  const { path, execArgv } = childModule(import.meta.url, './lib/fanout-clients')
  const child = fork(path, [`http://127.0.0.1:${(server.address() as AddressInfo).port}`, String(WALLS)], { execArgv })
  try {
    await answerOf(child)
    const latenciesMs: number[] = []
    let cpu = process.cpuUsage()
    for (let seq = 1; seq <= WARM_UP + ROUNDS; seq++) {
      await wait(PAUSE_MS)
      if (seq === WARM_UP + 1) cpu = process.cpuUsage()
      const event = alert(seq)
      const sentAt = process.hrtime.bigint()
      wall.publish([event])
      const { at } = await answerOf(child)
      if (seq > WARM_UP) latenciesMs.push(...at.map(t => Number(BigInt(t) - sentAt) / 1e6))
    }
    const used = process.cpuUsage(cpu)
    latenciesMs.sort((a, b) => a - b)
    return {
      bench: 'fanout', walls: WALLS, alerts: ROUNDS, alertBytes: BYTES, p50Ms: rank(latenciesMs, 0.5), p99Ms: rank(latenciesMs, 0.99), maxMs: rank(latenciesMs, 1),
      serverCpuMsAnAlert: Number(((used.user + used.system) / 1000 / ROUNDS).toFixed(2)), rssKiBAWall: Math.round((process.memoryUsage.rss() - rssBefore) / 1024 / WALLS)
    }
  } finally {
    child.disconnect()
    await once(child, 'exit')
    await wall.close()
    server.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(JSON.stringify(await run()))
