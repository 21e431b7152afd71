import { FragmentWriter } from './mp4-fragment.js'
import { initSegment, VIDEO_TIMESCALE } from './mp4-init.js'
import { Mp4Reader } from './mp4-reader.js'
import type { PullSink } from './pull.js'
import type { Time } from './timeline.js'

/** ffmpeg's fragments into ours: one sample each, our init, timestamps on the stream's timeline. */
export function makeRemuxer (sink: PullSink, time: Time, epochMs: number, onFrame: () => void, videoOnly = false) {
  const video = new FragmentWriter(1)
  const audio = new FragmentWriter(2)
  let videoScale = VIDEO_TIMESCALE
  let audioScale = 0
  let audioRate = 0
  let startMs = -1
  return new Mp4Reader({
    tracks (tracks) {
      videoScale = tracks.video.timescale
      const sound = videoOnly ? null : tracks.audio
      audioScale = sound?.timescale ?? 0
      audioRate = sound?.config.sampleRate ?? 0
      sink.init({ bytes: initSegment(tracks.video.config, sound?.config ?? null), video: tracks.video.config, audio: sound?.config ?? null })
    },
    sample (isAudio, sample, at, duration, key) {
      if (isAudio && audioScale === 0) return
      if (startMs < 0) startMs = time.mono() - epochMs
      if (!isAudio) onFrame()
      const [scale, ours, writer] = isAudio ? [audioScale, audioRate, audio] as const : [videoScale, VIDEO_TIMESCALE, video] as const
      const ticks = Math.round(startMs / 1000 * ours + at * ours / scale)
      sink.fragment({ bytes: writer.write(sample, ticks, Math.round(duration * ours / scale), key), key: key && !isAudio, audio: isAudio, atMs: time.wall() })
    }
  })
}
