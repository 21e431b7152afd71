/** A month of one camera in the server's tables as its agent would have told it, and a sparse month of many others. */
import { newId } from '../../lib/ids.js'
import type { GapCause } from '../../server/contract/recording.js'
import type { Store } from '../../server/store/store.js'

export const MONTH_DAYS = 30
const SEGMENTS = 43_200
const EVENTS = 100_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A file of each of the others on each of so many days: their days are really counted, from little. */
const OTHER_DAYS = 31
const OTHER_SEGMENTS = 1
const SLICE = 200
const eventTypes = ['motion', 'line_crossed', 'field_entered', 'person', 'vehicle']

type Segment = Store['read']['t']['segments']['$inferInsert']

/** Repeatable, and not of one pattern. */
function dice (seed: number) {
  let state = seed
  return () => { state = (state * 1_103_515_245 + 12_345) % 2_147_483_648; return state / 2_147_483_648 }
}

export async function fillMonth (store: Store, { now, others }: { now: number, others: number }) {
  const agentId = newId()
  const ids = Array.from({ length: others + 1 }, () => newId())
  const cameraId = ids[0]!
  const random = dice(7)
  await store.transaction(async tx => {
    await tx.insert(tx.t.agents).values({ id: agentId, name: 'bench', embedded: false, publicKey: '', version: '1', protocol: 1, enrolledAt: 1, status: null, lastSeenAt: now })
    for (const [i, id] of ids.entries()) {
      await tx.insert(tx.t.devices).values({ id, kind: 'camera', name: `Камера ${i}`, searchText: '', siteId: null, groupId: null, address: '192.0.2.7', identityKey: id, agentId, parentId: null, parentPort: null, note: '', enabled: true, settings: {}, createdAt: 1, updatedAt: 1 })
    }
  })
  async function insert<T> (rows: Iterable<T>, put: (tx: Parameters<Parameters<Store['transaction']>[0]>[0], slice: T[]) => PromiseLike<unknown>) {
    let slice: T[] = []
    let count = 0
    await store.transaction(async tx => {
      for (const row of rows) {
        slice.push(row)
        count++
        if (slice.length === SLICE) { await put(tx, slice); slice = [] }
      }
      if (slice.length > 0) await put(tx, slice)
    })
    return count
  }
  const segment = (deviceId: string, startedAt: number, endedAt: number): Segment => ({
    id: newId(), deviceId, agentId, profile: 'main', runId: agentId, runOffsetMs: 0, startedAt, endedAt, mediaMs: endedAt - startedAt, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720,
    frames: 1500, keyFrames: 60, bytes: 15_000_000, sha256: 'a'.repeat(64), volumeId: agentId, path: 'a/b.mp4', status: 'closed', endReason: null, refilled: false, detail: null
  })
  const from = now - MONTH_DAYS * DAY_MS
  const causes: GapCause[] = ['camera_unreachable', 'stream_failed', 'frames_lost', 'link_down', 'agent_down']
  const breaks: { from: number, to: number }[] = []
  function * month () {
    for (let i = 0; i < SEGMENTS; i++) {
      const at = from + i * MINUTE_MS
      // About twenty times a day the stream broke for some seconds.
      const short = random() < 0.014 ? Math.floor(random() * 20_000) + 2000 : 0
      if (short > 0) breaks.push({ from: at + MINUTE_MS - short, to: at + MINUTE_MS })
      yield segment(cameraId, at, at + MINUTE_MS - short)
    }
  }
  function * sparse () {
    for (const id of ids.slice(1)) for (let d = 0; d < OTHER_DAYS; d++) for (let i = 0; i < OTHER_SEGMENTS; i++) yield segment(id, now - (d + 1) * DAY_MS + i * 600_000, now - (d + 1) * DAY_MS + (i + 1) * 600_000)
  }
  const segments = await insert(month(), (tx, rows) => tx.insert(tx.t.segments).values(rows))
  const ofOthers = await insert(sparse(), (tx, rows) => tx.insert(tx.t.segments).values(rows))
  const gaps = await insert(breaks.map((b, i) => ({ id: newId(), deviceId: cameraId, agentId, ...b, seenCause: causes[i % 5]!, seenDetail: '', cause: causes[i % 5]!, detail: '' })), (tx, rows) => tx.insert(tx.t.gaps).values(rows))
  const step = MONTH_DAYS * 24 * HOUR_MS / EVENTS
  const events = await insert(Array.from({ length: EVENTS }, (_, i) => {
    const at = Math.floor(from + i * step + random() * step)
    return { id: newId(), deviceId: cameraId, type: eventTypes[Math.floor(random() * random() * 5)]!, source: '', from: at, to: at + Math.floor(random() * 15_000), data: {} }
  }), (tx, rows) => tx.insert(tx.t.cameraEvents).values(rows))
  return { cameraId, rows: { segments, gaps, events, otherCameras: others, segmentsOfOthers: ofOthers } }
}
