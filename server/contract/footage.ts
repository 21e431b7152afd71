/**
 * Footage on its way from an agent's disk to a browser.
 *
 * Agent: told `footage_open` (agent-link.ts), its footage process dials ws /agent/v1/footage (the same three messages as the link, purpose
 * `footage`), sends FootageTicket as its first text message, then what was asked (its frames are masked with zeros: RFC 6455's
 * masking guards proxies against scripts, and an agent is none). One socket a stream: TCP does the flow control, the
 * server stops reading (`socket.pause()`) while its reader has enough, and closes the socket to cancel.
 *
 * `play` and `still`: text messages of FootageNote; binary messages as in media.ts (20-byte header, then ftyp+moov, or moof+mdat with ONE
 * sample); `atMs` is the wall clock of the frame when it was recorded. `clip` and `segment`: FootageNote `file` first, then the bytes.
 *
 * Browser: WebSocket /api/v1/devices/:id/playback?hevc=0|1 (cookie session, same origin). Browser -> server: PlaybackRequest. Server ->
 * browser: FootageNote with the request's `id`, and binary messages whose header's `stream` is that `id`. Close codes as in media.ts.
 */
import Type, { type Static } from 'typebox'
import { Id, Nullable, TimeMs } from './common.js'
import { GapCause } from './recording.js'

/** A part of the picture that is hidden: polygon, each coordinate 0 to 1 of width and height. */
export const MaskRegion = Type.Array(Type.Tuple([Type.Number({ minimum: 0, maximum: 1 }), Type.Number({ minimum: 0, maximum: 1 })]), { minItems: 3, maxItems: 20 })
export type MaskRegion = Static<typeof MaskRegion>
export const MaskRegions = Type.Array(MaskRegion, { maxItems: 20 })

/** A camera's privacy regions, GET and PUT /api/v1/devices/:id/masks. */
export const CameraMasks = Type.Object({ deviceId: Id, regions: MaskRegions, updatedAt: Nullable(TimeMs), updatedBy: Nullable(Type.String()) })
export type CameraMasks = Static<typeof CameraMasks>
export const CameraMasksWrite = Type.Object({ regions: MaskRegions }, { additionalProperties: false })
export type CameraMasksWrite = Static<typeof CameraMasksWrite>

export const FootageRequest = Type.Union([
  /** From the key frame at or before `from`; backward: key frames only, from `from` down. `to` null: on until live, then follow what is written. */
  Type.Object({ what: Type.Literal('play'), deviceId: Id, from: TimeMs, to: Nullable(TimeMs), mode: Type.Enum(['all', 'keyframes']), direction: Type.Enum(['forward', 'backward']),
    /** H.264 made from whatever was recorded; with masks always. */
    transcode: Type.Boolean(), masks: MaskRegions }),
  /** The one key frame at or before `at`; with `jpegWidth` as a JPEG at most so wide, sent as a `file`. */
  Type.Object({ what: Type.Literal('still'), deviceId: Id, at: TimeMs, transcode: Type.Boolean(), masks: MaskRegions, jpegWidth: Type.Optional(Type.Integer({ minimum: 16, maximum: 4096 })) }),
  /** Progressive MP4 by stream copy from the key frame at or before `from`; gaps inside are left out and listed. With masks it is encoded anew. */
  Type.Object({ what: Type.Literal('clip'), deviceId: Id, from: TimeMs, to: TimeMs, masks: Type.Optional(MaskRegions) }),
  /** The file as it lies on the disk. */
  Type.Object({ what: Type.Literal('segment'), segmentId: Id })
])
export type FootageRequest = Static<typeof FootageRequest>
export const FootageTicket = Type.Object({ type: Type.Literal('ticket'), ticket: Type.String({ minLength: 20, maxLength: 200 }) })
export type FootageTicket = Static<typeof FootageTicket>

const about = { id: Type.Optional(Type.Integer({ minimum: 0 })) }
export const FootageNote = Type.Union([
  /** Before each init segment. */
  Type.Object({ type: Type.Literal('stream'), ...about, videoCodec: Type.String({ maxLength: 60 }), audioCodec: Nullable(Type.String({ maxLength: 60 })), width: Type.Integer(), height: Type.Integer(), transcoded: Type.Boolean(), masked: Type.Boolean() }),
  /** Nothing was recorded here; what follows begins at `to`. */
  Type.Object({ type: Type.Literal('gap'), ...about, from: TimeMs, to: Nullable(TimeMs), cause: Nullable(GapCause) }),
  Type.Object({ type: Type.Literal('file'), ...about, bytes: Type.Integer({ minimum: 0 }), mime: Type.String({ maxLength: 100 }), from: TimeMs, to: TimeMs, gaps: Type.Array(Type.Object({ from: TimeMs, to: TimeMs }), { maxItems: 10_000 }), masked: Type.Optional(Type.Boolean()) }),
  Type.Object({ type: Type.Literal('end'), ...about, at: Nullable(TimeMs), sha256: Type.Optional(Type.String()) }),
  Type.Object({ type: Type.Literal('failed'), ...about, code: Type.String({ maxLength: 60 }), detail: Type.String({ maxLength: 500 }), cause: Type.Optional(Nullable(GapCause)) })
])
export type FootageNote = Static<typeof FootageNote>

const RequestId = Type.Integer({ minimum: 0, maximum: 0xffffffff })
/** One `play` at a time a socket: a new one ends the one before. Frames are sent up to `until` (wall clock of the recording; backward: down to it). */
export const PlaybackRequest = Type.Union([
  Type.Object({ type: Type.Literal('play'), id: RequestId, from: TimeMs, to: Nullable(TimeMs), mode: Type.Enum(['all', 'keyframes']), direction: Type.Enum(['forward', 'backward']), until: TimeMs }),
  Type.Object({ type: Type.Literal('window'), id: RequestId, until: TimeMs }),
  Type.Object({ type: Type.Literal('still'), id: RequestId, at: TimeMs }),
  Type.Object({ type: Type.Literal('stop'), id: RequestId })
])
export type PlaybackRequest = Static<typeof PlaybackRequest>
