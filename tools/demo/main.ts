/**
 * The demonstration: town, server with its embedded agent, and a second agent, each a process of its own. It enters the town the way an
 * administrator would, over the API, and prints the address and a login. Ctrl-C stops all of it. `--fresh` begins with empty data.
 * KALANCHA_TOWN_NET and KALANCHA_TOWN_CONTROL move the town to other addresses and its faults to another port, for a second one beside it.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { DEFAULT_CONTROL_PORT } from '../../fixtures/town/control.js'
import { DEFAULT_NET, planTown, townPassword } from '../../fixtures/town/plan.js'
import { projectRoot } from '../../lib/project-root.js'
import { type Child, startChild } from './children.js'
import { DemoClient } from './client.js'
import { enterTown } from './enter-town.js'

interface Secrets { login: string, password: string, seed: string, entered: boolean }

const root = projectRoot()
const port = Number(process.env.KALANCHA_PORT ?? 8080)
const dataDir = process.env.KALANCHA_DATA ?? join(root, 'data/demo')
const townNet = process.env.KALANCHA_TOWN_NET ?? DEFAULT_NET
const townControl = Number(process.env.KALANCHA_TOWN_CONTROL ?? DEFAULT_CONTROL_PORT)
const secretsFile = join(dataDir, 'demo.json')
const origin = `http://localhost:${port}`
const program = (path: string) => join(root, 'dist', path)
const say = (text: string) => process.stdout.write(`${text}\n`)

const children: Child[] = []
let stopping = false
async function stopAll (code: number) {
  if (stopping) return
  stopping = true
  say('\nStopping ...')
  // Agents first: they say goodbye to a server that still listens.
  for (const child of children.reverse()) await child.stop()
  say('All stopped.')
  process.exit(code)
}
function onExit (name: string, code: number | null) {
  if (stopping) return
  process.stderr.write(`\nThe ${name} ended unexpectedly (${code ?? 'signal'}). Its log: ${join(dataDir, 'logs', `${name}.log`)}\n`)
  void stopAll(1)
}

function readSecrets (): Secrets {
  if (process.argv.includes('--fresh')) rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
  if (existsSync(secretsFile)) return JSON.parse(readFileSync(secretsFile, 'utf8')) as Secrets
  const secrets = { login: 'admin', password: `demo-${randomBytes(9).toString('base64url')}`, seed: randomBytes(16).toString('hex'), entered: false }
  writeSecrets(secrets)
  return secrets
}
const writeSecrets = (secrets: Secrets) => writeFileSync(secretsFile, JSON.stringify(secrets, null, 2), { mode: 0o600 })

/** @throws Error after `timeoutMs`. */
async function until<T> (what: string, timeoutMs: number, look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline && !stopping) {
    const found = await look().catch(() => null)
    if (found !== null) return found
    await wait(200)
  }
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`)
}

/** @throws Error naming the setting that moves us elsewhere. */
const expectFree = (wanted: number, setting: string) => new Promise<void>((resolve, reject) => {
  const probe = createServer()
  probe.once('error', (err: NodeJS.ErrnoException) => reject(new Error(`Port ${wanted} cannot be used (${err.code}). Choose another:  ${setting}=${wanted + 1} npm run demo`)))
  probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve()))
})

async function main () {
  await expectFree(port, 'KALANCHA_PORT')
  await expectFree(townControl, 'KALANCHA_TOWN_CONTROL')
  const secrets = readSecrets()
  const logs = join(dataDir, 'logs')
  say('Starting the town (the first time its pictures are rendered, some 15 s) ...')
  let townReady = false
  children.push(startChild('town', program('fixtures/town/cli.js'), logs, {
    args: ['start', '--cache', join(root, '.cache/town'), '--net', townNet, '--control', String(townControl)], env: { KALANCHA_TOWN_SEED: secrets.seed }, onLine: line => { townReady ||= line.startsWith('Town ready') }, onExit
  }))
  let setupToken: string | null = null
  children.push(startChild('server', program('server/main.js'), logs, {
    env: { KALANCHA_DATA: dataDir, KALANCHA_PORT: String(port), KALANCHA_HOST: process.env.KALANCHA_HOST ?? '127.0.0.1', KALANCHA_PUBLIC_URL: process.env.KALANCHA_PUBLIC_URL ?? origin },
    onLine: line => { setupToken ??= /^Setup: .*#token=([\w-]+)/.exec(line)?.[1] ?? null }, onExit
  }))
  await until('the server', 30_000, async () => (await fetch(`${origin}/readyz`)).ok ? true : null)
  const client = new DemoClient(origin)
  if (!secrets.entered) {
    const token = await until('the setup link', 5000, async () => setupToken)
    await client.call('POST', '/setup', { token, login: secrets.login, displayName: 'Адміністратор', password: secrets.password, language: 'uk' })
  }
  await client.call('POST', '/session', { login: secrets.login, password: secrets.password })

  const plan = planTown(townPassword(secrets.seed), townNet)
  const second = await enterTown(client, plan, { entered: secrets.entered, until })
  if (!secrets.entered) writeSecrets({ ...secrets, entered: true })
  children.push(startChild('agent-2', program('agents/main.js'), logs, {
    args: ['--server', origin, '--data', join(dataDir, 'agent-2')], env: second.token ? { KALANCHA_AGENT_TOKEN: second.token } : {}, onExit
  }))
  await until('the town', 60_000, async () => townReady ? true : null)
  if (second.finish) await second.finish()
  await until('the first devices', 60_000, async () => {
    const { total } = await client.call<{ total?: number }>('GET', '/devices?state=up&limit=1')
    return total && total >= 10 ? true : null
  }).catch((err: Error) => say(err.message))

  say(`
  Kalancha runs:  ${origin}
  Login:          ${secrets.login}
  Password:       ${secrets.password}

  Try faults in another terminal:
    npm run town -- cut S2-S5       the fibre to the bridge: one alarm, three cameras behind it
    npm run town -- dim S2-S5 6     the same fibre ages: less light on both of its ports, within a minute
    npm run town -- heal all
    npm run town -- cover C03       a cloth over a lens      (also: blur, move, noise, dark, overexpose, grey, freeze, reboot, storm, clock, drift)
    npm run town -- list${townControl === DEFAULT_CONTROL_PORT ? '' : `
  (this town listens elsewhere: add  --control ${townControl})`}
  Logs: ${logs}
  Ctrl-C stops everything.
`)
}

process.on('SIGINT', () => void stopAll(0))
process.on('SIGTERM', () => void stopAll(0))
process.on('SIGHUP', () => void stopAll(0))
main().catch((err: Error) => {
  process.stderr.write(`\n${err.message}\n`)
  void stopAll(1)
})
