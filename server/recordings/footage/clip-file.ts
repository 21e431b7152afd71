/** A clip's bytes from an agent into a file: hashed as they are written, whole or not there at all. */
import { createHash } from 'node:crypto'
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FootageNote } from '../../contract/footage.js'
import { ServiceProblem } from '../../problems.js'
import type { FootageStream } from './footage-stream.js'
import { unmasked } from './unmasked.js'

export type FileNote = Extract<FootageNote, { type: 'file' }>
export interface ClipSink {
  /** Length, delivered range and gaps, before the first byte. */
  begun (file: FileNote): Promise<void>
  written (bytes: number): void
}

/** Never written into: the server's own database may live on the same disk. */
const FLOOR_BYTES = 2 * 2 ** 30

/** The file's SHA-256, hex. @throws ServiceProblem the agent's own failure, `footage_lost`, `clip_too_large`, `no_space` */
export async function writeClip (stream: FootageStream, path: string, { maxBytes, masked }: { maxBytes: number, masked: boolean }, sink: ClipSink): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.part`
  const file = await open(partial, 'w', 0o600)
  try {
    const hash = createHash('sha256')
    let expected: number | null = null
    let written = 0
    let writing: Promise<unknown> = Promise.resolve()
    for await (const { note, bytes } of stream) {
      if (note?.type === 'failed') throw new ServiceProblem(note.code === 'no_footage' ? 'not_found' : 'unavailable', note.code, note.detail)
      if (note?.type === 'file') {
        if (masked && !note.masked) throw unmasked()
        await demandSpace(path, note.bytes, maxBytes)
        expected = note.bytes
        await sink.begun(note)
      }
      if (!bytes) continue
      written += bytes.length
      if (expected === null || written > expected) throw new ServiceProblem('unavailable', 'protocol_error', 'The agent sent more of a clip than it had announced.')
      hash.update(bytes)
      await writing
      // One at a time, while the next comes and is hashed; a failure is met at the next.
      writing = file.writev([bytes])
      writing.catch(() => {})
      sink.written(written)
    }
    await writing
    if (written !== expected) throw new ServiceProblem('unavailable', 'footage_lost', 'The agent stopped sending before it had sent everything.')
    await file.sync()
    await file.close()
    await rename(partial, path)
    await syncFolder(dirname(path))
    return hash.digest('hex')
  } catch (err) {
    await file.close().catch(() => {})
    await rm(partial, { force: true }).catch(() => {})
    throw problemOf(err)
  }
}

async function demandSpace (path: string, bytes: number, maxBytes: number) {
  if (bytes > maxBytes) throw new ServiceProblem('too_large', 'clip_too_large', `The clip would have ${Math.ceil(bytes / 2 ** 20)} MiB, at most ${Math.floor(maxBytes / 2 ** 20)} MiB are allowed: choose a shorter interval.`)
  const { bavail, bsize } = await statfs(dirname(path))
  if (bavail * bsize - bytes < FLOOR_BYTES) throw new ServiceProblem('unavailable', 'no_space', 'There is not enough room for this clip on the server: remove old clips.')
}

async function syncFolder (path: string) {
  const folder = await open(path, 'r')
  try { await folder.sync() } finally { await folder.close() }
}

const problemOf = (err: unknown) => (err as NodeJS.ErrnoException).code === 'ENOSPC' ? new ServiceProblem('unavailable', 'no_space', 'The disk of the server became full while the clip was being written.') : err
