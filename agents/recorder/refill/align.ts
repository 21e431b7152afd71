/**
 * How far the card's clock is from ours, to the millisecond: pictures that we recorded right beside the absence are on the card too, byte for byte,
 * with the camera's time of them. Where none is found again, the clock that the camera told has to do, which is good to half a second.
 */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { FRAGMENT_OVERHEAD } from '../../rtsp/mp4-fragment.js'
import { Mp4Reader } from '../../rtsp/mp4-reader.js'
import type { RtspTarget } from '../../rtsp/client.js'
import { startReplay } from '../../rtsp/replay.js'

const NTP_EPOCH_S = 2_208_988_800
const TICKS_PER_MS = 90
/** A looped scene repeats its pictures: only one that is about where it should be counts. */
const NEAR_MS = 1500
const LOOK_BACK_MS = 12_000
const ENOUGH = 3
const MAX_FILE_BYTES = 128 * 1024 * 1024

export interface KnownPicture { hash: string, atMs: number }
const hashOf = (bytes: Buffer) => createHash('sha1').update(bytes).digest('base64')

/** Key frames of a recorded file with their wall-clock times. Never throws for what is in it. */
function keyPictures (file: Buffer): KnownPicture[] {
  const found: KnownPicture[] = []
  let zeroMs = 0
  const reader = new Mp4Reader({
    tracks: () => {},
    sample: (audio, bytes, time, _duration, key) => { if (!audio && key) found.push({ hash: hashOf(bytes), atMs: zeroMs + time / TICKS_PER_MS }) }
  })
  for (let at = 0; at + 8 <= file.length;) {
    const size = file.readUInt32BE(at)
    if (size < 8 || at + size > file.length) break
    const box = file.subarray(at, at + size)
    if (box.toString('latin1', 4, 8) === 'prft' && size >= 32) zeroMs = (box.readUInt32BE(16) - NTP_EPOCH_S) * 1000 + box.readUInt32BE(20) * 1000 / 0x1_0000_0000 - Number(box.readBigUInt64BE(24)) / TICKS_PER_MS
    try { reader.push(box) } catch { break }
    at += size
  }
  return found
}

/** The card's clock minus ours, from pictures known by both; null when they do not agree. Pure. */
export function offsetFrom (known: readonly KnownPicture[], card: readonly { hash: string, cardMs: number }[], aboutMs: number): number | null {
  const offsets = card.flatMap(c => known.filter(k => k.hash === c.hash).map(k => c.cardMs - k.atMs).filter(o => Math.abs(o - aboutMs) <= NEAR_MS)).sort((a, b) => a - b)
  const middle = offsets[Math.floor(offsets.length / 2)]
  if (middle === undefined) return null
  // Arrival jitters by some ten ms; what disagrees by more is another picture that looks the same.
  return offsets.filter(o => Math.abs(o - middle) < 200).length > offsets.length / 2 ? Math.round(middle) : null
}

export interface MeasureOptions { target: RtspTarget, neighbours: readonly string[], aboutMs: number, bytesPerS: number, signal: AbortSignal }

export async function measureOffset ({ target, neighbours, aboutMs, bytesPerS, signal }: MeasureOptions): Promise<number | null> {
  for (const [i, path] of neighbours.entries()) {
    try {
      if ((await stat(path)).size > MAX_FILE_BYTES) continue
      const all = keyPictures(await readFile(path))
      // The end of what came before, the beginning of what came after.
      const known = i === 0 ? all.slice(-10) : all.slice(0, 10)
      if (known.length === 0) continue
      const offset = await meet(known, { target, aboutMs, bytesPerS, signal })
      if (offset !== null) return offset
    } catch {
      // A neighbour that cannot be read is none.
    }
    signal.throwIfAborted()
  }
  return null
}

function meet (known: readonly KnownPicture[], { target, aboutMs, bytesPerS, signal }: Omit<MeasureOptions, 'neighbours'>): Promise<number | null> {
  const lastAt = known.at(-1)!.atMs
  const from = Math.max(known[0]!.atMs, lastAt - LOOK_BACK_MS)
  const card: { hash: string, cardMs: number }[] = []
  return new Promise(resolve => {
    const replay = startReplay({
      target, from: from - NEAR_MS + aboutMs, to: lastAt + NEAR_MS + aboutMs, offsetMs: 0, bytesPerS, silentMs: 3000, signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
      sink: { init () {}, fragment (f) {
        if (!f.key || f.audio) return
        card.push({ hash: hashOf(f.bytes.subarray(FRAGMENT_OVERHEAD)), cardMs: f.atMs })
        if (card.length >= 40 || card.filter(c => known.some(k => k.hash === c.hash)).length >= ENOUGH) replay.close()
      } }
    })
    void replay.ended.then(() => resolve(offsetFrom(known, card, aboutMs)))
  })
}
