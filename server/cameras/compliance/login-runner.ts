/** Tries factory logins where that was asked for, one an hour a camera. The ledger is written before a login is shown; every login and every end is audited. */
import type { AgentCommands } from '../../agents/commands.js'
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { ComplianceSettings, LoginCheckStarted } from '../../contract/compliance.js'
import { type FactoryLogin, loginsFor } from '../../contract/factory-logins.js'
import type { Actor } from '../../identity/actor.js'
import { recordAudit, systemWho } from '../../identity/audit.js'
import type { Store } from '../../store/store.js'
import { answered, began, ended, nextStep, refusal, reserved, roundDue, usernameOf } from './login-rules.js'
import { type CameraMemory, recall, writeLogins } from './memory.js'
import type { Camera } from './sources.js'
import { type LoginCheckState, noLoginCheck } from './state.js'

type Mode = ComplianceSettings['loginChecks']
const AT_ONCE = 4
/** Weekly rounds begun in one look, so that a town is not begun in one night. */
const BEGUN_AT_ONCE = 5
const TRIAL_MS = 60_000

export interface LoginRunnerDeps {
  store: Store
  clock: Clock
  log: Log
  commands: Pick<AgentCommands, 'run'>
  agentOnline: (agentId: string) => boolean
  memory: CameraMemory
  camera: (id: string) => Camera | undefined
  cameras: () => Iterable<Camera>
  manufacturer: (id: string) => string
  /** It answers and takes its own login: only then does a refusal tell anything. */
  healthy: (id: string) => boolean
  mode: () => Promise<Mode>
  /** A camera's ledger was written. */
  changed: () => void
}

export function createLoginRunner (d: LoginRunnerDeps) {
  const busy = new Set<string>()
  const stateOf = (id: string) => d.memory.get(id)?.logins ?? noLoginCheck
  const logins = (id: string) => loginsFor(d.manufacturer(id))

  async function keep (id: string, state: LoginCheckState, audit?: { action: string, details: object, who?: Actor }) {
    await d.store.transaction(async tx => {
      await writeLogins(tx, id, state)
      if (audit) await recordAudit(tx, d.clock.now(), audit.who ?? systemWho, audit.action, { kind: 'device', id }, { name: d.camera(id)?.name ?? '', ...audit.details })
    })
    recall(d.memory, id).logins = state
    d.changed()
  }
  const endOf = (state: LoginCheckState) => ({ action: 'device.login_check.end', details: { outcome: state.outcome, tried: state.tried, username: usernameOf(state.acceptedId) } })

  async function attempt (camera: Camera, login: FactoryLogin) {
    const before = reserved(stateOf(camera.id), d.clock.now())
    await keep(camera.id, before, { action: 'device.login_check.try', details: { login: login.id, username: login.username } })
    const { outcome, detail } = await d.commands.run<'try_login'>(camera.agentId!, { name: 'try_login', deviceId: camera.id, login: login.id }, { timeoutMs: TRIAL_MS })
      .catch((err: Error) => ({ outcome: 'failed' as const, detail: err.message }))
    if (outcome === 'failed') d.log.info({ deviceId: camera.id, detail }, 'a factory login could not be tried')
    const state = answered(before, login, outcome, d.clock.now())
    await keep(camera.id, state, state.startedAt === null ? endOf(state) : undefined)
  }

  /** What is to be done at this camera now; null: nothing, or not yet. */
  function due (camera: Camera, mode: Mode): (() => Promise<void>) | null {
    const state = stateOf(camera.id)
    const next = nextStep(state, mode, logins(camera.id), d.clock.now())
    if (next.do === 'end') {
      const over = ended(state, next.outcome, d.clock.now())
      return () => keep(camera.id, over, endOf(over))
    }
    const reachable = camera.agentId !== null && d.agentOnline(camera.agentId) && d.healthy(camera.id)
    return next.do === 'try' && reachable ? () => attempt(camera, next.login) : null
  }

  return {
    /** A person asks. Cameras that they may not see must have been left out. */
    async request (actor: Actor, ids: readonly string[]): Promise<LoginCheckStarted> {
      const answer: LoginCheckStarted = { started: 0, refused: [] }
      for (const id of ids) {
        const reason = d.camera(id)?.agentId ? refusal(stateOf(id), d.clock.now()) : 'no_agent' as const
        if (reason) {
          answer.refused.push({ id, reason })
          continue
        }
        await keep(id, began(stateOf(id), actor.login, d.clock.now()), { action: 'device.login_check.start', details: {}, who: actor })
        answer.started++
      }
      return answer
    },
    /** Call every few seconds; never waits for a camera. */
    async look () {
      const mode = await d.mode()
      if (mode === 'off') return
      let begun = 0
      for (const camera of d.cameras()) {
        if (busy.size >= AT_ONCE) return
        if (busy.has(camera.id)) continue
        if (mode === 'weekly' && begun < BEGUN_AT_ONCE && roundDue(stateOf(camera.id), d.clock.now())) {
          begun++
          await keep(camera.id, began(stateOf(camera.id), null, d.clock.now()), { action: 'device.login_check.start', details: { weekly: true } })
        }
        const work = due(camera, mode)
        if (!work) continue
        busy.add(camera.id)
        void work().catch((err: unknown) => { d.log.error({ err, deviceId: camera.id }, 'the trial of a factory login failed in itself') }).finally(() => busy.delete(camera.id))
      }
    },
    running: () => busy.size
  }
}
