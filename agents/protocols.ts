/** The one place where an agent's protocols are put together. */
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Protocols } from './agent.js'
import { discover } from './discovery/sweep.js'
import { createHostCollector } from './host/collector.js'
import { testHost } from './host/test-host.js'
import type { LinkTarget } from './link/handshake.js'

export const protocols = ({ log, clock }: { target: LinkTarget, log: Log, clock: Clock }): Protocols => ({
  collectors: emit => [createHostCollector({ emit, log, clock })],
  commands: { testConnection: { host: testHost }, snapshot: null, discover: (command, o) => discover(command, o, {}) }
})
