/** An agent at work: plan -> collectors -> batches -> spool -> link, and commands. */
import { join } from 'node:path'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { AgentMessage, PlanDevice } from '../server/contract/agent-link.js'
import type { Collector, Emit } from './collector.js'
import { type CommandHandlers, runCommand } from './commands.js'
import { createBatcher } from './link/batcher.js'
import type { LinkTarget, RefusalReason } from './link/handshake.js'
import { startLink } from './link/link.js'
import { openPlanFile, type PlanMessage } from './link/plan-file.js'
import { Spool } from './link/spool.js'

/** The protocols an agent speaks. `collectors` is called once, at the first plan, kept or new: an agent that was never welcomed touches no device. */
export interface Protocols {
  collectors: (emit: Emit) => Collector[]
  commands: CommandHandlers
  /** How far the index of recordings has changed; null without one. */
  recordings: () => { indexId: string, cursor: number } | null
}

export interface AgentOptions {
  target: LinkTarget
  dataDir: string
  protocols: Protocols
  /** Bound of the spool on disk. */
  spoolBytes?: number
  rejected: (reason: RefusalReason, message: string) => void
  clock: Clock
  log: Log
}
export interface RunningAgent { readonly connected: boolean, stop (): Promise<void> }

export function startAgent (o: AgentOptions): RunningAgent {
  const { clock, log } = o
  const spool = new Spool({ folder: join(o.dataDir, 'spool'), log, maxBytes: o.spoolBytes })
  let devices = new Map<string, PlanDevice>()
  let revision = 0
  let collectors: Collector[] | null = null
  const batcher = createBatcher({ log, append (observations, samples) {
    spool.append(clock.now(), observations, samples)
    link.pump()
  } })
  const cpuPercent = cpuMeter()

  function plan ({ revision: newRevision, devices: planned, locks, volumes }: PlanMessage) {
    revision = newRevision
    devices = new Map(planned.map(d => [d.id, d]))
    batcher.keepOnly(new Set(devices.keys()))
    collectors ??= o.protocols.collectors(batcher)
    for (const collector of collectors) {
      try { collector.plan(planned, { revision: newRevision, locks, volumes }) } catch (err) { log.error({ err, collector: collector.name }, 'a collector refused the plan') }
    }
    log.info({ revision, devices: planned.length }, 'new plan')
  }

  const status = (): Extract<AgentMessage, { type: 'status' }> => ({
    type: 'status', at: clock.now(), planRevision: revision, deviceCount: devices.size,
    spoolBatches: spool.batches, spoolBytes: spool.bytes, droppedSampleSets: spool.droppedSampleSets,
    rssBytes: process.memoryUsage.rss(), cpuPercent: cpuPercent(),
    processes: (collectors ?? []).flatMap(c => c.processes()).slice(0, 50)
  })

  const link = startLink({ target: o.target, spool, plans: openPlanFile({ folder: o.dataDir, ...o.target, log }), clock, log, handlers: {
    plan, status, recordings: o.protocols.recordings, rejected: o.rejected,
    command: (command, context) => runCommand(command, context, o.protocols.commands, { device: id => devices.get(id), collectors: () => collectors ?? [], log })
  } })

  return {
    get connected () { return link.connected },
    async stop () {
      await Promise.all((collectors ?? []).map(c => c.stop().catch(err => log.error({ err, collector: c.name }, 'a collector did not stop'))))
      batcher.stop()
      await link.stop()
      spool.close()
    }
  }
}

/** CPU of this process since the last call, per cent of one core. */
function cpuMeter () {
  let usage = process.cpuUsage()
  let at = performance.now()
  return () => {
    const now = performance.now()
    const used = process.cpuUsage(usage)
    const percent = now > at ? (used.user + used.system) / 10 / (now - at) : 0
    usage = process.cpuUsage()
    at = now
    return Math.round(percent * 10) / 10
  }
}
