/**
 * Recording: how a camera is to be recorded, what an agent has on its disks (facts), gaps with their causes, locks,
 * volumes, the timeline, bookmarks and clips. See docs/decisions/recording.md.
 */
import Type, { type Static } from 'typebox'
import { Id, Name, Note, Nullable, PageOf, PageQuery, TimeMs } from './common.js'
import { StreamProfile } from './health.js'

/** Whole numbers that both databases and JavaScript hold exactly. */
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const DurationMs = Count

// ---- How a camera is recorded -------------------------------------------------------------------------------------

/** Part of a week in the centre's zone: `day` 0 is Monday; minutes since midnight, `toMin` up to 1440. */
export const WeekSpan = Type.Object({ day: Type.Integer({ minimum: 0, maximum: 6 }), fromMin: Type.Integer({ minimum: 0, maximum: 1439 }), toMin: Type.Integer({ minimum: 1, maximum: 1440 }) }, { additionalProperties: false })
export type WeekSpan = Static<typeof WeekSpan>
export const RecordingPolicy = Type.Object({
  /** `scheduled` records inside `schedule`; `event` from `preRollS` before an event to `postRollS` after its end. */
  mode: Type.Enum(['continuous', 'scheduled', 'event', 'off']),
  profile: StreamProfile,
  audio: Type.Boolean(),
  schedule: Type.Array(WeekSpan, { maxItems: 50 }),
  preRollS: Type.Integer({ minimum: 0, maximum: 60 }),
  postRollS: Type.Integer({ minimum: 1, maximum: 600 }),
  /** Footage older than this goes; null keeps it until space is short. */
  keepDays: Nullable(Type.Integer({ minimum: 1, maximum: 3650 })),
  keepBytes: Nullable(Type.Integer({ minimum: 1_000_000 })),
  /** Moved to an archive volume after so many days; null never. */
  archiveAfterDays: Nullable(Type.Integer({ minimum: 1, maximum: 3650 })),
  /** 1 is the most important: the last to stop when disks are full. */
  priority: Type.Integer({ minimum: 1, maximum: 5 }),
  /** Absences are filled from the camera's own card afterwards; absent: yes. */
  refill: Type.Optional(Type.Boolean())
}, { additionalProperties: false })
export type RecordingPolicy = Static<typeof RecordingPolicy>
export const defaultPolicy: RecordingPolicy = { mode: 'continuous', profile: 'main', audio: true, schedule: [], preRollS: 30, postRollS: 30, keepDays: 30, keepBytes: null, archiveAfterDays: null, priority: 3 }

/** Policies hang on the centre, a camera group or a camera; the narrowest one is taken whole. */
export const PolicyScope = Type.Enum(['centre', 'group', 'camera'])
export const StoredPolicy = Type.Object({ scope: PolicyScope, scopeId: Type.String(), scopeName: Type.String(), policy: RecordingPolicy, updatedAt: TimeMs, updatedBy: Type.String() })
export type StoredPolicy = Static<typeof StoredPolicy>

/** What an agent is told of one camera; `timeZone` is for the schedule. Optional in PlanDevice, absent = do not record. */
export const RecordingPlan = Type.Object({ policy: RecordingPolicy, timeZone: Type.String({ maxLength: 60 }) })
export type RecordingPlan = Static<typeof RecordingPlan>

// ---- Volumes ------------------------------------------------------------------------------------------------------

/** Absolute, on the agent's machine. */
const FolderPath = Type.String({ minLength: 2, maxLength: 1000, pattern: '^/' })
/** A folder that holds footage, known by the id in its `kalancha-volume.json`, never by its path alone. */
export const VolumePlan = Type.Object({
  id: Id, tier: Type.Enum(['primary', 'archive']),
  place: Type.Object({ type: Type.Literal('folder'), path: FolderPath }),
  /** Free bytes that are never used. */
  floorBytes: Count,
  enabled: Type.Boolean()
})
export type VolumePlan = Static<typeof VolumePlan>
const volumeStatuses = ['ok', 'missing', 'foreign', 'read_only', 'full', 'slow', 'failed', 'disabled'] as const
/** `foreign`: another volume's id, or none, lies at the path. `slow`: writes queue up and frames are given up. */
const VolumeStatus = Type.Enum([...volumeStatuses])
export const VolumeState = Type.Object({ id: Id, status: VolumeStatus, detail: Type.String({ maxLength: 500 }), totalBytes: Nullable(Count), freeBytes: Nullable(Count), usedBytes: Count, lockedBytes: Count, segments: Count,
  oldestAt: Nullable(TimeMs), writeBps: Nullable(Type.Number()), at: TimeMs })
export type VolumeState = Static<typeof VolumeState>
export const Volume = Type.Object({ id: Id, agentId: Id, agentName: Type.String(), name: Name, tier: VolumePlan.properties.tier,
  /** Its path on the agent's machine; empty for the agent's own folder. */
  location: Type.String(), own: Type.Boolean(), floorBytes: Count, enabled: Type.Boolean(), state: Nullable(VolumeState) })
export type Volume = Static<typeof Volume>
export const VolumeCreate = Type.Object({ agentId: Id, name: Name, tier: VolumePlan.properties.tier, path: FolderPath, floorBytes: Count }, { additionalProperties: false })
export type VolumeCreate = Static<typeof VolumeCreate>
export const VolumeUpdate = Type.Object({ name: Type.Optional(Name), floorBytes: Type.Optional(Count), enabled: Type.Optional(Type.Boolean()) }, { additionalProperties: false, minProperties: 1 })
export type VolumeUpdate = Static<typeof VolumeUpdate>

// ---- Facts: the agent's index, replicated -------------------------------------------------------------------------

/** Why a run ended; null in a segment that its run goes on after. `refill_over`: what the camera's card had ends there. */
export const endReasons = ['stream_lost', 'parameters_changed', 'timestamps_jumped', 'clock_stepped', 'policy', 'disabled', 'recorder_stopped', 'recorder_killed', 'disk_full', 'disk_failed', 'disk_slow', 'volume_missing', 'event_over', 'refill_over'] as const
export const EndReason = Type.Enum([...endReasons])
export type EndReason = (typeof endReasons)[number]
/** `open` is being written: its figures are those of the last report. `moving` and `archived` lie on an archive volume. */
const segmentStatuses = ['open', 'closed', 'archived', 'damaged', 'missing', 'deleted'] as const
export const Segment = Type.Object({
  id: Id, deviceId: Id, profile: StreamProfile, runId: Id,
  /** Media time of its beginning in the run. */
  runOffsetMs: DurationMs,
  startedAt: TimeMs,
  /** By the wall clock, from the first frame to the end of the last one; and by the frames' own timestamps. */
  wallMs: DurationMs, mediaMs: DurationMs,
  videoCodec: Type.String({ maxLength: 60 }), audioCodec: Nullable(Type.String({ maxLength: 60 })), width: Count, height: Count,
  frames: Count, keyFrames: Count, bytes: Count,
  /** Hex, of the whole file; null while open. */
  sha256: Nullable(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  volumeId: Id,
  /** Relative to the volume, with /. */
  path: Type.String({ maxLength: 300, pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$' }),
  status: Type.Enum([...segmentStatuses]),
  endReason: Nullable(EndReason),
  /** Fetched afterwards from the camera's own card. */
  refilled: Type.Boolean(),
  /** For damaged, missing, deleted: why. */
  detail: Nullable(Type.String({ maxLength: 300 }))
})
export type Segment = Static<typeof Segment>

/** `link_down` and `disabled` are told apart by the server, which knows the network and who did what. */
export const gapCauses = ['camera_unreachable', 'authentication_failed', 'stream_failed', 'link_down', 'agent_down', 'recorder_failed', 'disk_full', 'disk_failed', 'disk_slow', 'volume_missing', 'disabled', 'no_event', 'not_scheduled', 'recording_off', 'clock_stepped', 'frames_lost', 'damaged', 'missing', 'deleted', 'unknown'] as const
export const GapCause = Type.Enum([...gapCauses])
export type GapCause = (typeof gapCauses)[number]
/** Causes that are as intended: no fault, not counted against availability. */
export const plannedCauses: readonly GapCause[] = ['not_scheduled', 'recording_off', 'no_event', 'disabled', 'deleted']
/** Why an absence was not filled from the camera's card, or not wholly. */
const refillReasons = ['card_empty', 'no_key_frame', 'no_card', 'ambiguous', 'clock_unknown', 'unreachable', 'authentication_failed', 'refused', 'camera_busy', 'broken', 'wrong_times', 'too_slow', 'timed_out', 'codec', 'no_room', 'failed'] as const
export type RefillReason = (typeof refillReasons)[number]
/** How far an absence, or what is left of it, has been filled from the camera's card. */
export const GapRefill = Type.Object({
  /** `waiting` for its turn or its next try; `done`: what is still missing is not on the card; `failed`: given up. */
  status: Type.Enum(['waiting', 'running', 'done', 'failed']),
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
  reason: Nullable(Type.Enum([...refillReasons])), detail: Type.String({ maxLength: 300 }),
  at: TimeMs, nextAt: Nullable(TimeMs), tries: Count,
  /** The absence before anything came of it. */
  from: TimeMs, to: TimeMs,
  /** By a person. */
  asked: Type.Boolean()
})
export type GapRefill = Static<typeof GapRefill>
export const Gap = Type.Object({ id: Id, deviceId: Id, from: TimeMs, to: Nullable(TimeMs), cause: GapCause, detail: Type.String({ maxLength: 500 }), refill: Type.Optional(Nullable(GapRefill)) })
export type Gap = Static<typeof Gap>

const RecordingFact = Type.Union([
  Type.Object({ kind: Type.Literal('segment'), segment: Segment }),
  Type.Object({ kind: Type.Literal('gap'), gap: Gap }),
  Type.Object({ kind: Type.Literal('volume'), volume: VolumeState })
])
export type RecordingFact = Static<typeof RecordingFact>
/**
 * A page of an agent's index in the order of change: each row once, as it is now. `indexId` changes when the index was made
 * anew (then the reader begins at 0); `cursor` is where the next page goes on; `more` says that there is one.
 */
const MOST_FACTS = 1000
const RecordingFacts = Type.Object({ indexId: Id, cursor: Count, more: Type.Boolean(), facts: Type.Array(RecordingFact, { maxItems: MOST_FACTS }) })
export type RecordingFacts = Static<typeof RecordingFacts>
/** As the server receives it: each row is judged by itself, since one that breaks the contract must not stop its agent's replication for ever. */
export const RecordingPage = Type.Object({ ...RecordingFacts.properties, facts: Type.Array(Type.Unknown(), { maxItems: MOST_FACTS }) })
export type RecordingPage = Static<typeof RecordingPage>
/** No file lasts longer: a cut that waits for a key frame gives up by then. */
export const LONGEST_SEGMENT_MS = 10 * 60_000

/** What agents must know of a lock. `to` null is not allowed: a lock names its interval. */
export const LockPlan = Type.Object({ id: Id, deviceId: Id, from: TimeMs, to: TimeMs })
export type LockPlan = Static<typeof LockPlan>

// ---- For people ---------------------------------------------------------------------------------------------------

export const Lock = Type.Object({ id: Id, deviceId: Id, deviceName: Type.String(), from: TimeMs, to: TimeMs, reason: Type.String(), reference: Type.String(),
  ownerId: Id, ownerName: Type.String(), createdAt: TimeMs,
  /** When a person must look again; the lock holds until somebody releases it. */
  reviewAt: TimeMs,
  releasedAt: Nullable(TimeMs), releasedBy: Nullable(Type.String()), releaseReason: Nullable(Type.String()),
  /** Since when every agent that has such footage, or the camera, has said that it holds it. */
  confirmedAt: Nullable(TimeMs), bytes: Count })
export type Lock = Static<typeof Lock>
export const LockCreate = Type.Object({ deviceIds: Type.Array(Id, { minItems: 1, maxItems: 50 }), from: TimeMs, to: TimeMs, reason: Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' }), reference: Type.Optional(Type.String({ maxLength: 200 })), reviewAt: TimeMs }, { additionalProperties: false })
export type LockCreate = Static<typeof LockCreate>
export const LockReview = Type.Object({ reviewAt: TimeMs, reason: Type.Optional(LockCreate.properties.reason) }, { additionalProperties: false })
export type LockReview = Static<typeof LockReview>
export const LockRelease = Type.Object({ reason: LockCreate.properties.reason }, { additionalProperties: false })
/** `review`: held, and its review is due. */
export const LockQuery = Type.Object({ state: Type.Optional(Type.Enum(['held', 'review', 'released', 'all'])), deviceId: Type.Optional(Id), q: Type.Optional(Type.String({ maxLength: 200 })), ...PageQuery.properties }, { additionalProperties: false })
export type LockQuery = Static<typeof LockQuery>

export const Bookmark = Type.Object({ id: Id, deviceId: Id, deviceName: Type.String(), at: TimeMs, note: Type.String(), authorId: Id, authorName: Type.String(), createdAt: TimeMs })
export type Bookmark = Static<typeof Bookmark>
export const BookmarkWrite = Type.Object({ deviceId: Id, at: TimeMs, note: Note }, { additionalProperties: false })
export type BookmarkWrite = Static<typeof BookmarkWrite>
export const BookmarkQuery = Type.Object({ ...PageQuery.properties, deviceId: Type.Optional(Id), from: Type.Optional(TimeMs), to: Type.Optional(TimeMs), q: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false })
export type BookmarkQuery = Static<typeof BookmarkQuery>

/** One mark on the timeline; in a wide view `count` of them stand together. */
const TimelineEvent = Type.Object({ from: TimeMs, to: Nullable(TimeMs), type: Type.String(), count: Count, id: Nullable(Id) })
/**
 * GET /api/v1/timeline?deviceIds=a,b&from=&to=&points=1000: at most 9 cameras. Spans closer than a point are drawn as one, gaps never vanish:
 * a gap shorter than a point is kept and widened by the drawer.
 */
export const TimelineQuery = Type.Object({ deviceIds: Type.String({ minLength: 36, maxLength: 400 }), from: TimeMs, to: TimeMs, points: Type.Optional(Type.Integer({ minimum: 50, maximum: 5000 })) }, { additionalProperties: false })
export type TimelineQuery = Static<typeof TimelineQuery>
export const TimelineRow = Type.Object({
  deviceId: Id,
  coverage: Type.Array(Type.Object({ from: TimeMs, to: TimeMs, kind: Type.Enum(['recorded', 'refilled', 'archived', 'recording']) })),
  gaps: Type.Array(Type.Object({ id: Nullable(Id), from: TimeMs, to: TimeMs, cause: GapCause, detail: Type.String(), open: Type.Boolean(), refill: Type.Optional(Nullable(GapRefill)) })),
  locks: Type.Array(Type.Object({ id: Id, from: TimeMs, to: TimeMs, reason: Type.String() })),
  bookmarks: Type.Array(Type.Object({ id: Id, at: TimeMs, note: Type.String() })),
  events: Type.Array(TimelineEvent),
  alarms: Type.Array(Type.Object({ id: Id, from: TimeMs, to: Nullable(TimeMs), condition: Type.String(), severity: Type.String() }))
})
export type TimelineRow = Static<typeof TimelineRow>
export const Timeline = Type.Object({ from: TimeMs, to: TimeMs, serverTime: TimeMs, rows: Type.Array(TimelineRow) })
export type Timeline = Static<typeof Timeline>

/** One camera and one day of the centre's zone. `wantedMs` excludes what was planned; `percent` null when nothing was wanted. */
export const Availability = Type.Object({ deviceId: Id, deviceName: Type.String(), day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), wantedMs: DurationMs, recordedMs: DurationMs, percent: Nullable(Type.Number()),
  missing: Type.Array(Type.Object({ cause: GapCause, ms: DurationMs })),
  /** Counted up to then: of today, some minutes ago where many cameras are asked for. */
  asOf: TimeMs })
export type Availability = Static<typeof Availability>
const Day = Availability.properties.day
/** A page has at most `limit` cameras, fewer where much had to be counted first. */
export const AvailabilityQuery = Type.Object({ fromDay: Day, toDay: Day, deviceId: Type.Optional(Id), cursor: Type.Optional(Id), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }, { additionalProperties: false })
export type AvailabilityQuery = Static<typeof AvailabilityQuery>

export const Clip = Type.Object({ id: Id, deviceId: Id, deviceName: Type.String(), requestedFrom: TimeMs, requestedTo: TimeMs,
  /** Snapped back to the key frame; null until known. */
  deliveredFrom: Nullable(TimeMs), deliveredTo: Nullable(TimeMs),
  status: Type.Enum(['running', 'done', 'failed', 'cancelled', 'expired']), bytes: Nullable(Count), doneBytes: Count, sha256: Nullable(Type.String()), masked: Type.Boolean(),
  /** Some of it was fetched afterwards from the camera's own card. */
  refilled: Type.Boolean(),
  /** Parts of the interval without footage. */
  gaps: Type.Array(Type.Object({ from: TimeMs, to: TimeMs, cause: GapCause })),
  failure: Nullable(Type.Object({ code: Type.String(), detail: Type.String() })), createdAt: TimeMs, createdBy: Type.String(), expiresAt: TimeMs })
export type Clip = Static<typeof Clip>
export const ClipCreate = Type.Object({ deviceId: Id, from: TimeMs, to: TimeMs, reason: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false })
export type ClipCreate = Static<typeof ClipCreate>

export const LockPage = PageOf(Lock)
export const BookmarkPage = PageOf(Bookmark)
export const AvailabilityPage = PageOf(Availability)
export const ClipPage = PageOf(Clip)
