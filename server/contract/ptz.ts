/**
 * Cameras that move. An agent is told by commands (agent-link.ts), a browser speaks over WebSocket /api/v1/devices/:id/ptz/control (cookie session,
 * same origin): PtzRequest up, PtzNote down; closing the socket stops the head and gives the camera back. Close codes as in media.ts.
 *
 * A *press* is one continuous move, from the first `move` to its `stop`; presses are numbered upwards by the browser. While it lasts the
 * browser repeats `move` every PTZ_REPEAT_MS; a press that is not repeated ends by itself, first at the server, then at the agent, then at the camera.
 */
import Type, { type Static } from 'typebox'
import { Id, Name, Nullable, TimeMs } from './common.js'

/** How often a browser repeats `move` while somebody holds the stick. */
export const PTZ_REPEAT_MS = 200
/** The server ends a press that was not repeated for so long. */
export const PTZ_SERVER_HOLD_MS = 1000
/** The agent ends a move that the server did not repeat for so long. */
export const PTZ_AGENT_HOLD_MS = 1500
/** The camera ends a move that the agent did not repeat for so long: ONVIF's Timeout in whole seconds. */
export const PTZ_CAMERA_HOLD_S = 2

const Speed = Type.Number({ minimum: -1, maximum: 1 })
/** Share of the full speed: right, up and in are positive. */
export const PtzVelocity = Type.Object({ pan: Speed, tilt: Speed, zoom: Speed })
export type PtzVelocity = Static<typeof PtzVelocity>
const Coordinate = Nullable(Type.Number({ minimum: -1000, maximum: 1000 }))
/** As the camera tells it, in its generic spaces; null where it does not. */
export const PtzPosition = Type.Object({ pan: Coordinate, tilt: Coordinate, zoom: Coordinate })
export type PtzPosition = Static<typeof PtzPosition>
/** A place in the picture: 0 to 1 of width and height, from the left and from the top. */
export const PicturePoint = Type.Object({ x: Type.Number({ minimum: 0, maximum: 1 }), y: Type.Number({ minimum: 0, maximum: 1 }) })
export type PicturePoint = Static<typeof PicturePoint>
const PresetToken = Type.String({ minLength: 1, maxLength: 200 })
export const PtzPreset = Type.Object({ token: PresetToken, name: Type.String({ maxLength: 200 }) })
export type PtzPreset = Static<typeof PtzPreset>

/** What a camera can do, found by asking it. */
export const PtzAbilities = Type.Object({
  panTilt: Type.Boolean(), zoom: Type.Boolean(),
  /** How a click in the picture is gone to: in shares of the field of view, by the camera's own angles, or not at all. */
  point: Nullable(Type.Enum(['field_of_view', 'angles'])),
  absolute: Type.Boolean(), home: Type.Boolean(), setHome: Type.Boolean(), presets: Type.Boolean(), maxPresets: Type.Integer({ minimum: 0 })
})
export type PtzAbilities = Static<typeof PtzAbilities>
/** `abilities` null: the camera has no head that turns. */
export const PtzFound = Type.Object({ abilities: Nullable(PtzAbilities), presets: Type.Array(PtzPreset, { maxItems: 256 }), position: Nullable(PtzPosition), moving: Nullable(Type.Boolean()) })
export type PtzFound = Static<typeof PtzFound>

export const PtzTarget = Type.Union([
  Type.Object({ kind: Type.Literal('preset'), token: PresetToken }),
  Type.Object({ kind: Type.Literal('home') }),
  /** This place becomes the middle of the picture. */
  Type.Object({ kind: Type.Literal('point'), ...PicturePoint.properties })
])
export type PtzTarget = Static<typeof PtzTarget>

export const PtzEdit = Type.Union([
  /** Where the camera looks now, under this name. */
  Type.Object({ kind: Type.Literal('add'), name: Name }),
  /** The preset leads to where the camera looks now. */
  Type.Object({ kind: Type.Literal('place'), token: PresetToken, name: Name }),
  Type.Object({ kind: Type.Literal('remove'), token: PresetToken }),
  Type.Object({ kind: Type.Literal('set_home') })
])
export type PtzEdit = Static<typeof PtzEdit>

/** What an agent is told of a head. `seq` rises with everything said about one camera by one run of the server: what is older than the last is dropped. */
export const PtzOrder = Type.Union([
  Type.Object({ do: Type.Literal('find') }),
  Type.Object({ do: Type.Literal('look') }),
  Type.Object({ do: Type.Literal('move'), velocity: PtzVelocity, holdMs: Type.Integer({ minimum: 100, maximum: 10_000 }) }),
  Type.Object({ do: Type.Literal('stop') }),
  Type.Object({ do: Type.Literal('go'), to: PtzTarget }),
  Type.Object({ do: Type.Literal('edit'), edit: PtzEdit })
])
export type PtzOrder = Static<typeof PtzOrder>
/** What an agent answers: only what the order was about; a position where the camera tells it. */
export const PtzAnswer = Type.Object({ position: Nullable(PtzPosition), moving: Nullable(Type.Boolean()), found: Type.Optional(PtzFound), token: Type.Optional(PresetToken) })
export type PtzAnswer = Static<typeof PtzAnswer>

/** Who has the camera. Null in a note: nobody. */
export const PtzLock = Type.Object({
  /** `tour`: nobody moves it, it goes its rounds; anybody who may takes over at once. */
  by: Type.Enum(['person', 'tour']), name: Type.String(), userId: Nullable(Id), since: TimeMs, lastActAt: TimeMs,
  /** Free again at this time if nothing happens; null while it moves, and for tours. */
  until: Nullable(TimeMs)
})
export type PtzLock = Static<typeof PtzLock>
const ptzLostReasons = ['idle', 'taken_over', 'given', 'released', 'gone', 'rights', 'tour_ended'] as const
export type PtzLostReason = typeof ptzLostReasons[number]

const Press = Type.Integer({ minimum: 1, maximum: 1_000_000_000 })
export const PtzRequest = Type.Union([
  Type.Object({ type: Type.Literal('move'), press: Press, ...PtzVelocity.properties }),
  Type.Object({ type: Type.Literal('stop'), press: Press }),
  Type.Object({ type: Type.Literal('go'), press: Press, to: PtzTarget }),
  /** `over`: also from somebody of lower rank. */
  Type.Object({ type: Type.Literal('take'), over: Type.Boolean() }),
  Type.Object({ type: Type.Literal('release') }),
  /** To the one who has it: please. */
  Type.Object({ type: Type.Literal('ask') }),
  /** The answer to `ask`. */
  Type.Object({ type: Type.Literal('answer'), give: Type.Boolean() })
])
export type PtzRequest = Static<typeof PtzRequest>

export const PtzNote = Type.Union([
  /** After each change. `you`: `owner`; `free` to take; `over`: may be taken from a lower one; `wait`: asked for or waited for. */
  Type.Object({ type: Type.Literal('lock'), lock: Nullable(PtzLock), you: Type.Enum(['owner', 'free', 'over', 'wait']), serverTime: TimeMs,
    /** Who asks the owner for it; told to the owner alone. */
    askedBy: Nullable(Type.String()) }),
  Type.Object({ type: Type.Literal('lost'), reason: Type.Enum([...ptzLostReasons]), to: Nullable(Type.String()) }),
  /** This press is over; why, where the browser did not end it itself. */
  Type.Object({ type: Type.Literal('ended'), press: Press, reason: Type.Enum(['stop', 'hold', 'lost', 'failed']) }),
  /** The asked one keeps it. */
  Type.Object({ type: Type.Literal('denied') }),
  Type.Object({ type: Type.Literal('refused'), press: Nullable(Press), code: Type.Enum(['locked', 'too_many']) }),
  Type.Object({ type: Type.Literal('failed'), press: Nullable(Press), code: Type.String(), detail: Type.String() }),
  /** Presets or tours are others now. */
  Type.Object({ type: Type.Literal('changed') })
])
export type PtzNote = Static<typeof PtzNote>

/** An ordered round of presets. */
export const PtzTourWrite = Type.Object({ name: Name, steps: Type.Array(Type.Object({ token: PresetToken, dwellS: Type.Integer({ minimum: 3, maximum: 3600 }) }), { minItems: 2, maxItems: 50 }) }, { additionalProperties: false })
export type PtzTourWrite = Static<typeof PtzTourWrite>
export const PtzTour = Type.Object({ id: Id, ...PtzTourWrite.properties })
export type PtzTour = Static<typeof PtzTour>

/** GET /api/v1/devices/:id/ptz */
export const PtzView = Type.Object({
  /** Null: cannot be moved, or nobody could ask it yet (`problem`). */
  abilities: Nullable(PtzAbilities), problem: Nullable(Type.Object({ code: Type.String(), detail: Type.String() })),
  presets: Type.Array(PtzPreset), tours: Type.Array(PtzTour), runningTourId: Nullable(Id), lock: Nullable(PtzLock)
})
export type PtzView = Static<typeof PtzView>
/** GET and PATCH /api/v1/ptz/settings. */
export const PtzSettings = Type.Object({
  /** Whoever has a camera and does not move it for so long has it no more. */
  idleS: Type.Integer({ minimum: 10, maximum: 600 }),
  /** A tour goes on so long after the last person. */
  resumeS: Type.Integer({ minimum: 10, maximum: 3600 })
})
export type PtzSettings = Static<typeof PtzSettings>
export const PtzSettingsWrite = Type.Partial(PtzSettings, { minProperties: 1, additionalProperties: false })
export type PtzSettingsWrite = Static<typeof PtzSettingsWrite>
export const PtzNameWrite = Type.Object({ name: Name }, { additionalProperties: false })
