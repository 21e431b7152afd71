/** `npm run bench snmp`: what polling a switch costs, beside Debian's snmpbulkwalk in the same run. */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus, loadavg } from 'node:os'
import { promisify } from 'node:util'
import { childModule } from '../lib/child-module.js'
import type { Address, Job } from './lib/snmp-poller.js'

const SWITCHES = 500
const CYCLE_S = 60
const runTool = promisify(execFile)
const round = (value: number, digits: number) => Number(value.toFixed(digits))

function start (relative: string, args: string[] = []): ChildProcess {
  const { path, execArgv } = childModule(import.meta.url, relative)
  return fork(path, args, { execArgv, serialization: 'advanced' })
}

async function runJob (job: Job): Promise<Record<string, number>> {
  const child = start('./lib/snmp-poller')
  try {
    child.send(job)
    return await new Promise((resolve, reject) => {
      child.on('message', (message: { type: string, result?: Record<string, number> }) => { if (message.type === 'result' && message.result) resolve(message.result) })
      child.on('exit', code => reject(new Error(`the measured process ended with ${code}`)))
    })
  } finally {
    child.kill()
  }
}

const WALKED = ['1.3.6.1.2.1.2.2.1.7', '1.3.6.1.2.1.2.2.1.8', '1.3.6.1.2.1.2.2.1.13', '1.3.6.1.2.1.2.2.1.14', '1.3.6.1.2.1.2.2.1.19', '1.3.6.1.2.1.2.2.1.20',
  '1.3.6.1.2.1.31.1.1.1.6', '1.3.6.1.2.1.31.1.1.1.10', '1.3.6.1.2.1.31.1.1.1.15', '1.3.6.1.2.1.31.1.1.1.19', '1.3.6.1.4.1.14988.1.1.19.1.1.9',
  '1.3.6.1.4.1.14988.1.1.19.1.1.10', '1.0.8802.1.1.2.1.4.1.1.5', '1.0.8802.1.1.2.1.4.1.1.7', '1.0.8802.1.1.2.1.4.1.1.8', '1.0.8802.1.1.2.1.4.1.1.9']

/** The same 560 varbinds by the command-line tool, a process for each column as scripts do; CPU from the children's own accounts. */
async function bulkwalk (address: Address, polls: number) {
  try {
    // Children's CPU time is only in the shell's own `times`.
    const walks = WALKED.map(oid => `snmpbulkwalk -On -v2c -c public -Cr50 ${address.host}:${address.port} ${oid} | wc -l`).join('; ')
    const script = `for i in $(seq ${polls}); do ${walks}; done; times`
    const startedAt = performance.now()
    const { stdout } = await runTool('bash', ['-c', script], { maxBuffer: 1 << 24 })
    const wallMs = performance.now() - startedAt
    const lines = stdout.trim().split('\n')
    const seconds = [...lines.at(-1)!.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, m) => sum + Number(m[1]) * 60 + Number(m[2]), 0)
    const varbinds = lines.slice(0, -2).reduce((sum, line) => sum + Number(line), 0) / polls
    return { polls, varbinds, cpuMsPerPoll: round(seconds * 1000 / polls, 1), wallMsPerPoll: round(wallMs / polls, 1) }
  } catch (error) {
    return { missing: `snmpbulkwalk did not run (Debian package snmp): ${(error as Error).message.slice(0, 200)}` }
  }
}

export async function run (): Promise<object> {
  const simulator = start('./lib/snmp-simulator', [String(SWITCHES)])
  try {
    const [{ addresses }] = await once(simulator, 'message') as [{ addresses: Address[] }]
    const saturated = await runJob({ kind: 'saturated', addresses, polls: 10_000 })
    const bare = await runJob({ kind: 'bare', addresses, polls: 10_000 })
    const tool = await bulkwalk(addresses[0]!, 3)
    const paced = await runJob({ kind: 'paced', addresses, cycleS: CYCLE_S })
    const agent = await runJob({ kind: 'agent', addresses, cycleS: CYCLE_S, statusIntervalS: 10 })
    return {
      bench: 'snmp', machine: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version, loadAverage: round(loadavg()[0]!, 1) },
      saturated: { ...saturated, cpuMsPerPoll: round(saturated.cpuMsPerPoll!, 3), wallMsPerPoll: round(saturated.wallMsPerPoll!, 2), roundTripsPerPoll: round(saturated.roundTripsPerPoll!, 2) },
      paced: { ...paced, corePercent: round(paced.corePercent!, 2), cpuMsPerPoll: round(paced.cpuMsPerPoll!, 2) },
      agentWithStatusEvery10S: { ...agent, corePercent: round(agent.corePercent!, 2), rssMb: round(agent.rssMb!, 0) },
      bareLibrary: { cpuMsPerPoll: round(bare.cpuMsPerPoll!, 3) }, snmpbulkwalk: tool, bars: { cpuMsPerPoll: 0.9, roundTripsPerPoll: 10, pacedCorePercent: 3 }
    }
  } finally {
    simulator.kill()
  }
}
