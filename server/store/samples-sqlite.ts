/** Samples in their own SQLite file, written by a worker thread once a second. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { childModule } from '../../lib/child-module.js'
import type { Log } from '../../lib/log.js'
import type { SeriesAnswer } from '../contract/health.js'
import { Latest, type SampleStore } from './samples.js'
import type { WireRow, WorkerAnswer, WorkerRequest } from './samples-worker.js'

const GROUP_COMMIT_MS = 1_000
/** Groups on their way to a disk that does not keep up; what comes on top is dropped and counted. */
const GROUPS_AT_MOST = 20
const RESTART_MS = 1_000

/** From source (tests), tsx must be registered inside the thread: `--import tsx` does nothing there. */
function startThread (workerData: { file: string }) {
  const { path, execArgv } = childModule(import.meta.url, './samples-worker')
  if (!path.endsWith('.ts')) return new Worker(path, { workerData, execArgv })
  const entry = `import('tsx/esm/api').then(tsx => { tsx.register(); return import(${JSON.stringify(pathToFileURL(path).href)}) })`
  return new Worker(entry, { workerData, eval: true })
}

type Request = WorkerRequest extends infer R ? R extends { id: number } ? Omit<R, 'id'> : never : never
type Result = WorkerAnswer['result']

/** The thread with its questions and answers; a thread that died is started again. */
function startWorker (file: string, log: Log) {
  const waiting = new Map<number, { resolve: (r: Result) => void, reject: (err: Error) => void }>()
  let lastId = 0
  let closing = false
  let restart: NodeJS.Timeout | undefined
  let worker: Worker | null
  const api = {
    /** Bumped by each start: the new thread's dictionary knows nothing. */
    generation: 0,
    ask (request: Request): Promise<Result> {
      const current = worker
      if (!current) return Promise.reject(new Error('The sample store is restarting'))
      const id = ++lastId
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        current.postMessage({ ...request, id })
      })
    },
    async close () {
      closing = true
      clearTimeout(restart)
      if (!worker) return
      await api.ask({ op: 'close' }).catch(() => {})
      await worker?.terminate()
    }
  }

  function start () {
    api.generation++
    const started = startThread({ file })
    worker = started
    started.on('message', ({ id, result, error }: WorkerAnswer) => {
      const asked = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) asked?.resolve(result)
      else asked?.reject(new Error(error))
    })
    started.on('error', err => log.error({ err }, 'the sample store failed'))
    started.on('exit', () => {
      worker = null
      for (const { reject } of waiting.values()) reject(new Error('The sample store stopped'))
      waiting.clear()
      if (!closing) restart = setTimeout(start, RESTART_MS)
    })
  }
  start()
  return api
}

export function openSqliteSamples (file: string, log: Log): SampleStore & { readonly droppedRows: number } {
  mkdirSync(dirname(file), { recursive: true })
  const worker = startWorker(file, log)
  const latest = new Latest()
  let pending: WireRow[] = []
  let known = new Set<string>()
  let generation = worker.generation
  let groups = 0
  let droppedRows = 0

  function flush () {
    if (pending.length === 0) return
    const rows = pending
    pending = []
    if (groups >= GROUPS_AT_MOST) {
      droppedRows += rows.length
      return
    }
    groups++
    worker.ask({ op: 'write', rows }).catch((err: Error) => {
      droppedRows += rows.length
      // Names that went with this group may be missing: send them all again.
      known = new Set()
      log.warn({ err, rows: rows.length }, 'samples were not written')
    }).finally(() => { groups-- })
  }
  const timer = setInterval(flush, GROUP_COMMIT_MS)

  return {
    get droppedRows () { return droppedRows },
    write (sets) {
      if (generation !== worker.generation || known.size > 50_000) [known, generation] = [new Set(), worker.generation]
      for (const set of sets) {
        const row = latest.take(set)
        pending.push({ ...row, names: known.has(row.namesKey) ? null : row.names })
        known.add(row.namesKey)
      }
    },
    async query (request) {
      flush()
      return await worker.ask({ op: 'query', request }) as SeriesAnswer
    },
    latest: deviceId => latest.of(deviceId),
    async prune (beforeMs) { return await worker.ask({ op: 'prune', beforeMs }) as number },
    async close () {
      clearInterval(timer)
      flush()
      await worker.close()
    }
  }
}
