/** What cameras report (motion, line crossed, tamper ...), and the rules that make alarms of it. See docs/decisions/camera-events.md. */
import Type, { type Static } from 'typebox'
import { Id, Name, Nullable, PageOf, TimeMs } from './common.js'
import { CameraEventType, Severity } from './health.js'
import { WeekSpan } from './recording.js'

/** `to` is null while it lasts; a pulse has `to` equal to `from`. `data` is what the camera said beside it. */
export const CameraEvent = Type.Object({ id: Id, deviceId: Id, deviceName: Type.String(), type: CameraEventType, source: Type.String(), from: TimeMs, to: Nullable(TimeMs), data: Type.Record(Type.String(), Type.String()) })
export type CameraEvent = Static<typeof CameraEvent>
export const CameraEventPage = PageOf(CameraEvent)
/** GET /camera-events, newest first. `from` and `to` ask for what stood at any moment between them. */
export const CameraEventQuery = Type.Object({
  deviceId: Type.Optional(Id), type: Type.Optional(CameraEventType), from: Type.Optional(TimeMs), to: Type.Optional(TimeMs),
  cursor: Type.Optional(Type.String({ maxLength: 500 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 }))
}, { additionalProperties: false })
export type CameraEventQuery = Static<typeof CameraEventQuery>
/** GET /camera-events/active: what lasts now, for the marks on the wall's tiles. */
export const ActiveEvent = Type.Object({ deviceId: Id, type: CameraEventType, since: TimeMs })
export type ActiveEvent = Static<typeof ActiveEvent>

export const EventRuleWrite = Type.Object({
  name: Name,
  enabled: Type.Boolean(),
  /** Both empty: all cameras. */
  deviceIds: Type.Array(Id, { maxItems: 500 }),
  groupIds: Type.Array(Id, { maxItems: 200 }),
  types: Type.Array(CameraEventType, { minItems: 1, maxItems: 20 }),
  /** In the centre's zone; empty: always. */
  schedule: Type.Array(WeekSpan, { maxItems: 50 }),
  /** It must last so long; above 0, pulses do not count. */
  minDurationS: Type.Integer({ minimum: 0, maximum: 3600 }),
  /** From one alarm of a camera to the next, at least. */
  cooldownS: Type.Integer({ minimum: 0, maximum: 86_400 }),
  /** An alarm of a pulse clears after so long without another. */
  clearAfterS: Type.Integer({ minimum: 5, maximum: 86_400 }),
  severity: Severity,
  /** Cameras in event mode are recorded while the alarm stands; a bookmark marks its beginning. */
  record: Type.Boolean(),
  bookmark: Type.Boolean()
}, { additionalProperties: false })
export type EventRuleWrite = Static<typeof EventRuleWrite>
export const EventRule = Type.Object({ id: Id, ...EventRuleWrite.properties, updatedAt: TimeMs, updatedBy: Type.String() })
export type EventRule = Static<typeof EventRule>

export const RulePreviewRequest = Type.Object({ rule: EventRuleWrite, days: Type.Union([Type.Literal(7), Type.Literal(30)]) }, { additionalProperties: false })
/** What a rule would have raised. `partial`: there were more events than are looked through; `from` tells since when. */
export const RulePreview = Type.Object({
  from: TimeMs, to: TimeMs, events: Type.Integer(), raised: Type.Integer(), partial: Type.Boolean(),
  days: Type.Array(Type.Object({ day: Type.String(), raised: Type.Integer() })),
  cameras: Type.Array(Type.Object({ deviceId: Id, deviceName: Type.String(), raised: Type.Integer() })),
  latest: Type.Array(Type.Object({ deviceId: Id, deviceName: Type.String(), at: TimeMs, type: CameraEventType, source: Type.String() }))
})
export type RulePreview = Static<typeof RulePreview>
