/** `clip` and `segment`: files on their way, by stream copy. */
import type { Segment } from '../../server/contract/recording.js'
import { type ClipPlan, type Piece, planClip } from './clip-plan.js'
import { FootageFault } from './fault.js'
import type { Library } from './library.js'
import type { Outlet } from './outlet.js'
import type { ByteSource } from './segment-file.js'

/** Where a file goes: the way to the server. */
export type FileOut = Pick<Outlet, 'note' | 'bytes'>

/** Read at once; holes between pieces (indexes of batches) are read with them and left out. */
const READ_BYTES = 1024 * 1024

export async function sendClip (library: Library, request: { deviceId: string, from: number, to: number }, out: FileOut, signal: AbortSignal) {
  const plan = await planClip(library, request, signal)
  await out.note({ type: 'file', bytes: plan.bytes, mime: 'video/mp4', from: plan.from, to: plan.to, gaps: plan.gaps })
  await out.bytes(plan.head)
  for await (const chunk of dataOf(library, plan.files)) await out.bytes(chunk)
  await out.note({ type: 'end', at: plan.to })
}

/** The samples' bytes; the next is read while the one before is being sent. */
async function * dataOf (library: Library, files: ClipPlan['files']): AsyncGenerator<Buffer> {
  for (const { segment, pieces } of files) {
    const source = await library.open(segment)
    try {
      const windows = windowsOf(pieces)
      let next: Promise<Buffer> | null = null
      for (const [i, window] of windows.entries()) {
        const chunk: Buffer = await (next ?? readWindow(source, window))
        next = windows[i + 1] ? readWindow(source, windows[i + 1]!) : null
        next?.catch(() => {})
        yield chunk
      }
    } finally { await source.close().catch(() => {}) }
  }
}

/** Pieces that are read together; a long one is cut. */
function windowsOf (pieces: readonly Piece[]): Piece[][] {
  const windows: Piece[][] = []
  let open: Piece[] = []
  const close = () => { if (open.length > 0) windows.push(open); open = [] }
  for (const whole of pieces) {
    for (let at = 0; at < whole.length; at += READ_BYTES) {
      const piece: Piece = { offset: whole.offset + at, length: Math.min(READ_BYTES, whole.length - at), ...(at === 0 && whole.before && { before: whole.before }) }
      if (open[0] && piece.offset + piece.length - open[0].offset > READ_BYTES) close()
      open.push(piece)
    }
  }
  close()
  return windows
}

async function readWindow (source: ByteSource, pieces: readonly Piece[]): Promise<Buffer> {
  const from = pieces[0]!.offset
  const last = pieces.at(-1)!
  const bytes = await source.read(from, last.offset + last.length - from)
  if (bytes.length < last.offset + last.length - from) throw new FootageFault('damaged', 'A file became shorter while it was being copied')
  if (pieces.some(p => p.before)) return Buffer.concat(pieces.flatMap(({ offset, length, before }) => [...(before ? [before] : []), bytes.subarray(offset - from, offset - from + length)]))
  let to = 0
  for (const { offset, length } of pieces) {
    bytes.copyWithin(to, offset - from, offset - from + length)
    to += length
  }
  return bytes.subarray(0, to)
}

/** A file as it lies on the disk, with the hash that the index holds. */
export async function sendSegment (library: Library, segmentId: string, out: FileOut) {
  const segment: Segment | null = library.byId(segmentId)
  if (!segment || segment.status === 'deleted' || segment.status === 'missing') throw new FootageFault('missing', 'This segment is not on the disk')
  const source = await library.open(segment)
  try {
    const bytes = await source.size()
    await out.note({ type: 'file', bytes, mime: 'video/mp4', from: segment.startedAt, to: segment.startedAt + segment.wallMs, gaps: [] })
    for (let at = 0; at < bytes;) {
      const chunk = await source.read(at, Math.min(READ_BYTES, bytes - at))
      if (chunk.length === 0) throw new FootageFault('damaged', 'A file became shorter while it was being copied')
      await out.bytes(chunk)
      at += chunk.length
    }
    await out.note({ type: 'end', at: null, ...(segment.sha256 && { sha256: segment.sha256 }) })
  } finally { await source.close().catch(() => {}) }
}
