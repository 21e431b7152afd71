/** "Test connection" of a host: is the address known, does the check pass. */
import type { PlanDevice, TestReport, TestStep } from '../../server/contract/agent-link.js'
import type { DeviceTest } from '../commands.js'
import { CHECK_DEADLINE_MS, checkHost, resolveAddress } from './check.js'
import { failureFrom } from './failure.js'
import { createPinger } from './icmp.js'

export const testHost: DeviceTest = async (device, { onStep, signal }) => {
  const steps = [await addressStep(device, onStep, signal)]
  steps.push(steps[0]!.status === 'ok' ? await checkStep(device, onStep, signal)
    : { step: 'check', status: 'skipped', detail: 'The address is not known', tookMs: null })
  onStep(steps[1]!)
  const report: TestReport = { steps, ok: steps.every(s => s.status === 'ok'), picture: null, mainPath: null, subPath: null }
  return report
}

async function addressStep (device: PlanDevice, onStep: (s: TestStep) => void, signal: AbortSignal): Promise<TestStep> {
  const startedAt = performance.now()
  onStep({ step: 'address', status: 'running', detail: device.address, tookMs: null })
  let step: TestStep
  try {
    const address = await resolveAddress(device.address, AbortSignal.any([signal, AbortSignal.timeout(CHECK_DEADLINE_MS)]))
    step = { step: 'address', status: 'ok', detail: address, tookMs: performance.now() - startedAt, facts: { address } }
  } catch (err) {
    const failure = failureFrom(err)
    step = { step: 'address', status: 'failed', failure, detail: failure.detail, tookMs: performance.now() - startedAt }
  }
  onStep(step)
  return step
}

async function checkStep (device: PlanDevice, onStep: (s: TestStep) => void, signal: AbortSignal): Promise<TestStep> {
  const method = device.host?.check.method ?? 'icmp'
  onStep({ step: 'check', status: 'running', detail: method, tookMs: null })
  const startedAt = performance.now()
  const { ok, rttMs, failure } = await checkHost(device, createPinger(), signal)
  const tookMs = performance.now() - startedAt
  return ok ? { step: 'check', status: 'ok', detail: method, tookMs, facts: { method, rttMs } }
    : { step: 'check', status: 'failed', failure: failure!, detail: failure!.detail, tookMs, facts: { method } }
}
