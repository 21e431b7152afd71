/** "Test connection" of a switch, step by step, each with what was found or what to do. Runs inside the test process. */
import type { PlanDevice, TestReport, TestStep } from '../../server/contract/agent-link.js'
import { explainSilence, portError, resolveAddress } from './diagnose.js'
import { SnmpFailure, toSnmpFailure } from './failures.js'
import { readSystem } from './identity.js'
import { makerOf } from './oids.js'
import { portsOf, readColumns } from './ports.js'
import { credentialFault, openSession, type SessionOptions, type SnmpSession } from './session.js'
import { initialLimits } from './walk.js'

type StepName = TestStep['step']
type Facts = NonNullable<TestStep['facts']>
interface Found<T> { value: T, detail: string, facts?: Facts, warning?: boolean }
const order: readonly StepName[] = ['address', 'authentication', 'snmp_version', 'system', 'ports']

export async function runTestSteps (device: PlanDevice, onStep: (step: TestStep) => void, timeoutMs = 2000): Promise<TestReport> {
  const steps: TestStep[] = []
  const note = (step: TestStep) => {
    onStep(step)
    if (step.status !== 'running') steps.push(step)
  }
  /** One step; its failure ends the test. */
  async function run<T> (step: StepName, work: () => Promise<Found<T>>): Promise<T> {
    note({ step, status: 'running', detail: '', tookMs: null })
    const startedAt = performance.now()
    const took = () => Math.round(performance.now() - startedAt)
    try {
      const found = await work()
      note({ step, status: found.warning ? 'warning' : 'ok', detail: found.detail.slice(0, 500), tookMs: took(), facts: found.facts })
      return found.value
    } catch (error) {
      const failure = toSnmpFailure(error)
      note({ step, status: 'failed', failure: failure.toFailure(), detail: failure.message, tookMs: took() })
      throw failure
    }
  }
  let session: SnmpSession | null = null
  try {
    const options = await run('address', () => findAddress(device, timeoutMs))
    session = await run('authentication', () => authenticate(options, device))
    const open = session
    await run('snmp_version', async () => ({ value: null, detail: `SNMPv${open.version}`, facts: { version: open.version, requestMs: Math.round((open.rttMs ?? 0) * 10) / 10 } }))
    await run('system', () => askSystem(open))
    await run('ports', () => askPorts(open, device))
  } catch {
    for (const step of order.filter(name => !steps.some(s => s.step === name))) note({ step, status: 'skipped', detail: '', tookMs: null })
  } finally {
    session?.close()
  }
  return { steps, ok: steps.every(s => s.status === 'ok' || s.status === 'warning'), picture: null, mainPath: null, subPath: null }
}

async function findAddress (device: PlanDevice, timeoutMs: number): Promise<Found<SessionOptions>> {
  const address = await resolveAddress(device.address)
  const port = device.switch?.port ?? 161
  const refused = await portError(address, port, 300)
  if (refused) throw refused
  return { value: { address, port, version: device.switch?.snmpVersion ?? '2c', credential: device.credential, timeoutMs }, detail: `UDP ${address} port ${port}`, facts: { address, port } }
}

async function authenticate (options: SessionOptions, device: PlanDevice): Promise<Found<SnmpSession>> {
  const fault = credentialFault(device)
  if (fault) throw new SnmpFailure('authentication_failed', fault)
  const session = openSession(options)
  try {
    await readSystem(session)
  } catch (error) {
    session.close()
    throw await explainSilence(options, toSnmpFailure(error))
  }
  const { credential } = options
  const detail = credential?.kind === 'snmpv3' ? `user ${credential.user}, ${credential.level}` : 'the community was accepted'
  return { value: session, detail }
}

async function askSystem (session: SnmpSession): Promise<Found<null>> {
  const s = await readSystem(session)
  const facts: Facts = { sysDescr: s.sysDescr, sysName: s.sysName, sysObjectId: s.sysObjectId, manufacturer: makerOf(s.sysObjectId), uptimeS: s.uptimeTicks === null ? null : Math.floor(s.uptimeTicks / 100) }
  if (!s.sysDescr && !s.sysObjectId) return { value: null, detail: 'it answers, but says nothing of itself: its view may not include the system group', facts, warning: true }
  return { value: null, detail: s.sysDescr || s.sysName || s.sysObjectId, facts }
}

async function askPorts (session: SnmpSession, device: PlanDevice): Promise<Found<null>> {
  const limits = initialLimits(device.switch?.bulk !== false)
  const { columns } = await readColumns(session, limits, ['ifDescr', 'ifType', 'ifName', 'ifOperStatus', 'ifAdminStatus', 'ifHCInOctets'])
  const ports = portsOf(columns)
  const up = ports.filter(port => port.oper === 'up').length
  const facts: Facts = { ports: ports.length, up, counters: columns.ifHCInOctets?.size ? '64 bit' : '32 bit', bulk: limits.bulk && session.version !== '1', varbindsPerAnswer: limits.maxVarbinds }
  if (ports.length === 0) return { value: null, detail: 'it shows no ports: its view may not include the interfaces group', facts, warning: true }
  return { value: null, detail: `${ports.length} ports, ${up} up`, facts }
}

/** For the parent, when the process that ran the test ended without a report. */
export const reportOf = (failure: SnmpFailure): TestReport => ({
  steps: [{ step: 'address', status: 'failed', failure: failure.toFailure(), detail: failure.message, tookMs: null }], ok: false, picture: null, mainPath: null, subPath: null
})
