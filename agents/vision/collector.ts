/** Looks at every camera's picture in turn, from the one pull that exists, and tells what is wrong with it. Knows nothing of recording. */
import { mkdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { localText } from '../../lib/zoned-day.js'
import type { PictureFault } from '../../server/contract/health.js'
import type { Collector, Emit } from '../collector.js'
import type { KeyFrame } from '../rtsp/camera-source.js'
import { pictureFromKeyFrame } from '../rtsp/picture.js'
import { Decoder } from './decoder.js'
import { look, newVision, partOfDay, type Reference, shownReference, type VisionMemory } from './judge.js'
import { BLOCKS, type Statistics, statisticsOf } from './statistics.js'

/** Most faults need two looks, and are told within a minute of their beginning; what a lorry does too takes six. */
const LOOK_EVERY_MS = 20_000
/** Of the usual interval, where something is suspected. */
const SUSPICIOUS_SHARE = 0.75
const TELL_EVERY_MS = 10 * 60_000
/** A look older than this says nothing about whether the picture moves. */
const PAUSE_MS = 3 * LOOK_EVERY_MS
const SAVE_EVERY_MS = 10 * 60_000
const JPEG_WIDTH = 640

interface Camera { id: string, zone: string, dueAt: number, memory: VisionMemory, before: Statistics | null, beforeAt: number, told: string | null, toldAt: number, savedAt: number, part: string }
interface VisionPicture { at: number, jpegBase64: string }
export interface VisionOptions {
  emit: Emit
  log: Log
  clock: Clock
  folder: string
  /** Of the sub-stream, where there is one. */
  keyFrame: (deviceId: string) => Promise<KeyFrame | null>
  lookEveryMs?: number
}
export interface Vision extends Collector {
  /** What a good picture looks like, and what the last fault looked like. */
  pictures (deviceId: string): Promise<{ reference: VisionPicture | null, event: VisionPicture | null }>
  /** A person moved the camera on purpose: what comes next is what it watches. */
  reset (deviceId: string): Promise<void>
}

const tenth = (v: number) => Math.round(v * 10) / 10
const rounded = (references: Record<string, Reference>) => Object.fromEntries(Object.entries(references).map(([name, r]) => [name, { ...r, edges: r.edges.map(tenth), tones: r.tones.map(tenth) }]))

export function createVision ({ emit, log, clock, folder, keyFrame, lookEveryMs = LOOK_EVERY_MS }: VisionOptions): Vision {
  const cameras = new Map<string, Camera>()
  const decoders = { h264: new Decoder('h264'), h265: new Decoder('h265') }
  let stopped = false
  let wake: (() => void) | null = null
  mkdirSync(folder, { recursive: true })

  const fileOf = (id: string, what: string) => join(folder, id, what)
  function remembered (id: string): VisionMemory {
    try {
      const kept = Object.entries((JSON.parse(readFileSync(fileOf(id, 'memory.json'), 'utf8')) as Pick<VisionMemory, 'references'>).references)
      // What an earlier version learned in another form is learned anew.
      return { ...newVision(), references: Object.fromEntries(kept.filter(([, r]) => r.edges.length === BLOCKS && Array.isArray(r.tones))) }
    } catch { return newVision() }
  }
  async function keep (id: string, what: string, bytes: Buffer | string) {
    await mkdir(join(folder, id), { recursive: true })
    await writeFile(fileOf(id, `${what}.new`), bytes)
    await rename(fileOf(id, `${what}.new`), fileOf(id, what))
  }

  async function lookAt (camera: Camera) {
    const frame = await keyFrame(camera.id)
    const now = clock.now()
    // A stream that does not play is told by others; what comes after a pause is not compared with what was before it.
    if (!frame || now - frame.atMs > lookEveryMs || cameras.get(camera.id) !== camera) return
    const s = statisticsOf(await decoders[frame.codec].picture(frame))
    const part = partOfDay(Number(localText(now, camera.zone).slice(11, 13)))
    const before = now - camera.beforeAt <= PAUSE_MS ? camera.before : null
    const seen = look(camera.memory, s, before, part, now)
    Object.assign(camera, { memory: seen.memory, before: s, beforeAt: now, part })
    if (seen.suspicious) camera.dueAt = Math.min(camera.dueAt, now + lookEveryMs * SUSPICIOUS_SHARE)
    tell(camera, seen.faults, now)
    if (seen.changed && seen.faults.length > 0) await keep(camera.id, 'event.jpg', await pictureFromKeyFrame(frame, JPEG_WIDTH))
    if (seen.learned) await keep(camera.id, `reference-${seen.learned}.jpg`, await pictureFromKeyFrame(frame, JPEG_WIDTH))
    if (seen.learned || now - camera.savedAt > SAVE_EVERY_MS) {
      camera.savedAt = now
      await keep(camera.id, 'memory.json', JSON.stringify({ references: rounded(camera.memory.references) }))
    }
  }

  function tell (camera: Camera, faults: PictureFault[], now: number) {
    const text = faults.join()
    if (text === camera.told && now - camera.toldAt < TELL_EVERY_MS) return
    camera.told = text
    camera.toldAt = now
    emit.observation({ kind: 'picture', deviceId: camera.id, at: now, faults })
  }

  async function run () {
    while (!stopped) {
      const now = clock.now()
      const next = [...cameras.values()].sort((a, b) => a.dueAt - b.dueAt)[0]
      if (next && next.dueAt <= now) {
        next.dueAt = now + lookEveryMs
        // A damaged picture is no fault of the place: the stream's own checks tell of it.
        await lookAt(next).catch(err => log.debug({ err: (err as Error).message, deviceId: next.id }, 'a picture could not be looked at'))
        continue
      }
      await new Promise<void>(resolve => {
        wake = resolve
        setTimeout(resolve, Math.max(20, Math.min(1000, (next?.dueAt ?? now + 1000) - now))).unref()
      })
    }
  }
  const running = run()

  async function picture (file: string): Promise<VisionPicture | null> {
    try {
      const { mtimeMs } = await stat(file)
      return { at: Math.round(mtimeMs), jpegBase64: (await readFile(file)).toString('base64') }
    } catch { return null }
  }

  return {
    name: 'vision',
    plan (devices) {
      const wanted = new Map(devices.filter(d => d.kind === 'camera' && d.camera?.pull === 'always').map(d => [d.id, d]))
      for (const id of [...cameras.keys()]) if (!wanted.has(id)) cameras.delete(id)
      let i = 0
      for (const [id, device] of wanted) {
        const zone = device.recording?.timeZone ?? 'UTC'
        const known = cameras.get(id)
        if (known) known.zone = zone
        // Spread over the interval, so that no two cameras wait for the decoder at once.
        else cameras.set(id, { id, zone, dueAt: clock.now() + (++i * lookEveryMs / wanted.size), memory: remembered(id), before: null, beforeAt: 0, told: null, toldAt: 0, savedAt: 0, part: '' })
      }
      wake?.()
    },
    pollNow (deviceId) {
      const camera = cameras.get(deviceId)
      if (camera) camera.dueAt = 0
      wake?.()
    },
    async pictures (deviceId) {
      const camera = cameras.get(deviceId)
      const name = camera ? shownReference(camera.memory, camera.part) : null
      return { reference: name ? await picture(fileOf(deviceId, `reference-${name}.jpg`)) : null, event: await picture(fileOf(deviceId, 'event.jpg')) }
    },
    async reset (deviceId) {
      const camera = cameras.get(deviceId)
      if (!camera) return
      Object.assign(camera, { memory: newVision(), before: null, dueAt: 0 })
      await rm(join(folder, deviceId), { recursive: true, force: true })
      tell(camera, [], clock.now())
      wake?.()
    },
    processes: () => [],
    async stop () {
      stopped = true
      wake?.()
      for (const decoder of Object.values(decoders)) decoder.stop()
      await running
    }
  }
}
