import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const BLOCK = 1000

/** Writes a small file so that after a power cut it is either the old or the new one. */
export function writeDurably (file: string, content: string | Buffer, mode = 0o600) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const fd = openSync(`${file}.new`, 'w', mode)
  try {
    writeFileSync(fd, content)
    fsyncSync(fd)
  } finally { closeSync(fd) }
  renameSync(`${file}.new`, file)
  const folder = openSync(dirname(file), 'r')
  try { fsyncSync(folder) } finally { closeSync(folder) }
}

/**
 * Batch numbers that no crash can hand out twice: they are reserved on disk in blocks of 1,000, and a start that follows
 * a crash begins behind the block. So numbers rise, but may jump.
 */
export function openNumbers (file: string) {
  let reserved = 0
  try { reserved = Number.parseInt(readFileSync(file, 'utf8'), 10) || 0 } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
  }
  let last = reserved
  return {
    next () {
      if (last + 1 > reserved) {
        writeDurably(file, String(last + BLOCK))
        reserved = last + BLOCK
      }
      return ++last
    },
    /** Numbers up to `seq` are taken: the server or the spool knows them. */
    atLeast (seq: number) { if (seq > last) last = seq },
    get last () { return last },
    /** A clean end gives the rest of the block back. */
    close () { writeDurably(file, String(last)) }
  }
}
