/** The process of one connection test: gets the switch by IPC, reports its steps, ends. */
import { Value } from 'typebox/value'
import { PlanDevice } from '../../server/contract/agent-link.js'
import { exitWithParent } from '../../lib/supervise.js'
import { runTestSteps } from './test-steps.js'

exitWithParent()
process.once('message', message => {
  if (!Value.Check(PlanDevice, message)) process.exit(1)
  void runTestSteps(message, step => { process.send?.({ step }) }).then(report => {
    process.send?.({ report }, undefined, {}, () => process.exit(0))
  })
})
