/** The child process that fetches one absence: a camera's card may send anything, and live video must not feel it. Ends when it is done. */
import { constants, setPriority } from 'node:os'
import { systemClock } from '../../../lib/clock.js'
import { exitWithParent } from '../../../lib/supervise.js'
import type { RecordingTap } from '../tap.js'
import type { FromRefill, ToRefill } from './messages.js'
import { runRefill } from './run.js'

const abort = new AbortController()
let tap: RecordingTap | null = null
try { setPriority(constants.priority.PRIORITY_LOW) } catch { /* Not permitted: the limits must do. */ }

const tell = (message: FromRefill) => { if (process.connected) process.send?.(message) }
process.on('message', (message: ToRefill) => {
  if (message.type === 'give_up') abort.abort()
  else if (message.type === 'segment_place') tap?.placed(message.id, message.place, message.reason, message.detail)
  else {
    void runRefill(message.job, { clock: systemClock, tell, signal: abort.signal, tapMade: made => { tap = made } })
      .catch((err: Error) => ({ reason: 'failed' as const, detail: err.message, seen: [] }))
      .then(outcome => {
        if (process.connected) process.send?.({ type: 'refill_over', outcome } satisfies FromRefill, undefined, {}, () => process.exit(0))
        else process.exit(0)
      })
  }
})
exitWithParent(() => abort.abort())
