import type { MaskRegion } from '../../server/contract/footage.js'
import type { CameraSource } from './camera-source.js'
import type { Time } from './timeline.js'
import { Transcode } from './transcode.js'

/** The streams that are converted here, few at once; who comes later waits, is told so, and gets the next free place. */
export class Transcodes {
  /** By device, profile and what is hidden, in the order of asking; the first `max` run. */
  private readonly asked = new Map<string, Transcode>()

  constructor (private readonly max: number, private readonly time: Time) {}

  of (source: CameraSource, masks: readonly MaskRegion[] = []): Transcode {
    const key = `${source.spec.deviceId} ${source.spec.profile} ${JSON.stringify(masks)}`
    const known = this.asked.get(key)
    if (known) return known
    const made: Transcode = new Transcode(source, masks, this.time, { code: 'transcoder_busy', detail: `At most ${this.max} streams are converted at once here` }, () => {
      if (this.asked.get(key) !== made) return
      this.asked.delete(key)
      this.admit()
    })
    this.asked.set(key, made)
    this.admit()
    return made
  }

  private admit () { for (const transcode of [...this.asked.values()].slice(0, this.max)) transcode.admit() }

  drop (deviceId: string) { for (const [key, transcode] of [...this.asked]) if (key.startsWith(`${deviceId} `)) transcode.stop() }

  stop () { for (const transcode of [...this.asked.values()].reverse()) transcode.stop() }
}
