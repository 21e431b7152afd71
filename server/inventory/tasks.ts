/** Long work that a person started and waits for. In memory: after a restart it is simply started again. */
import { newId } from '../../lib/ids.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Task } from '../contract/agent-link.js'
import type { Actor } from '../identity/actor.js'
import { notFound, ServiceProblem } from '../problems.js'

const KEPT_MS = 10 * 60_000
const MAX_RUNNING = 4
const MAX_DETAIL = 500

/** Failed work with a cause to show. */
export class TaskFailure extends Error {
  override name = 'TaskFailure'
  constructor (readonly code: string, readonly detail: string) { super(detail) }
}

export interface TaskWork {
  kind: string
  deadlineMs: number
  run (control: { onProgress (progress: unknown): void, signal: AbortSignal }): Promise<unknown>
  /** Shown before the first progress. */
  initialProgress: unknown
}
export interface Tasks {
  start (actor: Actor, work: TaskWork): Task
  /** Only its starter sees it; to others, and ten minutes after its end, it does not exist. */
  get (actor: Actor, id: string): Task
  /** Without effect on one that has ended. */
  cancel (actor: Actor, id: string): Task
  /** Cancels everything; for the end of the server. */
  stop (): void
}

interface Entry { task: Task, userId: string, abort: AbortController, timer: NodeJS.Timeout }

export function createTasks ({ clock, log }: { clock: Clock, log: Log }): Tasks {
  const entries = new Map<string, Entry>()

  function forgetOld () {
    for (const [id, { task }] of entries) if (task.finishedAt !== null && clock.now() - task.finishedAt > KEPT_MS) entries.delete(id)
  }
  function find (actor: Actor, id: string) {
    forgetOld()
    const entry = entries.get(id)
    if (!entry || entry.userId !== actor.userId) throw notFound('task')
    return entry
  }
  /** Whichever comes first holds: the result, a failure, the deadline or the person. */
  function finish (entry: Entry, end: Pick<Task, 'status'> & Partial<Pick<Task, 'result' | 'failure'>>) {
    if (entry.task.status !== 'running') return
    clearTimeout(entry.timer)
    entry.task = { ...entry.task, ...end, finishedAt: clock.now() }
    entry.abort.abort(new ServiceProblem('gone', 'task_over', 'The task is over.'))
  }

  return {
    start (actor, work) {
      forgetOld()
      const running = [...entries.values()].filter(entry => entry.userId === actor.userId && entry.task.status === 'running')
      if (running.length >= MAX_RUNNING) throw new ServiceProblem('too_many', 'too_many_tasks', `At most ${MAX_RUNNING} tests and searches run at once for each person: wait for one or cancel it.`)
      const abort = new AbortController()
      const task: Task = { id: newId(), kind: work.kind, status: 'running', startedAt: clock.now(), finishedAt: null, progress: work.initialProgress, result: null, failure: null }
      const timer = setTimeout(() => finish(entry, { status: 'failed', failure: { code: 'timeout', detail: `Not finished within ${work.deadlineMs / 1000} s.` } }), work.deadlineMs)
      timer.unref()
      const entry: Entry = { task, userId: actor.userId, abort, timer }
      entries.set(task.id, entry)
      const onProgress = (progress: unknown) => { if (entry.task.status === 'running') entry.task = { ...entry.task, progress } }
      // A microtask later, so that work that throws at once fails its task and not the request.
      Promise.resolve().then(() => work.run({ onProgress, signal: abort.signal })).then(
        result => finish(entry, { status: 'done', result }),
        (err: unknown) => finish(entry, { status: 'failed', failure: failureOf(err, log, task) })
      )
      return task
    },
    get: (actor, id) => find(actor, id).task,
    cancel (actor, id) {
      const entry = find(actor, id)
      finish(entry, { status: 'cancelled' })
      return entry.task
    },
    stop () {
      for (const entry of entries.values()) finish(entry, { status: 'cancelled' })
    }
  }
}

/** An unexpected error's text may hold anything: only its kind is shown. */
function failureOf (err: unknown, log: Log, task: Task): { code: string, detail: string } {
  if (err instanceof ServiceProblem) return { code: err.code, detail: err.message.slice(0, MAX_DETAIL) }
  if (err instanceof TaskFailure) return { code: err.code, detail: err.detail.slice(0, MAX_DETAIL) }
  log.error({ err, taskId: task.id, kind: task.kind }, 'A task failed unexpectedly')
  return { code: 'internal', detail: 'The server could not do this; the log tells why.' }
}
