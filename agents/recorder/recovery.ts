/** After a crash: what a file really holds, cut behind its last whole batch. Reads each byte once. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { Segment } from '../../server/contract/recording.js'
import { type Mp4Tracks, Mp4Reader } from '../rtsp/mp4-reader.js'
import type { RecordingIndex } from './index-db.js'
import { removeFile } from './keep/files.js'
import type { SegmentProgress } from './messages.js'
import { FACTS_UUID } from './segment-boxes.js'
import type { Volumes } from './volumes.js'

/** What stands in a file's own `uuid` box. */
export const SegmentFacts = Type.Pick(Segment, ['id', 'deviceId', 'profile', 'runId', 'runOffsetMs', 'startedAt', 'videoCodec', 'audioCodec', 'width', 'height', 'volumeId', 'refilled'])
export type SegmentFacts = Static<typeof SegmentFacts>

const MAX_BOX_BYTES = 64 * 1024 * 1024
const NTP_EPOCH_S = 2_208_988_800
const TICKS_PER_MS = 90

export interface Scanned extends Omit<SegmentProgress, 'id'> { sha256: string, facts: SegmentFacts | null, tracks: Mp4Tracks | null }

/** What is whole at the beginning of a file. Never throws for what is in the file, only for what the disk says. */
export async function scanFile (handle: FileHandle): Promise<Scanned> {
  const { size } = await handle.stat()
  const hash = createHash('sha256')
  const done: Scanned = { bytes: 0, frames: 0, keyFrames: 0, wallMs: 0, mediaMs: 0, sha256: '', facts: null, tracks: null }
  let firstWallMs: number | null = null
  let zeroMs: number | null = null
  let batch = { frames: 0, keyFrames: 0, endTicks: 0 }
  const reader = new Mp4Reader({
    tracks: tracks => { done.tracks = tracks },
    sample: (audio, _bytes, time, duration, key) => {
      if (audio) return
      batch = { frames: batch.frames + 1, keyFrames: batch.keyFrames + Number(key), endTicks: time + duration }
    }
  })
  let whole: Buffer[] = []
  for (let at = 0; at + 8 <= size;) {
    const box = await readBox(handle, at, size)
    if (!box) break
    const type = box.toString('latin1', 4, 8)
    if (type === 'uuid' && box.subarray(8, 24).equals(FACTS_UUID)) done.facts = readFacts(box)
    if (type === 'prft' && box.length >= 32) {
      const wallMs = (box.readUInt32BE(16) - NTP_EPOCH_S) * 1000 + box.readUInt32BE(20) * 1000 / 0x1_0000_0000
      firstWallMs ??= wallMs
      zeroMs = wallMs - Number(box.readBigUInt64BE(24)) / TICKS_PER_MS
    }
    try { reader.push(box) } catch { break }
    whole.push(box)
    at += box.length
    if (type === 'prft' || type === 'moof') continue
    // Head boxes stand alone; a batch is whole with its mdat.
    for (const part of whole) hash.update(part)
    whole = []
    done.bytes = at
    if (type !== 'mdat') continue
    done.frames += batch.frames
    done.keyFrames += batch.keyFrames
    done.mediaMs = Math.round(batch.endTicks / TICKS_PER_MS)
    if (firstWallMs !== null && zeroMs !== null) done.wallMs = Math.max(1, Math.round(zeroMs + batch.endTicks / TICKS_PER_MS - firstWallMs))
    batch = { frames: 0, keyFrames: 0, endTicks: 0 }
  }
  done.sha256 = hash.digest('hex')
  return done
}

async function readBox (handle: FileHandle, at: number, size: number): Promise<Buffer | null> {
  const head = Buffer.alloc(8)
  await handle.read(head, 0, 8, at)
  const length = head.readUInt32BE(0)
  if (length < 8 || length > MAX_BOX_BYTES || at + length > size) return null
  const box = Buffer.allocUnsafe(length)
  const { bytesRead } = await handle.read(box, 0, length, at)
  return bytesRead === length ? box : null
}

function readFacts (box: Buffer): SegmentFacts | null {
  try {
    const facts: unknown = JSON.parse(box.toString('utf8', 24))
    return Value.Check(SegmentFacts, facts) ? facts : null
  } catch { return null }
}

/** Cuts what is torn, brings the rest to the disk, and closes the row. What never held a picture goes: nobody was promised it. Null: its disk went meanwhile, nothing is known. */
export async function recoverSegment (index: RecordingIndex, volumes: Pick<Volumes, 'fileOf'>, segment: Segment, isDiskThere: () => Promise<boolean>): Promise<Segment | null> {
  const file = volumes.fileOf(segment.volumeId, segment.path)
  const scanned = file ? await scanAndCut(file) : null
  const nothing = !scanned || scanned.frames === 0
  if (nothing && !await isDiskThere()) return null
  if (file && nothing && segment.frames === 0) await removeFile(file)
  const change: Partial<Segment> = nothing
    ? { status: segment.frames === 0 ? 'deleted' : 'missing', endReason: segment.endReason ?? 'recorder_killed', detail: scanned ? 'Nothing whole had been written' : 'The file is not there', ...(segment.frames === 0 && { wallMs: 0 }) }
    : { status: 'closed', endReason: segment.endReason ?? 'recorder_killed', bytes: scanned.bytes, frames: scanned.frames, keyFrames: scanned.keyFrames, wallMs: scanned.wallMs, mediaMs: scanned.mediaMs, sha256: scanned.sha256 }
  index.changeSegment(segment.id, change)
  return { ...segment, ...change }
}

async function scanAndCut (file: string): Promise<Scanned | null> {
  let handle: FileHandle
  try { handle = await open(file, 'r+') } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const scanned = await scanFile(handle)
    await handle.truncate(scanned.bytes)
    await handle.sync()
    return scanned
  } finally { await handle.close() }
}

const CAMERA_FOLDER = /^[0-9a-f-]{36}$/
const DAY_FOLDER = /^\d{4}-\d{2}-\d{2}$/
const FILE = /^\d+-([0-9a-f-]{36})\.mp4$/

/** Files of a volume that no row knows get one, from what stands in them. `days` null: all of them (an index made anew). Answers how many. */
export async function adoptFiles (index: RecordingIndex, volume: { id: string, folder: string }, days: ReadonlySet<string> | null): Promise<number> {
  let adopted = 0
  for (const camera of (await readdir(volume.folder)).filter(name => CAMERA_FOLDER.test(name))) {
    for (const day of (await readdir(join(volume.folder, camera))).filter(name => DAY_FOLDER.test(name) && (days?.has(name) ?? true))) {
      for (const name of await readdir(join(volume.folder, camera, day))) {
        const id = FILE.exec(name)?.[1]
        if (!id || index.segment(id)) continue
        if (await adopt(index, volume, `${camera}/${day}/${name}`)) adopted++
      }
    }
  }
  return adopted
}

async function adopt (index: RecordingIndex, volume: { id: string, folder: string }, path: string): Promise<boolean> {
  const scanned = await scanAndCut(join(volume.folder, path))
  if (!scanned?.facts || scanned.frames === 0 || !path.startsWith(`${scanned.facts.deviceId}/`) || index.segment(scanned.facts.id)) return false
  const { facts: { volumeId: _made, ...facts }, tracks: _tracks, ...found } = scanned
  index.addSegment({ ...facts, ...found, volumeId: volume.id, path, status: 'closed', endReason: 'recorder_killed', detail: null })
  return true
}
