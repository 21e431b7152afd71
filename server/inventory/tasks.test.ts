import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pino } from 'pino'
import { ServiceProblem } from '../problems.js'
import { actorWith } from './inventory-fixture.js'
import { createTasks, TaskFailure, type TaskWork } from './tasks.js'

const me = actorWith(['administrator'])
const other = actorWith(['administrator'])
const settle = () => vi.advanceTimersByTimeAsync(0)

describe('a task', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })
  const clock = { time: 1_000_000, now () { return this.time } }
  const open = () => createTasks({ clock, log: pino({ level: 'silent' }) })
  const work = (run: TaskWork['run'], deadlineMs = 60_000): TaskWork => ({ kind: 'test', deadlineMs, initialProgress: [], run })
  const never = () => new Promise<never>(() => {})

  it('is followed by its starter and does not exist for anybody else', async () => {
    const tasks = open()
    let finish!: (value: unknown) => void
    const { id } = tasks.start(me, work(({ onProgress }) => { onProgress([1]); return new Promise(resolve => { finish = resolve }) }))
    await settle()
    expect(tasks.get(me, id)).toMatchObject({ status: 'running', progress: [1], result: null })
    expect(() => tasks.get(other, id)).toThrow(expect.objectContaining({ kind: 'not_found' }))
    expect(() => tasks.cancel(other, id)).toThrow(expect.objectContaining({ kind: 'not_found' }))
    finish({ ok: true })
    await settle()
    expect(tasks.get(me, id)).toMatchObject({ status: 'done', result: { ok: true }, finishedAt: clock.time })
  })
  it('ends at its deadline, and by the person, and tells the work', async () => {
    const tasks = open()
    const signals: AbortSignal[] = []
    const late = tasks.start(me, work(({ signal }) => { signals.push(signal); return never() }))
    const unwanted = tasks.start(me, work(({ signal }) => { signals.push(signal); return never() }))
    await settle()
    expect(tasks.cancel(me, unwanted.id)).toMatchObject({ status: 'cancelled' })
    expect(signals.map(s => s.aborted)).toEqual([false, true])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(tasks.get(me, late.id)).toMatchObject({ status: 'failed', failure: { code: 'timeout' } })
    expect(signals[0]!.aborted).toBe(true)
    expect(tasks.cancel(me, late.id)).toMatchObject({ status: 'failed' })
  })
  it('shows the cause of its failure, and nothing of an unexpected one', async () => {
    const tasks = open()
    const failing = (err: unknown) => tasks.start(me, work(async () => { throw err })).id
    const ids = [failing(new TaskFailure('protocol_error', 'odd')), failing(new ServiceProblem('unavailable', 'connection_refused', 'no')), failing(new Error('password=hush'))]
    await settle()
    expect(ids.map(id => tasks.get(me, id).failure)).toEqual([{ code: 'protocol_error', detail: 'odd' }, { code: 'connection_refused', detail: 'no' }, { code: 'internal', detail: expect.not.stringContaining('hush') }])
  })
  it('is one of at most four for each person, and is forgotten ten minutes after its end', async () => {
    const tasks = open()
    const ids = [1, 2, 3, 4].map(() => tasks.start(me, work(never)).id)
    expect(() => tasks.start(me, work(never))).toThrow(expect.objectContaining({ kind: 'too_many' }))
    tasks.start(other, work(never))
    tasks.cancel(me, ids[0]!)
    tasks.start(me, work(never))
    clock.time += 10 * 60_000
    expect(tasks.get(me, ids[0]!).status).toBe('cancelled')
    clock.time += 1
    expect(() => tasks.get(me, ids[0]!)).toThrow()
    expect(tasks.get(me, ids[1]!).status).toBe('running')
    tasks.stop()
    expect(tasks.get(me, ids[1]!).status).toBe('cancelled')
  })
})
