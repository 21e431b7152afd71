/**
 * Live video, agent -> server -> browser. Binary messages carry one fMP4 box group each behind a 20-byte header and are
 * relayed unchanged; JSON text messages carry status.
 *
 * Header, big-endian: u32 stream, u8 kind (1 init, 2 fragment), u8 flags (bit 0 key frame, bit 1 audio),
 * u16 reserved, f64 atMs (agent's wall clock when the first byte of the frame arrived, ms), u32 fragment number (wraps).
 * An init payload is ftyp+moov; a fragment is moof+mdat with exactly ONE sample of ONE track (track 1 video, 2 audio),
 * so a WebCodecs client takes the sample as the mdat's content and its time from tfdt; timescale is in the init.
 */
import Type, { type Static } from 'typebox'
import { FailureCode, StreamProfile } from './health.js'
import { MaskRegions } from './footage.js'
import { Id, Nullable } from './common.js'

export const MEDIA_HEADER_BYTES = 20
export const MediaKind = { init: 1, fragment: 2 } as const
export const MediaFlag = { key: 1, audio: 2 } as const
export interface MediaHeader { stream: number, kind: number, flags: number, atMs: number, number: number }

export function writeMediaHeader (target: DataView, h: MediaHeader) {
  target.setUint32(0, h.stream)
  target.setUint8(4, h.kind)
  target.setUint8(5, h.flags)
  target.setUint16(6, 0)
  target.setFloat64(8, h.atMs)
  target.setUint32(16, h.number >>> 0)
}
export const readMediaHeader = (v: DataView): MediaHeader =>
  ({ stream: v.getUint32(0), kind: v.getUint8(4), flags: v.getUint8(5), atMs: v.getFloat64(8), number: v.getUint32(16) })

/** What a stream is; sent before its init segment and again on every change. */
export const StreamInfo = Type.Object({
  type: Type.Literal('stream'), stream: Type.Integer({ minimum: 0 }),
  status: Type.Enum(['connecting', 'playing', 'stalled', 'failed', 'stopped']),
  /** RFC 6381, for example avc1.64001f, hvc1.1.6.L93.B0; null until known. */
  videoCodec: Nullable(Type.String({ maxLength: 60 })),
  /** mp4a.40.2, or pcmu / pcma (8 kHz mono, for the client to expand); null without audio. */
  audioCodec: Nullable(Type.String({ maxLength: 60 })),
  width: Nullable(Type.Integer()), height: Nullable(Type.Integer()),
  client: Type.Enum(['own', 'ffmpeg']), transcoded: Type.Boolean(), masked: Type.Optional(Type.Boolean()),
  failure: Nullable(Type.Object({ code: FailureCode, detail: Type.String({ maxLength: 500 }) }))
})
export type StreamInfo = Static<typeof StreamInfo>

/** Server -> agent's media worker. */
export const MediaCommand = Type.Union([
  /** `transcode` asks for H.264 made from whatever the camera sends. */
  Type.Object({ type: Type.Literal('subscribe'), stream: Type.Integer({ minimum: 0, maximum: 0xffffffff }), deviceId: Id, profile: StreamProfile, transcode: Type.Boolean(),
    /** With any: made anew with these regions hidden, or not at all. */
    masks: Type.Optional(MaskRegions) }),
  Type.Object({ type: Type.Literal('unsubscribe'), stream: Type.Integer({ minimum: 0, maximum: 0xffffffff }) })
])
export type MediaCommand = Static<typeof MediaCommand>

/**
 * Agent's media worker -> server, only from an agent that runs several workers, each with its own socket: the cameras to
 * subscribe to through this one. Sent after the welcome and on each change. A socket that never sends it has them all.
 */
export const MediaServes = Type.Object({ type: Type.Literal('serves'), deviceIds: Type.Array(Id, { maxItems: 1000 }) })
export type MediaServes = Static<typeof MediaServes>

/**
 * Browser: WebSocket /api/v1/devices/:id/live?profile=sub|main&hevc=0|1 (cookie session, same origin).
 * Server -> browser: StreamInfo, LiveMode, then binary. Browser -> server: LiveRequest.
 * Close codes: 4401 signed out, 4403 not permitted, 4404 no such camera, 4408 too slow, 4410 camera disabled or removed, 4503 agent away.
 */
export const LiveMode = Type.Object({ type: Type.Literal('mode'), mode: Type.Enum(['all', 'keyframes']), reason: Type.Enum(['asked', 'slow_viewer', 'recovered']) })
export type LiveMode = Static<typeof LiveMode>
/** The difference of the agent's clock to the server's, so that the age of a picture can be told. */
export const LiveClock = Type.Object({ type: Type.Literal('clock'), serverTime: Type.Integer(), agentOffsetMs: Type.Number() })
export type LiveClock = Static<typeof LiveClock>
export const LiveRequest = Type.Union([
  Type.Object({ type: Type.Literal('mode'), mode: Type.Enum(['all', 'keyframes']) }),
  /** Answered with `clock`. */
  Type.Object({ type: Type.Literal('ping') })
])
export type LiveRequest = Static<typeof LiveRequest>
