/** The poller process: what parses switches' bytes dies alone. Talks to its collector by IPC only. */
import { systemClock } from '../../lib/clock.js'
import { makeLog } from '../../lib/log.js'
import { exitWithParent } from '../../lib/supervise.js'
import { asToPoller, type FromPoller } from './messages.js'
import { createRunner } from './runner.js'

const log = makeLog('snmp-poller', process.argv[2] ?? 'info')
const send = (message: FromPoller) => { process.send?.(message, undefined, {}, () => {}) }
const runner = createRunner({
  out: {
    observation: observation => send({ type: 'observation', observation }),
    series: (deviceId, names) => send({ type: 'series', deviceId, names }),
    samples: (deviceId, at, values) => send({ type: 'samples', deviceId, at, values }),
    numbers: (deviceId, at, names, values) => send({ type: 'numbers', deviceId, at, names, values })
  },
  clock: systemClock, log
})
process.on('message', message => {
  const m = asToPoller(message)
  if (!m) {
    log.warn('a message to the SNMP poller was not understood')
    return
  }
  if (m.type === 'poll') return runner.pollNow(m.deviceId)
  for (const id of m.remove) runner.remove(id)
  for (const device of m.upsert) runner.set(device)
})
setInterval(() => send({ type: 'alive' }), 5000)
exitWithParent(() => runner.stop())
