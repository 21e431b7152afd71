/** The measured side of the `snmp` benchmark: the agent's own polling code, CPU by process.cpuUsage of this process. */
import snmp from 'net-snmp'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { type Output, rememberSwitch } from '../../agents/snmp/device.js'
import { interfaces } from '../../agents/snmp/oids.js'
import { measuredColumns } from '../../agents/snmp/ports.js'
import { createRunner } from '../../agents/snmp/runner.js'
import { nextSlot, slotOf } from '../../agents/snmp/schedule.js'
import { openSession, type SnmpSession } from '../../agents/snmp/session.js'
import { initialLimits, walk } from '../../agents/snmp/walk.js'

export interface Address { host: string, port: number }
export type Job = { kind: 'saturated', addresses: Address[], polls: number } | { kind: 'bare', addresses: Address[], polls: number } | { kind: 'paced', addresses: Address[], cycleS: number } | { kind: 'agent', addresses: Address[], cycleS: number, statusIntervalS: number }

/** As the poller process does: everything goes to the parent. */
const send = (message: unknown) => { process.send?.(message, undefined, {}, () => {}) }
/** Before anything is counted: a poller runs for months, its first second is compilation. */
const WARM_UP_POLLS = 1000
let sets = 0
const out: Output = {
  observation: observation => send({ type: 'observation', observation }),
  series: (deviceId, names) => send({ type: 'series', deviceId, names }),
  samples: (deviceId, at, values) => {
    sets++
    send({ type: 'samples', deviceId, at, values })
  },
  numbers: (deviceId, at, names, values) => send({ type: 'numbers', deviceId, at, names, values })
}
const optics = ['1.3.6.1.4.1.14988.1.1.19.1.1.9', '1.3.6.1.4.1.14988.1.1.19.1.1.10']
const lldp = [5, 7, 8, 9].map(column => `1.0.8802.1.1.2.1.4.1.1.${column}`)

/** One switch: its ports by the agent's own poll, then the two further tables. */
function poller (address: Address) {
  const id = newId()
  const memory = rememberSwitch(id, true, out, systemClock)
  const limits = initialLimits(true)
  const session: SnmpSession = openSession({ address: address.host, port: address.port, version: '2c', credential: { kind: 'community', community: 'public' } })
  return {
    id, session,
    async poll () {
      await memory.poll(session)
      const a = await walk(session, limits, { columns: optics, expectedRows: 24 })
      const b = await walk(session, limits, { columns: lldp, expectedRows: 8 })
      return [...a.columns, ...b.columns].reduce((sum, c) => sum + c.values.length, 48 * 10)
    }
  }
}
const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}
const percentile = (values: number[], p: number) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? 0

async function saturated (addresses: Address[], polls: number) {
  const target = poller(addresses[0]!)
  for (let i = 0; i < WARM_UP_POLLS; i++) await target.poll()
  const requests = target.session.requests
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  let varbinds = 0
  for (let i = 0; i < polls; i++) varbinds = await target.poll()
  return { polls, varbinds, cpuMsPerPoll: cpuMs(cpu) / polls, wallMsPerPoll: (performance.now() - startedAt) / polls, roundTripsPerPoll: (target.session.requests - requests) / polls }
}

/** The library alone, the same requests in a fixed number and nothing done with the answers: what this machine makes of it today. */
async function bare (addresses: Address[], polls: number) {
  const { host, port } = addresses[0]!
  const session = snmp.createSession(host, 'public', { port, version: snmp.Version2c as 1 })
  const bulk = (oids: string[], repetitions: number) => new Promise<string[]>((resolve, reject) => {
    session.getBulk(oids, 0, repetitions, (error, columns) => {
      if (error || !columns) reject(error ?? new Error('no answer'))
      else resolve((columns as { oid: string }[][]).map(column => column.at(-1)!.oid))
    })
  })
  async function poll () {
    let oids = measuredColumns('2c', new Set()).map(name => interfaces[name] as string)
    for (let i = 0; i < 7; i++) oids = await bulk(oids, 7)
    await bulk(optics, 25)
    await bulk(lldp, 9)
  }
  for (let i = 0; i < WARM_UP_POLLS; i++) await poll()
  const cpu = process.cpuUsage()
  for (let i = 0; i < polls; i++) await poll()
  const used = cpuMs(cpu)
  session.close()
  return { polls, cpuMsPerPoll: used / polls }
}

async function paced (addresses: Address[], cycleS: number) {
  const targets = addresses.map(poller)
  for (const target of targets) await target.poll()
  const cpu = process.cpuUsage()
  const startedAt = Date.now()
  const lateness: number[] = []
  await Promise.all(targets.map(async target => {
    const due = nextSlot(startedAt, cycleS * 1000, slotOf(target.id, cycleS * 1000))
    await sleep(due - Date.now())
    lateness.push(Date.now() - due)
    await target.poll()
  }))
  await sleep(Math.max(0, startedAt + cycleS * 1000 - Date.now()))
  const used = cpuMs(cpu)
  for (const target of targets) target.session.close()
  return { switches: targets.length, cycleS, corePercent: used / (Date.now() - startedAt) * 100, cpuMsPerPoll: used / targets.length, latenessP99Ms: percentile(lateness, 0.99) }
}

/** The whole of the agent's schedule, with the quick look at statuses. */
async function agent (addresses: Address[], cycleS: number, statusIntervalS: number) {
  const runner = createRunner({ out, clock: systemClock, log: makeLog('bench', 'error') })
  for (const { host, port } of addresses) {
    runner.set({ id: newId(), kind: 'switch', name: host, address: host, credential: { kind: 'community', community: 'public' }, switch: { snmpVersion: '2c', port, intervalS: 60, statusIntervalS } })
  }
  await sleep(addresses.length * 20 + 20_000)
  sets = 0
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await sleep(cycleS * 1000)
  const corePercent = cpuMs(cpu) / (performance.now() - startedAt) * 100
  const polls = sets
  runner.stop()
  return { switches: addresses.length, statusIntervalS, wholePolls: polls, corePercent, skipped: runner.skipped, rssMb: process.memoryUsage().rss / 1e6 }
}

function run (job: Job): Promise<object> {
  switch (job.kind) {
    case 'bare': return bare(job.addresses, job.polls)
    case 'saturated': return saturated(job.addresses, job.polls)
    case 'paced': return paced(job.addresses, job.cycleS)
    case 'agent': return agent(job.addresses, job.cycleS, job.statusIntervalS)
  }
}

process.once('message', (job: Job) => {
  run(job).then(result => send({ type: 'result', result }), (error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit(0))
