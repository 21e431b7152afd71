/** Tables of recording and of what is seen in the pictures; part of the *facts* database (see schema.ts). */
import { sql } from 'drizzle-orm'
import type { EventRuleWrite } from '../contract/camera-events.js'
import type { MaskRegion } from '../contract/footage.js'
import type { MotionWrite } from '../contract/motion.js'
import type { PtzAbilities, PtzPosition, PtzPreset, PtzTour } from '../contract/ptz.js'
import type { GapCause, GapRefill, RecordingPolicy, VolumeState } from '../contract/recording.js'
import type { Columns } from './columns.js'

export function defineRecordingTables (c: Columns) {
  /** The replicated index of every agent's disks: one row a file, also after it is gone (status deleted) until its camera's history ends. */
  const segments = c.table('segments', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull(),
    agentId: c.text('agent_id').notNull(),
    profile: c.text('profile').notNull(),
    runId: c.text('run_id').notNull(),
    runOffsetMs: c.int('run_offset_ms').notNull(),
    startedAt: c.int('started_at').notNull(),
    /** started_at + wall_ms, for the index. */
    endedAt: c.int('ended_at').notNull(),
    mediaMs: c.int('media_ms').notNull(),
    videoCodec: c.text('video_codec').notNull(),
    audioCodec: c.text('audio_codec'),
    width: c.int('width').notNull(), height: c.int('height').notNull(),
    frames: c.int('frames').notNull(), keyFrames: c.int('key_frames').notNull(),
    bytes: c.int('bytes').notNull(),
    sha256: c.text('sha256'),
    volumeId: c.text('volume_id').notNull(),
    path: c.text('path').notNull(),
    status: c.text('status').notNull(),
    endReason: c.text('end_reason'),
    refilled: c.bool('refilled').notNull(),
    detail: c.text('detail')
  }, t => [c.index('segments_damaged').on(t.deviceId, t.agentId).where(sql`status in ('damaged', 'missing')`), c.index('segments_device_started').on(t.deviceId, t.startedAt), c.index('segments_device_agent').on(t.deviceId, t.agentId, t.startedAt), c.index('segments_volume').on(t.volumeId, t.startedAt)])

  const gaps = c.table('recording_gaps', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull(),
    agentId: c.text('agent_id').notNull(),
    from: c.int('from_at').notNull(),
    /** Null while it lasts. */
    to: c.int('to_at'),
    /** As the agent saw it, and as the server judges it with what else it knows (network, audit). */
    seenCause: c.text('seen_cause').notNull(),
    seenDetail: c.text('seen_detail').notNull().default(''),
    cause: c.text('cause').notNull(),
    detail: c.text('detail').notNull(),
    /** How far it was filled from the camera's own card. */
    refill: c.json<GapRefill | null>('refill')
  }, t => [c.index('gaps_device').on(t.deviceId, t.from), c.index('gaps_to').on(t.to)])

  /** How far the server has read an agent's index. */
  const recordingCursors = c.table('recording_cursors', {
    agentId: c.text('agent_id').primaryKey(), indexId: c.text('index_id').notNull(), cursor: c.int('cursor').notNull(),
    /** Rows that could not be taken: how many ever, when the last one, and which and why. */
    leftOut: c.int('left_out').notNull().default(0), leftOutAt: c.int('left_out_at'), leftOutDetail: c.text('left_out_detail')
  })

  /** Availability of whole days, made from segments and gaps and made again when these change. */
  const recordingDays = c.table('recording_days', {
    deviceId: c.text('device_id').notNull(),
    /** 2026-03-29 in the zone; the day's first moment and the next one's. */
    day: c.text('day').notNull(), timeZone: c.text('time_zone').notNull(), from: c.int('from_at').notNull(), to: c.int('to_at').notNull(),
    wantedMs: c.int('wanted_ms').notNull(), recordedMs: c.int('recorded_ms').notNull(),
    missing: c.json<{ cause: GapCause, ms: number }[]>('missing').notNull(),
    /** Counted up to then. */
    asOf: c.int('as_of').notNull(),
    /** Something of this day has changed since it was begun to be counted. */
    stale: c.bool('stale').notNull()
  }, t => [c.primaryKey({ columns: [t.deviceId, t.day] }), c.index('recording_days_due').on(t.asOf).where(sql`stale or as_of < to_at`)])

  const recordingPolicies = c.table('recording_policies', {
    scope: c.text('scope').notNull(),
    /** Group or camera; empty for the centre. */
    scopeId: c.text('scope_id').notNull(),
    policy: c.json<RecordingPolicy>('policy').notNull(),
    updatedAt: c.int('updated_at').notNull(), updatedBy: c.text('updated_by').notNull()
  }, t => [c.primaryKey({ columns: [t.scope, t.scopeId] })])

  const volumes = c.table('volumes', {
    id: c.text('id').primaryKey(),
    agentId: c.text('agent_id').notNull(),
    name: c.text('name').notNull(),
    tier: c.text('tier').notNull(),
    /** On the agent's machine; empty for the agent's own folder, which only the agent knows. */
    path: c.text('path').notNull(),
    floorBytes: c.int('floor_bytes').notNull(),
    enabled: c.bool('enabled').notNull(),
    state: c.json<VolumeState | null>('state')
  }, t => [c.index('volumes_agent').on(t.agentId)])

  /** Legal holds. Never deleted; released by a person with a reason. */
  const locks = c.table('footage_locks', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull(), deviceName: c.text('device_name').notNull(), groupId: c.text('group_id'),
    from: c.int('from_at').notNull(), to: c.int('to_at').notNull(),
    reason: c.text('reason').notNull(), reference: c.text('reference').notNull(),
    ownerId: c.text('owner_id').notNull(), ownerName: c.text('owner_name').notNull(),
    createdAt: c.int('created_at').notNull(), reviewAt: c.int('review_at').notNull(),
    releasedAt: c.int('released_at'), releasedBy: c.text('released_by'), releaseReason: c.text('release_reason'),
    confirmedAt: c.int('confirmed_at')
  }, t => [c.index('locks_device').on(t.deviceId, t.from), c.index('locks_held').on(t.deviceId, t.from).where(sql`released_at is null`)])
  /** Agents that have said that they hold a lock. */
  const lockConfirmations = c.table('lock_confirmations', { lockId: c.text('lock_id').notNull(), agentId: c.text('agent_id').notNull(), at: c.int('at').notNull() }, t => [c.primaryKey({ columns: [t.lockId, t.agentId] })])

  const bookmarks = c.table('bookmarks', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull(), deviceName: c.text('device_name').notNull(), groupId: c.text('group_id'),
    at: c.int('at').notNull(), note: c.text('note').notNull(),
    authorId: c.text('author_id').notNull(), authorName: c.text('author_name').notNull(), createdAt: c.int('created_at').notNull()
  }, t => [c.index('bookmarks_device').on(t.deviceId, t.at)])

  const clips = c.table('clips', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull(), deviceName: c.text('device_name').notNull(), groupId: c.text('group_id'),
    requestedFrom: c.int('requested_from').notNull(), requestedTo: c.int('requested_to').notNull(),
    deliveredFrom: c.int('delivered_from'), deliveredTo: c.int('delivered_to'),
    status: c.text('status').notNull(), bytes: c.int('bytes'), doneBytes: c.int('done_bytes').notNull(), sha256: c.text('sha256'), masked: c.bool('masked').notNull(),
    refilled: c.bool('refilled').notNull().default(false),
    gaps: c.json<{ from: number, to: number, cause: string }[]>('gaps').notNull(),
    failure: c.json<{ code: string, detail: string } | null>('failure'),
    reason: c.text('reason').notNull(),
    createdAt: c.int('created_at').notNull(), createdById: c.text('created_by_id').notNull(), createdBy: c.text('created_by').notNull(), expiresAt: c.int('expires_at').notNull()
  }, t => [c.index('clips_created').on(t.createdAt), c.index('clips_owner').on(t.createdById, t.createdAt)])

  /** What cameras (or our own motion detector) saw; `to_at` null while it lasts. */
  const cameraEvents = c.table('camera_events', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull(),
    type: c.text('type').notNull(),
    /** The camera's rule or source token; empty where it names none. */
    source: c.text('source').notNull(),
    from: c.int('from_at').notNull(),
    to: c.int('to_at'),
    data: c.json<Record<string, string>>('data').notNull()
  }, t => [c.index('camera_events_device').on(t.deviceId, t.from, t.type, t.to), c.index('camera_events_from').on(t.from),
    c.unique('camera_events_one_open').on(t.deviceId, t.type, t.source).where(sql`to_at is null`)])

  /** Parts of a camera's picture that not everybody may see; no row: none. */
  const cameraMasks = c.table('camera_masks', {
    deviceId: c.text('device_id').primaryKey(),
    regions: c.json<MaskRegion[]>('regions').notNull(),
    /** Where the head stood when they were drawn; null for a camera that does not turn, or that did not tell. */
    headPosition: c.json<PtzPosition | null>('head_position'),
    updatedAt: c.int('updated_at').notNull(), updatedBy: c.text('updated_by').notNull()
  })

  /** Our own motion detection; no row: off. */
  const cameraMotion = c.table('camera_motion', {
    deviceId: c.text('device_id').primaryKey(),
    settings: c.json<MotionWrite>('settings').notNull(),
    updatedAt: c.int('updated_at').notNull(), updatedBy: c.text('updated_by').notNull()
  })

  /** What is known of a head that turns, and what people made of it. No row: never asked. */
  const cameraPtz = c.table('camera_ptz', {
    deviceId: c.text('device_id').primaryKey(),
    /** As found; null: a fixed camera. */
    abilities: c.json<PtzAbilities | null>('abilities'),
    presets: c.json<PtzPreset[]>('presets').notNull(),
    /** Our own names by token: renaming on the camera would move the preset to where it looks now. */
    names: c.json<Record<string, string>>('names').notNull(),
    tours: c.json<PtzTour[]>('tours').notNull(),
    /** Runs whenever nobody moves the camera. */
    runningTourId: c.text('running_tour_id'),
    foundAt: c.int('found_at').notNull()
  })

  /** When what a camera reports is an alarm. Empty lists of cameras and groups mean all cameras. */
  const eventRules = c.table('event_rules', {
    id: c.text('id').primaryKey(),
    name: c.text('name').notNull(),
    rule: c.json<EventRuleWrite>('rule').notNull(),
    updatedAt: c.int('updated_at').notNull(), updatedBy: c.text('updated_by').notNull()
  }, t => [c.unique('event_rules_name').on(t.name)])

  return { segments, gaps, recordingCursors, recordingDays, recordingPolicies, volumes, locks, lockConfirmations, bookmarks, clips, cameraEvents, eventRules, cameraMasks, cameraMotion, cameraPtz }
}
