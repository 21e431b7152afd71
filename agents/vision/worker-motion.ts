/** Motion detection inside a media worker: a watch on each camera that has it switched on. */
import type { MotionLevels, MotionPlan } from '../../server/contract/motion.js'
import type { CameraSource } from '../rtsp/camera-source.js'
import type { Time } from '../rtsp/timeline.js'
import { MotionWatch, type Told } from './motion-watch.js'

export class WorkerMotion {
  readonly #watches = new Map<string, { watch: MotionWatch, text: string }>()

  constructor (private readonly sourceOf: (deviceId: string) => CameraSource | null, private readonly tell: Told, private readonly time: Time) {}

  /** After each plan: cameras came or went, have another source, or other settings. */
  sync (plans: ReadonlyMap<string, MotionPlan>) {
    for (const [id, { watch }] of this.#watches) {
      if (plans.has(id) && this.sourceOf(id) === watch.source) continue
      watch.stop()
      this.#watches.delete(id)
    }
    for (const [id, plan] of plans) {
      const source = this.sourceOf(id)
      const known = this.#watches.get(id)
      const text = JSON.stringify(plan)
      if (known) {
        if (known.text !== text) known.watch.change(plan)
        known.text = text
      } else if (source) this.#watches.set(id, { watch: new MotionWatch(source, plan, this.tell, this.time), text })
    }
  }

  levels (deviceId: string): MotionLevels | null { return this.#watches.get(deviceId)?.watch.levels() ?? null }

  stop () {
    for (const { watch } of this.#watches.values()) watch.stop()
    this.#watches.clear()
  }
}
