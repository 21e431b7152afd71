/**
 * Loaded before a program (`node --import`): its clock and its timers go as the conductor says (day-conductor.ts), so that the real programs live
 * through a day in minutes. Time moves on only when every program has done what was due; what is read, written and computed takes none of it.
 */
import { readFileSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { performance } from 'node:perf_hooks'

const require = createRequire(import.meta.url)
const [realImmediate, realTimeout] = [setImmediate, setTimeout]
let now = Number(readFileSync(process.env.DAY_CLOCK_TIME!, 'utf8'))
/** The wall clock of this machine is wrong by so much. */
let offsetMs = 0
const beganAt = now - 1000

type Work = (...args: unknown[]) => void
class VirtualTimer {
  due: number
  constructor (readonly work: Work, readonly args: unknown[], readonly ms: number, readonly again: boolean) {
    this.due = now + ms
    if (ms > 1 || again) timers.add(this)
    else realImmediate(() => { if (!this.cleared) run(this) })
  }
  cleared = false
  ref () { return this }
  unref () { return this }
  hasRef () { return true }
  refresh () {
    this.due = now + this.ms
    if (!this.cleared) timers.add(this)
    return this
  }
  close () { clear(this) }
  [Symbol.toPrimitive] () { return 0 }
}
const timers = new Set<VirtualTimer>()
function clear (timer: unknown) {
  if (!(timer instanceof VirtualTimer)) return
  timer.cleared = true
  timers.delete(timer)
}
function run (timer: VirtualTimer) {
  try { timer.work(...timer.args) } catch (err) { queueMicrotask(() => { throw err }) }
}
const span = (ms: unknown) => Math.max(1, Number(ms) || 1)
const after = (work: Work, ms?: unknown, ...args: unknown[]) => new VirtualTimer(work, args, span(ms), false)
const every = (work: Work, ms?: unknown, ...args: unknown[]) => new VirtualTimer(work, args, span(ms), true)

interface WaitOptions { signal?: AbortSignal }
const wait = (ms?: number, value?: unknown, { signal }: WaitOptions = {}) => new Promise((resolve, reject) => {
  const aborted = () => { clear(timer); reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' })) }
  const timer = after(() => { signal?.removeEventListener('abort', aborted); resolve(value) }, ms)
  if (signal?.aborted) return aborted()
  signal?.addEventListener('abort', aborted, { once: true })
})

const { now: _realNow, ...RealDate } = { now: Date.now, Date }
RealDate.Date.now = () => now + offsetMs
globalThis.Date = new Proxy(RealDate.Date, { construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now + offsetMs], newTarget) as object })
Object.defineProperty(performance, 'now', { value: () => now - beganAt, configurable: true })
const nodeTimers = require('node:timers') as Record<string, unknown>
for (const [name, value] of Object.entries({ setTimeout: after, setInterval: every, clearTimeout: clear, clearInterval: clear })) {
  nodeTimers[name] = value
  ;(globalThis as Record<string, unknown>)[name] = value
}
;(require('node:timers/promises') as Record<string, unknown>).setTimeout = wait
AbortSignal.timeout = ms => {
  const abort = new AbortController()
  after(() => abort.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms)
  return abort.signal
}
syncBuiltinESMExports()

/** Everything that is due, each once, oldest first. */
async function advance () {
  const due = [...timers].filter(t => t.due <= now).sort((a, b) => a.due - b.due)
  for (const timer of due) {
    if (timer.cleared) continue
    if (timer.again) timer.due = now + timer.ms
    else timers.delete(timer)
    run(timer)
    await null
  }
}
const turn = () => new Promise<void>(resolve => { realImmediate(resolve) })
/** A disk that hangs must not stop the day. */
const MOST_WAITS = 3000
let eventsBefore = 0
const worksOnFiles = () => process.getActiveResourcesInfo().some(name => name.startsWith('FSReq') || name === 'CloseReq')
/** Work on files takes no time, as far as it can be waited for. */
async function settle () {
  await turn()
  for (let i = 0; i < MOST_WAITS && worksOnFiles(); i++) await (i < 10 ? turn() : new Promise(resolve => { realTimeout(resolve, 1) }))
}
/** Whether something came in since the last time. */
function isBusy (): boolean {
  const { events } = (performance.nodeTiming as unknown as { uvMetricsInfo: { events: number } }).uvMetricsInfo
  // One event is the conductor's own word.
  const happened = events - eventsBefore > 1
  eventsBefore = events
  return happened
}

const conductor = connect(process.env.DAY_CLOCK_SOCKET!)
conductor.on('error', () => process.exit(0))
conductor.write(`${process.env.DAY_CLOCK_NAME} ${process.pid} ${process.argv[1]}\n`)
let turning = Promise.resolve()
createInterface({ input: conductor }).on('line', line => {
  const [to, offset] = line.split(' ').map(Number) as [number, number]
  turning = turning.then(async () => {
    offsetMs = offset
    // What came before this moment is heard in its own time.
    await settle()
    if (to > now) {
      now = to
      await advance()
    }
    await settle()
    const holds = (globalThis as { holdsTheDay?: () => boolean }).holdsTheDay?.() ?? false
    conductor.write(`${holds ? 2 : Number(isBusy())}\n`)
  })
})
