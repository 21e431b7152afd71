/** For tests: real coded pictures and sound as the pull gives them, played through a tap on a clock of the test's. */
import { spawnSync } from 'node:child_process'
import { setFragmentTime } from '../rtsp/mp4-fragment.js'
import { VIDEO_TIMESCALE } from '../rtsp/mp4-init.js'
import type { MediaFragment, MediaInit } from '../rtsp/pull.js'
import { makeRemuxer } from '../rtsp/remux.js'
import { readLiveFragment } from './segment-boxes.js'

export interface Footage { init: MediaInit, /** `ms` from the beginning. */ fragments: { ms: number, fragment: MediaFragment }[] }

/** H.264 with a key frame a second, and AAC; by ffmpeg, thousands of frames a second. */
export function realFootage (o: { seconds: number, fps?: number, size?: string, audio?: boolean }): Footage {
  const { seconds, fps = 10, size = '320x180', audio = true } = o
  const made = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, ...(audio ? ['-f', 'lavfi', '-i', 'sine=sample_rate=16000'] : []), '-t', String(seconds),
    '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', String(fps), '-b:v', '100k', '-pix_fmt', 'yuv420p', ...(audio ? ['-c:a', 'aac', '-b:a', '32k'] : []),
    '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'], { maxBuffer: 1 << 30 })
  if (made.status !== 0) throw new Error(String(made.stderr))
  let init: MediaInit | null = null
  const fragments: Footage['fragments'] = []
  const reader = makeRemuxer({
    init: i => { init = i },
    fragment: fragment => { fragments.push({ ms: readLiveFragment(fragment.bytes).time / (fragment.audio ? 16 : 90), fragment }) }
  }, { wall: () => 0, mono: () => 0 }, 0, () => {})
  for (let at = 0; at < made.stdout.length; at += 65_536) reader.push(made.stdout.subarray(at, at + 65_536))
  // ffmpeg puts the sound's priming in front; pictures are timed anew, evenly from 0.
  let pictures = 0
  for (const entry of fragments) {
    if (entry.fragment.audio) continue
    setFragmentTime(entry.fragment.bytes, pictures * VIDEO_TIMESCALE / fps)
    entry.fragment.bytes.writeUInt32BE(VIDEO_TIMESCALE / fps, 88)
    entry.ms = pictures++ * 1000 / fps
  }
  return { init: init!, fragments: fragments.sort((a, b) => a.ms - b.ms) }
}
