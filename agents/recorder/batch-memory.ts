/** Memory of batches on their way to the disk, used again: what is made and left for each batch keeps V8 busy with looking through its heap (measured). */

/** Sizes are powers of two of this, so that one batch's memory fits the next. */
const UNIT_BYTES = 16 * 1024
const MAX_KEPT_BYTES = 16 * 1024 * 1024
const kept = new Map<number, Buffer[]>()
let keptBytes = 0

/** The parts in one piece, in memory of a batch that was written before where there is some. */
export function joined (parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, p) => sum + p.length, 0)
  const size = UNIT_BYTES * 2 ** Math.max(0, Math.ceil(Math.log2(length / UNIT_BYTES)))
  const known = kept.get(size)?.pop()
  if (known) keptBytes -= size
  const memory = known ?? Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const part of parts) at += part.copy(memory, at)
  return memory.subarray(0, length)
}

/** What `joined` gave, and nobody reads any more. */
export function giveBack (bytes: Buffer) {
  const size = bytes.buffer.byteLength
  if (keptBytes + size > MAX_KEPT_BYTES) return
  const list = kept.get(size) ?? []
  list.push(Buffer.from(bytes.buffer))
  kept.set(size, list)
  keptBytes += size
}
