/** A server end with a real socket, an agent process and a counting ingest, for the link's stories. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, lt, and } from 'drizzle-orm'
import { systemClock } from '../../lib/clock.js'
import { newToken } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { projectRoot } from '../../lib/project-root.js'
import type { EnrolRequest, PlanDevice } from '../contract/agent-link.js'
import { openSqlite } from '../store/sqlite.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import { AgentLink, type AgentLinkDeps } from './agent-link.js'
import type { Batch } from './batch-queue.js'
import { Enrolment } from './enrolment.js'
import { addToken } from './registry.js'

export const quiet = makeLog('test', process.env.TEST_LOG || 'silent')

/** Commits like the real one: the number and what came with it in one transaction, and nothing twice. */
interface Ledger { seqs: number[], batches: Batch[] }

export async function startTestServer ({ folder = mkdtempSync(join(tmpdir(), 'link-')), plan = [] as PlanDevice[], port = 0, footage = { attach: (_id, socket) => { socket.terminate() }, cut () {} } as AgentLinkDeps['footage'] } = {}) {
  const store = openSqlite(join(folder, 'facts.sqlite'))
  const ledger: Ledger = { seqs: [], batches: [] }
  const events: ScopedWallEvent[] = []
  const seen = new Set<string>()
  const state = { plan, failIngest: 0, slowMs: 0 }
  const media = { attached: [] as string[], cut: [] as string[] }
  const link = new AgentLink({
    store, clock: systemClock, log: quiet, planFor: async () => state.plan, announce: e => events.push(...e),
    hooks: { seen: id => seen.add(id), status () {} },
    media: { attach: id => { media.attached.push(id) }, cut: id => { media.cut.push(id) } },
    footage,
    async ingest (agentId, batch) {
      if (state.failIngest-- > 0) throw new Error('the database is away')
      const taken = await store.transaction(async tx => {
        const { agents } = tx.t
        return (await tx.update(agents).set({ committedSeq: batch.seq }).where(and(eq(agents.id, agentId), lt(agents.committedSeq, batch.seq))).returning()).length === 1
      })
      if (!taken) throw new Error(`batch ${batch.seq} came twice to ingest`)
      ledger.seqs.push(batch.seq)
      ledger.batches.push(batch)
    }
  })
  const enrolment = new Enrolment({ store, clock: systemClock, announce: e => events.push(...e), cut: (id, message) => link.cut(id, message) })
  const http: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (c: Buffer) => chunks.push(c))
    request.on('end', () => {
      if (request.url === '/redirect') return void response.writeHead(302, { location: '/agent/v1' }).end()
      enrolment.enrol(JSON.parse(Buffer.concat(chunks).toString()) as EnrolRequest, '127.0.0.1')
        .then(answer => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
          (err: { code: string, message: string }) => response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ kind: err.code, detail: err.message })))
    })
  })
  http.on('upgrade', (request, socket, head) => {
    if (request.url === '/agent/v1') link.upgradeLink(request, socket, head)
    else if (request.url === '/agent/v1/media') link.upgradeMedia(request, socket, head)
    else if (request.url === '/agent/v1/footage') link.upgradeFootage(request, socket, head)
    else socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  })
  await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve))
  const { port: bound } = http.address() as AddressInfo
  return {
    folder, store, link, enrolment, ledger, events, seen, state, media, port: bound, url: `http://127.0.0.1:${bound}`,
    async token (name = 'North', embedded = false) {
      const token = newToken()
      await store.transaction(tx => addToken(tx, { token, name, embedded, createdBy: 'test', now: Date.now() }))
      return token
    },
    async stop ({ keep = false } = {}) {
      await link.stop()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
      await store.close()
      if (!keep) rmSync(folder, { recursive: true, force: true })
    }
  }
}
export type TestServer = Awaited<ReturnType<typeof startTestServer>>

/** The agent's program as a person starts it: the built one. */
export function startAgentProcess (args: string[], env: Record<string, string> = {}) {
  const path = join(projectRoot(), 'dist/agents/main.js')
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first`)
  const child: ChildProcess = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let output = ''
  child.stdout!.on('data', (d: Buffer) => { output += d; if (process.env.TEST_LOG) process.stdout.write(d) })
  child.stderr!.on('data', (d: Buffer) => { output += d; if (process.env.TEST_LOG) process.stdout.write(d) })
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  return { child, exited, output: () => output, async kill (signal: NodeJS.Signals = 'SIGKILL') { child.kill(signal); return exited } }
}
