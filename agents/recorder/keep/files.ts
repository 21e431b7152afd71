/** Files of footage on their way out or to another volume. Each step is on the disk before the next one is told to the index. */
import { createHash } from 'node:crypto'
import { mkdir, open, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

const CHUNK_BYTES = 1024 * 1024

async function syncFolder (folder: string) {
  const handle = await open(folder, 'r')
  try { await handle.sync() } finally { await handle.close() }
}

/** @throws what the disk says, other than that there is none */
export const isThere = (file: string) => stat(file).then(() => true, (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
  throw error
})

const unlessThere = (error: NodeJS.ErrnoException) => { if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error }
/** Gone, on the disk too. A file that is not there is gone. @throws what the disk says */
export async function removeFile (file: string) {
  await unlink(file).catch(unlessThere)
  // Also when it was gone before: whoever took it may not have lived to see it on the disk.
  await syncFolder(dirname(file)).catch(unlessThere)
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
