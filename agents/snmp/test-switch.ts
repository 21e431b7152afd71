import { fork } from 'node:child_process'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { childModule } from '../../lib/child-module.js'
import type { Log } from '../../lib/log.js'
import { type PlanDevice, TestReport, TestStep } from '../../server/contract/agent-link.js'
import { SnmpFailure } from './failures.js'
import { reportOf } from './test-steps.js'

const Message = Type.Union([Type.Object({ step: TestStep }), Type.Object({ report: TestReport })])
/** Five steps with retries take at most about this long, ms. */
const DEADLINE_MS = 60_000

/**
 * Tests the connection to a switch, in a process of its own. Never rejects: what goes wrong is in the report.
 * An aborted signal ends it early.
 */
export function testSwitch (device: PlanDevice, { onStep, signal, log }: { onStep: (step: TestStep) => void, signal: AbortSignal, log: Log }): Promise<TestReport> {
  return new Promise(resolve => {
    const { path, execArgv } = childModule(import.meta.url, './test-process')
    const child = fork(path, [], { execArgv, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let finished = false
    const finish = (report: TestReport) => {
      if (finished) return
      finished = true
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      child.kill('SIGKILL')
      resolve(report)
    }
    const aborted = () => finish(reportOf(new SnmpFailure('timeout', 'the test was cancelled')))
    const timer = setTimeout(() => finish(reportOf(new SnmpFailure('answered_too_slowly', 'the switch did not finish its answers in time'))), DEADLINE_MS)
    signal.addEventListener('abort', aborted)
    child.on('message', message => {
      if (!Value.Check(Message, message)) log.warn('a message of the switch test was not understood')
      else if ('step' in message) onStep(message.step)
      else finish(message.report)
    })
    child.on('error', err => log.error({ err }, 'the switch test could not run'))
    child.on('exit', () => finish(reportOf(new SnmpFailure('process_died', 'the test ended unexpectedly while reading an answer'))))
    if (signal.aborted) return aborted()
    child.send(device, () => {})
  })
}
