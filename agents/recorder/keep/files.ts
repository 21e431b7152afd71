/** Files of footage on their way out or to another volume. Each step is on the disk before the next one is told to the index. */
import { createHash } from 'node:crypto'
import { mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

const CHUNK_BYTES = 1024 * 1024

export async function syncFolder (folder: string) {
  const handle = await open(folder, 'r')
  try { await handle.sync() } finally { await handle.close() }
}

/** Gone, on the disk too. A file that is not there is gone. */
export async function removeFile (file: string) {
  try { await unlink(file) } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return
  }
  await syncFolder(dirname(file))
}

/** Reads at most `bytesPerS`. @throws what the disk says */
export async function hashFile (file: string, o: { bytesPerS?: number, signal?: AbortSignal, pause?: (ms: number) => Promise<void> } = {}): Promise<{ sha256: string, bytes: number }> {
  const handle = await open(file, 'r')
  try {
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    let bytes = 0
    for (;;) {
      o.signal?.throwIfAborted()
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, bytes)
      if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes }
      hash.update(chunk.subarray(0, bytesRead))
      bytes += bytesRead
      if (o.bytesPerS) await o.pause?.(bytesRead / o.bytesPerS * 1000)
    }
  } finally { await handle.close() }
}

/** A copy that is whole and on the disk under its name, or none. Answers the hash of what was read. @throws what a disk says */
export async function copyFile (from: string, to: string): Promise<string> {
  await mkdir(dirname(to), { recursive: true })
  const part = `${to}.part`
  const source = await open(from, 'r')
  try {
    const target = await open(part, 'w', 0o640)
    const hash = createHash('sha256')
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      for (let at = 0; ;) {
        const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, at)
        if (bytesRead === 0) break
        hash.update(chunk.subarray(0, bytesRead))
        const { bytesWritten } = await target.write(chunk, 0, bytesRead, at)
        if (bytesWritten < bytesRead) throw Object.assign(new Error('The disk took a part of the data only'), { code: 'ENOSPC' })
        at += bytesRead
      }
      await target.sync()
    } finally { await target.close() }
    await rename(part, to)
    await syncFolder(dirname(to))
    return hash.digest('hex')
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw error
  } finally { await source.close() }
}
