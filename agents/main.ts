/** `npm run agent -- --server URL --token TOKEN [--name N] [--data DIR] [--server-cert FILE]` */
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../lib/clock.js'
import { newId } from '../lib/ids.js'
import { type Log, makeLog } from '../lib/log.js'
import { projectRoot } from '../lib/project-root.js'
import { backoffMs, exitWithParent } from '../lib/supervise.js'
import { type RunningAgent, startAgent } from './agent.js'
import { EXIT } from './exit-codes.js'
import type { LinkTarget } from './link/handshake.js'
import { EnrolmentRefused, enrol, holdFolder, type Identity, readIdentity } from './link/identity.js'
import { protocols } from './protocols.js'

const usage = `Usage: npm run agent -- --server URL --token TOKEN [--name NAME] [--data DIR] [--server-cert FILE] [--spool-mb N]

  --server       the server's address, for example https://centre.example.org
  --token        one-time token from the page "Agents"; needed once (also KALANCHA_AGENT_TOKEN)
  --data         folder of the key and the spool, default ./data/agent
  --server-cert  PEM file of the only certificate to accept
  --spool-mb     bound of the spool, default 256`

function readOptions () {
  const { values } = parseArgs({ options: {
    server: { type: 'string' }, token: { type: 'string' }, name: { type: 'string' }, data: { type: 'string' },
    'server-cert': { type: 'string' }, 'spool-mb': { type: 'string' }, help: { type: 'boolean' }
  } })
  if (values.help || !values.server) throw new Error(values.help ? '' : 'The server is missing.')
  const url = new URL(values.server)
  if (!/^https?:$/.test(url.protocol)) throw new Error('--server must begin with http:// or https://.')
  const spoolMb = Number(values['spool-mb'] ?? 256)
  if (!(spoolMb >= 1 && spoolMb <= 1_000_000)) throw new Error('--spool-mb must be a number from 1.')
  return {
    url: url.origin, token: values.token ?? process.env.KALANCHA_AGENT_TOKEN ?? null, name: values.name,
    dataDir: resolve(values.data ?? join(projectRoot(), 'data/agent')), serverCertFile: values['server-cert'] ?? null, spoolBytes: spoolMb * 2 ** 20
  }
}
type Options = ReturnType<typeof readOptions>

/** Waits for a server that is not there yet; a refused token is final. */
async function enrolPatiently (o: Options & { token: string }, log: Log): Promise<Identity> {
  for (let attempt = 0; ; attempt++) {
    try {
      const identity = await enrol(o)
      log.info({ agentId: identity.agentId, name: identity.name }, 'enrolled')
      return identity
    } catch (err) {
      if (err instanceof EnrolmentRefused) throw err
      const waitMs = backoffMs(attempt, { firstMs: 300, maxMs: 30_000 }, Math.random())
      log.warn({ reason: (err as Error).message, waitMs: Math.round(waitMs) }, 'cannot enrol yet')
      await wait(waitMs)
    }
  }
}

async function main () {
  const log = makeLog('agent', process.env.KALANCHA_LOG_LEVEL || 'info')
  const leave = (code: number, message: string) => { log.fatal(message); process.exit(code) }
  let options: Options
  try { options = readOptions() } catch (err) {
    console.error(`${(err as Error).message}\n${usage}`)
    process.exit(EXIT.usage)
  }
  delete process.env.KALANCHA_AGENT_TOKEN
  let agent: RunningAgent | null = null
  exitWithParent(() => agent?.stop())

  const folder = await holdFolder(options.dataDir).catch((err: Error) => leave(EXIT.folderTaken, err.message))
  if (!folder) return
  let identity = readIdentity(options.dataDir)
  if (!identity) {
    const { token } = options
    if (!token) return leave(EXIT.usage, 'This agent is not enrolled yet: start it once with --token. An administrator makes one on the page "Agents".')
    try { identity = await enrolPatiently({ ...options, token }, log) } catch (err) {
      return leave(EXIT.tokenRefused, `The server refused the token: ${(err as Error).message}`)
    }
  }
  const { agentId, privateKeyPem } = identity
  const target: LinkTarget = { url: options.url, agentId, privateKeyPem, bootId: newId(), serverCertFile: options.serverCertFile }
  agent = startAgent({
    target, dataDir: options.dataDir, protocols: protocols({ target, dataDir: options.dataDir, log, clock: systemClock }), spoolBytes: options.spoolBytes, clock: systemClock, log,
    rejected: (reason, message) => leave(reason === 'revoked' ? EXIT.revoked : EXIT.unknownAgent, `The server will not have this agent: ${message}`)
  })
}

await main()
