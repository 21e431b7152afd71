import { AacTrack, type AudioConfig, audioConfig, PcmTrack } from './audio.js'
import { openRtsp, type RtspSession, type RtspTarget, type RtspTrack } from './client.js'
import { faultOf, RtspFault } from './fault.js'
import { H264Track } from './h264.js'
import { H265Track } from './h265.js'
import { FragmentWriter, GroupSlabs } from './mp4-fragment.js'
import { initSegment, VIDEO_TIMESCALE, type VideoConfig, videoConfig } from './mp4-init.js'
import { type Liveness, type Pull, type PullSink, stallOf } from './pull.js'
import { type Depacketizer, readSenderReport, RtpReceiver, type SenderReport } from './rtp.js'
import type { SdpMedia } from './sdp.js'
import { LipSync, MediaTimeline, type Time } from './timeline.js'
import type { VideoTrack } from './video-track.js'

/** RTSP in, fragments out: our own client on one stream. `epochMs` is the zero of the stream's timeline (monotonic). */
export function startOwnPull (target: RtspTarget, sink: PullSink, time: Time, epochMs: number): Pull {
  const abort = new AbortController()
  const media = new MediaPipeline(sink, time, epochMs)
  let session: RtspSession | null = null
  let stalled: RtspFault | null = null
  /** When the bytes came that are being read now. */
  let arrivedMs = 0
  const run = async (): Promise<RtspFault> => {
    try {
      session = await openRtsp(target, {
        signal: abort.signal, choose: chooseMedia, tracks: tracks => media.open(tracks),
        arrived: () => { arrivedMs = time.mono() },
        packet: (channel, buffer, start, end) => media.packet(channel, buffer, start, end, arrivedMs)
      })
      media.live.startedMs = time.mono()
      const fault = await session.ended
      return stalled ?? fault
    } catch (error) {
      return faultOf(error)
    }
  }
  return {
    ended: run(),
    stats: () => media.stats(),
    received: () => media.received(),
    check () {
      if (!session || stalled) return
      const failure = stallOf(media.live, time.mono())
      if (!failure) return
      stalled = new RtspFault(failure.code, failure.detail)
      session.close()
    },
    close () {
      session?.close()
      abort.abort()
    }
  }
}

const videoKinds: Record<string, 'h264' | 'h265'> = { H264: 'h264', H265: 'h265', HEVC: 'h265' }

/** The first picture we can carry, and the first sound; metadata tracks are left alone. */
export function chooseMedia (all: readonly SdpMedia[]): SdpMedia[] {
  const pictures = all.filter(m => m.kind === 'video' && m.payloadType >= 0)
  const video = pictures.find(m => videoKinds[m.encoding])
  if (!video) {
    if (pictures.length === 0) throw new RtspFault('no_stream', 'The camera describes no video at this path')
    throw new RtspFault('unsupported_codec', `The camera sends ${pictures.map(m => m.encoding || '?').join(', ').slice(0, 100)}; H.264 or H.265 is needed`)
  }
  const audio = all.find(m => m.kind === 'audio' && audioConfig(m))
  return audio ? [video, audio] : [video]
}

interface Sound { config: AudioConfig, timeline: MediaTimeline, writer: FragmentWriter }

/** From packets to fragments for the tracks of one session. Frames are of the time that `time` tells while their first packet is given in. */
export class MediaPipeline {
  readonly live: Liveness = { startedMs: 0, lastPacketMs: 0, lastFrameMs: 0, packets: 0, hasInit: false }
  private receivers = new Map<number, RtpReceiver>()
  private track: VideoTrack | null = null
  private videoChannel = 0
  private timeline: MediaTimeline
  private readonly writer = new FragmentWriter(1, new GroupSlabs())
  private kind: 'h264' | 'h265' = 'h264'
  private video: VideoConfig | null = null
  private sound: Sound | null = null
  private sync: LipSync | null = null
  private lastTicks = -1
  private duration = 3600

  constructor (private readonly sink: PullSink, private readonly time: Time, private readonly epochMs: number) {
    this.timeline = new MediaTimeline(VIDEO_TIMESCALE, 0)
  }

  open (tracks: readonly RtspTrack[]) {
    const [picture, sound] = tracks
    const start = (rate: number) => ((this.time.mono() - this.epochMs) / 1000) * rate
    this.timeline = new MediaTimeline(VIDEO_TIMESCALE, start(VIDEO_TIMESCALE))
    this.live.startedMs = this.time.mono()
    if (sound) this.openSound(sound, start)
    this.openPicture(picture!)
  }

  /** `now`: when its bytes came, by `time.mono`. */
  packet (channel: number, buffer: Buffer, start: number, end: number, now: number) {
    const receiver = this.receivers.get(channel)
    if (receiver) {
      if (channel === this.videoChannel) {
        this.live.lastPacketMs = now
        this.live.packets++
      }
      return receiver.packet(buffer, start, end, now)
    }
    if (this.sync && this.receivers.has(channel - 1)) this.report(channel - 1, readSenderReport(buffer, start, end))
  }

  /** What a track's RTP time was at a moment of the camera's clock. */
  report (channel: number, report: SenderReport | null) { this.sync?.report(channel === this.videoChannel ? 0 : 1, report) }

  stats () {
    let packetsLost = 0
    for (const receiver of this.receivers.values()) packetsLost += receiver.lost
    return { packetsLost, droppedFrames: this.track?.droppedFrames ?? 0 }
  }

  received () {
    let packets = 0
    for (const receiver of this.receivers.values()) packets += receiver.received
    return packets
  }

  private openPicture ({ media, channel }: RtspTrack) {
    this.kind = videoKinds[media.encoding]!
    const out = { parameterSets: (sets: VideoConfig['sets']) => this.configure(sets), frame: this.frame }
    this.track = this.kind === 'h264' ? new H264Track(out) : new H265Track(out, Number(media.parameters.get('sprop-max-don-diff') ?? 0) > 0)
    this.videoChannel = channel
    this.receivers.set(channel, new RtpReceiver(this.track, media.payloadType))
    const sets = ['sprop-vps', 'sprop-sps', 'sprop-pps', 'sprop-parameter-sets'].flatMap(name => media.parameters.get(name)?.split(',') ?? [])
    this.track.preset(sets.slice(0, 16).map(text => Buffer.from(text, 'base64')))
  }

  private openSound ({ media, channel }: RtspTrack, start: (rate: number) => number) {
    const config = audioConfig(media)
    if (!config) return
    // RTP clock and sampling rate are one for the formats taken; the SDP's clock is what timestamps count in.
    const sound: Sound = { config: { ...config, sampleRate: config.specific ? media.clockRate : config.sampleRate }, timeline: new MediaTimeline(media.clockRate, start(media.clockRate)), writer: new FragmentWriter(2) }
    this.sound = sound
    this.sync = new LipSync([VIDEO_TIMESCALE, media.clockRate])
    const out = (buffer: Buffer, from: number, to: number, timestamp: number, duration: number, arrivalMs: number) => {
      const ticks = sound.timeline.at(timestamp, arrivalMs)
      this.sync?.frame(1, timestamp, ticks)
      const correction = this.sync?.correction()
      if (correction) sound.timeline.shift(correction * media.clockRate)
      if (this.video) this.sink.fragment({ bytes: sound.writer.write(buffer.subarray(from, to), ticks, duration, true), key: false, audio: true, atMs: this.wallOf(arrivalMs) })
    }
    const track: Depacketizer = config.specific ? new AacTrack(media, out) : new PcmTrack(out)
    this.receivers.set(channel, new RtpReceiver(track, media.payloadType))
  }

  private configure (sets: VideoConfig['sets']) {
    const video = videoConfig(this.kind, sets)
    if (!video) return
    this.video = video
    this.live.hasInit = true
    if (video.fps) this.duration = Math.round(VIDEO_TIMESCALE / video.fps)
    this.sink.init({ bytes: initSegment(video, this.sound?.config ?? null), video, audio: this.sound?.config ?? null })
  }

  private readonly frame = (sample: Buffer, key: boolean, timestamp: number, arrivalMs: number) => {
    if (!this.video) return
    const ticks = this.timeline.at(timestamp, arrivalMs)
    this.sync?.frame(0, timestamp, ticks)
    if (this.lastTicks >= 0 && ticks - this.lastTicks < VIDEO_TIMESCALE * 2) this.duration = ticks - this.lastTicks
    this.lastTicks = ticks
    this.live.lastFrameMs = arrivalMs
    this.sink.fragment({ bytes: this.writer.write(sample, ticks, this.duration, key), key, audio: false, atMs: this.wallOf(arrivalMs) })
  }

  private wallOf (monoMs: number) { return this.time.wall() - (this.time.mono() - monoMs) }
}
