import { childModule } from '../../lib/child-module.js'
import type { Log } from '../../lib/log.js'
import { superviseChild } from '../../lib/supervise.js'
import type { Command } from '../../server/contract/agent-link.js'
import type { VolumePlan } from '../../server/contract/recording.js'
import type { Collector } from '../collector.js'
import type { MediaTarget } from '../rtsp/worker-messages.js'
import type { FootagePlaces, ToFootage } from './messages.js'

export interface Footage extends Collector {
  /** Where volumes lie; also those that are disabled, for what was recorded there. */
  volumes (volumes: readonly VolumePlan[]): void
  /** Of the process, while there is one. */
  readonly pid: number | undefined
  /** Resolves when the process has been told; it dials the server by itself. Rejects `footage_unavailable` while it starts again. */
  open (command: Extract<Command, { name: 'footage_open' }>): Promise<null>
}

/** A process this long without a sign of life hangs, and is killed. It speaks every 5 s. */
const SILENT_MS = 30_000
const WATCH_EVERY_MS = 5000

/** The footage process of an agent: reads files for people, and can die alone. */
export function startFootage ({ target, places, log }: { target: MediaTarget, places: FootagePlaces, log: Log }): Footage {
  let heardAtMs = performance.now()
  let known: readonly VolumePlan[] = []
  const child = superviseChild({
    name: 'footage', module: childModule(import.meta.url, './worker'), log,
    onMessage: () => { heardAtMs = performance.now() },
    onStart: () => queueMicrotask(() => {
      heardAtMs = performance.now()
      child.send({ type: 'start', target, places } satisfies ToFootage)
      child.send({ type: 'volumes', volumes: known } satisfies ToFootage)
    })
  })
  const watchdog = setInterval(() => {
    if (performance.now() - heardAtMs <= SILENT_MS || !child.alive || child.pid === undefined) return
    log.error({ pid: child.pid }, 'the footage process hangs and is killed')
    process.kill(child.pid, 'SIGKILL')
  }, WATCH_EVERY_MS)
  watchdog.unref()
  return {
    name: 'footage',
    plan () {},
    pollNow () {},
    get pid () { return child.pid },
    volumes (volumes) {
      known = volumes
      child.send({ type: 'volumes', volumes } satisfies ToFootage)
    },
    async open ({ ticket, request }) {
      if (child.send({ type: 'open', ticket, request } satisfies ToFootage)) return null
      throw Object.assign(new Error('The part of the agent that reads footage is being started again: try again shortly.'), { code: 'footage_unavailable' })
    },
    processes: () => [{ name: 'footage', alive: child.alive, restarts: child.restarts }],
    async stop () {
      clearInterval(watchdog)
      await child.stop()
    }
  }
}
