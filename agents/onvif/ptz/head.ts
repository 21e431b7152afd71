/** One camera's head: takes orders one after the other, keeps a move alive while it is asked for, and stops it when nobody does. */
import type { Log } from '../../../lib/log.js'
import { PTZ_CAMERA_HOLD_S, type PicturePoint, type PtzAbilities, type PtzAnswer, type PtzEdit, type PtzFound, type PtzOrder, type PtzPosition, type PtzTarget, type PtzVelocity } from '../../../server/contract/ptz.js'
import type { CameraControl } from '../camera-control.js'
import { CameraFailure, toCameraFailure } from '../failure.js'
import { chooseProfiles, type Profile } from '../profiles.js'
import { type Drive, halt, moveTold, nextStep, standing, stopTold, want } from './drive.js'
import { type PtzNode, scaled } from './replies.js'

interface Means { profile: Profile, node: PtzNode }
interface Waiter { resolve: () => void, reject: (err: unknown) => void }
export interface HeadDeps {
  log: Log
  /** Monotonic, ms. */
  nowMs: () => number
  /** The head is not where it was; the picture changes without anybody having touched the camera. */
  moved: () => void
}

/** A camera that does not answer a move or a stop within this does not answer. */
const ACT_DEADLINE_MS = 2000
/** A move under way is let finish for so long before a stop goes out beside it. */
const FINISH_MS = 300
const ASK_DEADLINE_MS = 10_000
/** What a camera can do is asked anew after this. */
const MEANS_FOR_MS = 10 * 60_000

const abilitiesOf = (node: PtzNode): PtzAbilities => ({
  panTilt: node.panSpeed !== null, zoom: node.zoomSpeed !== null, point: node.fieldOfView ? 'field_of_view' : null, absolute: node.absolute,
  home: node.home, setHome: node.home && !node.fixedHome, presets: node.maxPresets > 0, maxPresets: node.maxPresets
})

export class Head {
  #drive: Drive = standing
  #means: { found: Means | null, at: number } | null = null
  #asking: Promise<Means | null> | null = null
  #pumping = false
  #stopped = false
  #timer: NodeJS.Timeout | null = null
  #moving: { abort: AbortController } | null = null
  /** Who waits for the next move or stop to be taken. */
  #waiters: Waiter[] = []
  /** One after the other; a stop does not wait for them. */
  #jobs: Promise<unknown> = Promise.resolve()

  constructor (private readonly control: CameraControl, private readonly deps: HeadDeps) {}

  async obey (order: PtzOrder, signal: AbortSignal): Promise<PtzAnswer> {
    switch (order.do) {
      case 'move': return this.#move(order.velocity, order.holdMs)
      case 'stop': return this.#stop(signal)
      case 'find': return { position: null, moving: null, found: await this.#inTurn(() => this.#find(signal)) }
      case 'look': return this.#inTurn(() => this.#look(signal))
      case 'go': return this.#inTurn(() => this.#go(order.to, signal))
      case 'edit': return this.#inTurn(() => this.#edit(order.edit, signal))
    }
  }

  /** Nobody asks for it any more. Resolves when the camera has been told, or cannot be. */
  async rest () {
    if (this.#drive.told || this.#drive.wanted) await this.#stop(AbortSignal.timeout(ACT_DEADLINE_MS)).catch(() => {})
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #inTurn<T> (work: () => Promise<T>): Promise<T> {
    const run = this.#jobs.then(work)
    this.#jobs = run.catch(() => {})
    return run
  }

  // What is wanted is noted at once, in the order in which it was said; asking the camera what it can do may take its time.
  async #move (velocity: PtzVelocity, holdMs: number): Promise<PtzAnswer> {
    this.#drive = want(this.#drive, velocity, this.deps.nowMs() + holdMs)
    await this.#needMeans()
    // Already told: this only keeps it going.
    if (nextStep(this.#drive, this.deps.nowMs()).do === 'wait') this.#pump()
    else await this.#driven()
    return { position: null, moving: true }
  }

  async #stop (signal: AbortSignal): Promise<PtzAnswer> {
    this.#drive = halt(this.#drive)
    const { profile } = await this.#needMeans()
    this.#cutMove()
    await this.#driven()
    const position = await this.control.ptz.status(profile, { signal, deadlineMs: ACT_DEADLINE_MS }).then(positionOf, () => null)
    return { position, moving: false }
  }

  /** A move that hangs must not hold up a stop. */
  #cutMove () {
    const moving = this.#moving
    if (moving) setTimeout(() => { if (this.#moving === moving && !this.#drive.wanted) moving.abort.abort() }, FINISH_MS).unref()
  }

  #driven () {
    return new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#pump()
    })
  }

  #pump () {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#pumping || this.#stopped) return
    this.#pumping = true
    void this.#steps().finally(() => {
      this.#pumping = false
      const step = nextStep(this.#drive, this.deps.nowMs())
      if (step.do !== 'wait') this.#pump()
      else if (step.ms !== null) this.#timer = setTimeout(() => this.#pump(), Math.max(1, step.ms))
    })
  }

  async #steps () {
    const means = this.#means?.found
    for (let step = nextStep(this.#drive, this.deps.nowMs()); means && step.do !== 'wait' && !this.#stopped; step = nextStep(this.#drive, this.deps.nowMs())) {
      const waiters = this.#waiters.splice(0)
      try {
        await (step.do === 'move' ? this.#tellMove(means, step.velocity) : this.#tellStop(means))
        for (const w of waiters) w.resolve()
      } catch (error) {
        const failure = toCameraFailure(error)
        this.deps.log.debug({ step: step.do, reason: failure.message }, 'a head was not moved')
        // A stop that failed is tried again, and its last word told.
        if (step.do === 'stop' && this.#drive.failedStops > 0) this.#waiters.unshift(...waiters)
        else for (const w of waiters) w.reject(failure)
      }
    }
    if (this.#drive.failedStops === 0) for (const w of this.#waiters.splice(0)) w.resolve()
  }

  async #tellMove ({ profile, node }: Means, velocity: PtzVelocity) {
    const turn = node.panSpeed && node.tiltSpeed && { x: scaled(velocity.pan, node.panSpeed), y: scaled(velocity.tilt, node.tiltSpeed) }
    const abort = new AbortController()
    const done = this.control.ptz.move(profile, { turn, zoom: node.zoomSpeed && scaled(velocity.zoom, node.zoomSpeed) }, PTZ_CAMERA_HOLD_S, { deadlineMs: ACT_DEADLINE_MS, signal: abort.signal })
    const moving = { abort }
    this.#moving = moving
    this.deps.moved()
    let taken = false
    try {
      await done
      taken = true
    } finally {
      if (this.#moving === moving) this.#moving = null
      this.#drive = moveTold(this.#drive, velocity, taken, this.deps.nowMs())
    }
  }

  async #tellStop ({ profile }: Means) {
    const { wanted } = this.#drive
    let taken = false
    try {
      await this.control.ptz.stop(profile, { deadlineMs: ACT_DEADLINE_MS })
      taken = true
    } finally {
      // Somebody may have begun to move it again meanwhile: then there is nothing to undo.
      if (this.#drive.wanted === wanted) this.#drive = stopTold(this.#drive, taken, this.deps.nowMs())
      this.deps.moved()
    }
  }

  async #needMeans (): Promise<Means> {
    const known = this.#means && this.deps.nowMs() - this.#means.at < MEANS_FOR_MS
    const means = known ? this.#means!.found : await this.#ask()
    if (!means) throw new CameraFailure('not_permitted', 'the camera cannot be moved: it has no head that turns')
    return means
  }

  async #ask (): Promise<Means | null> {
    this.#asking ??= this.#askCamera(AbortSignal.timeout(ASK_DEADLINE_MS)).then(found => {
      this.#means = { found, at: this.deps.nowMs() }
      return found
    }).finally(() => { this.#asking = null })
    return this.#asking
  }

  async #askCamera (signal: AbortSignal): Promise<Means | null> {
    const services = await this.control.services({ signal })
    if (!services.ptz) return null
    const profiles = (await this.control.profiles({ signal })).filter(p => p.ptz)
    const profile = chooseProfiles(profiles).main ?? profiles[0]
    if (!profile) return null
    const nodes = await this.control.ptz.nodes({ signal })
    const node = nodes.find(n => n.panSpeed || n.zoomSpeed) ?? nodes[0]
    return node ? { profile, node } : null
  }

  async #find (signal: AbortSignal): Promise<PtzFound> {
    const means = await this.#ask()
    if (!means) return { abilities: null, presets: [], position: null, moving: null }
    const abilities = abilitiesOf(means.node)
    const presets = abilities.presets ? await this.control.ptz.presets(means.profile, { signal }) : []
    return { abilities, presets, ...await this.#look(signal) }
  }

  async #look (signal: AbortSignal): Promise<{ position: PtzPosition | null, moving: boolean | null }> {
    const { profile } = await this.#needMeans()
    const status = await this.control.ptz.status(profile, { signal, deadlineMs: ACT_DEADLINE_MS })
    return { position: positionOf(status), moving: status.moving }
  }

  async #go (to: PtzTarget, signal: AbortSignal): Promise<PtzAnswer> {
    const { profile, node } = await this.#needMeans()
    this.#drive = { ...this.#drive, wanted: null }
    if (this.#drive.told) await this.#driven()
    this.deps.moved()
    if (to.kind === 'preset') await this.control.ptz.gotoPreset(profile, to.token, { signal })
    else if (to.kind === 'home') await this.control.ptz.gotoHome(profile, { signal })
    else await this.#goToPoint(profile, node, to, signal)
    return { position: null, moving: true }
  }

  async #goToPoint (profile: Profile, { fieldOfView }: PtzNode, { x, y }: PicturePoint, signal: AbortSignal) {
    if (!fieldOfView) throw new CameraFailure('not_permitted', 'the camera cannot go to a place in its picture')
    await this.control.ptz.shift(profile, scaled(x * 2 - 1, fieldOfView.x), scaled(1 - y * 2, fieldOfView.y), { signal })
  }

  async #edit (edit: PtzEdit, signal: AbortSignal): Promise<PtzAnswer> {
    const { profile } = await this.#needMeans()
    const { ptz } = this.control
    const nothing = { position: null, moving: null }
    switch (edit.kind) {
      case 'add': case 'place': {
        const token = await ptz.setPreset(profile, edit.name, edit.kind === 'place' ? edit.token : null, { signal })
        return { ...nothing, token: token || (edit.kind === 'place' ? edit.token : undefined) }
      }
      case 'remove': await ptz.removePreset(profile, edit.token, { signal }); return nothing
      case 'set_home': await ptz.setHome(profile, { signal }); return nothing
    }
  }
}

const positionOf = ({ pan, tilt, zoom }: PtzPosition): PtzPosition => ({ pan, tilt, zoom })
