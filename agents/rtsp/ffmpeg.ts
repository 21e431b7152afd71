import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

/** Writes fragmented MP4, a frame a fragment, to stdout as soon as it can. */
export const fragmentsToStdout = ['-f', 'mov', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-flush_packets', '1', 'pipe:1']
const KILL_AFTER_MS = 2000
const MAX_WORDS = 1000

export interface Ffmpeg {
  child: ChildProcess
  /** What it said last, without addresses: they may hold secrets. */
  words (): string
  /** Resolves when it is gone. */
  ended: Promise<number | null>
  stop (): void
}

/** ffmpeg without a terminal; nothing of ours leaks into it but its arguments, which anyone can read. `extra` is what it finds on `pipe:3`. */
export function startFfmpeg (args: readonly string[], input: 'pipe' | 'ignore', extra?: Buffer): Ffmpeg {
  const child: ChildProcess = spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args], { stdio: [input, 'pipe', 'pipe', ...(extra ? ['pipe' as const] : [])] })
  const third = extra && child.stdio[3] as Writable | undefined
  third?.on('error', () => {})
  third?.end(extra)
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-MAX_WORDS) })
  child.stdin?.on('error', () => {})
  const ended = new Promise<number | null>(resolve => {
    child.once('error', () => resolve(null))
    child.once('close', code => resolve(code))
  })
  return {
    child, ended,
    words: () => said.replace(/[a-z]+:\/\/\S+/gi, '<address>').replace(/\s+/g, ' ').trim().slice(-200),
    stop () {
      child.stdin?.destroy()
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
      void ended.then(() => clearTimeout(hard))
    }
  }
}
