/**
 * The wire between an agent and the server: `ws(s)://server/agent/v1`, dialed by the agent, one JSON text message
 * per line of the unions below. The server speaks first (`challenge`); the agent proves its Ed25519 key (`hello`);
 * then `welcome` or `refused`. Batches are acknowledged after commit: at least once, applied once.
 * The media link (`/agent/v1/media`, see media.ts) opens with the same three messages.
 */
import Type, { type Static } from 'typebox'
import { Address, Id, Name, Nullable, TimeMs } from './common.js'
import { Observation, SampleSet } from './health.js'
import { FootageRequest, MaskRegions } from './footage.js'
import { FactoryLoginId } from './factory-logins.js'
import { CameraSettings, Credential, DeviceKind, Finding, HostSettings, SwitchSettings } from './inventory.js'
import { MotionPlan } from './motion.js'
import { PtzOrder } from './ptz.js'
import { LockPlan, RecordingPlan, VolumePlan } from './recording.js'

/** Raised when either side would misread the other. */
export const AGENT_PROTOCOL = 1
/** Largest message either side accepts, bytes. */
export const MAX_LINK_MESSAGE_BYTES = 16 * 1024 * 1024

/** The text an agent signs with Ed25519; `purpose` is `link`, `media` or `footage`. */
export const signedText = (purpose: string, nonce: string, agentId: string) => `kalancha-${purpose}-v1\n${nonce}\n${agentId}`

/** POST /api/v1/agents/enrol: turns a one-time token into an identity. `publicKey` is SPKI PEM, Ed25519. */
export const EnrolRequest = Type.Object({
  token: Type.String({ minLength: 20, maxLength: 200 }), publicKey: Type.String({ maxLength: 1000 }),
  name: Type.Optional(Name), version: Type.String({ maxLength: 60 }), protocol: Type.Integer()
})
export type EnrolRequest = Static<typeof EnrolRequest>
export const EnrolAnswer = Type.Object({ agentId: Id, name: Name })
export type EnrolAnswer = Static<typeof EnrolAnswer>

/** A device as its agent needs it, with its secret opened. Lives in memory only. */
export const PlanDevice = Type.Object({
  id: Id, kind: DeviceKind, name: Name, address: Address, credential: Nullable(Credential),
  camera: Type.Optional(CameraSettings), switch: Type.Optional(SwitchSettings), host: Type.Optional(HostSettings),
  /** Cameras only; absent: not recorded. */
  recording: Type.Optional(RecordingPlan),
  /** Cameras only; absent: off. */
  motion: Type.Optional(MotionPlan)
})
export type PlanDevice = Static<typeof PlanDevice>

export const Command = Type.Union([
  /** Result: TestReport. Progress: TestStep. The device need not be in the plan. */
  Type.Object({ name: Type.Literal('test_connection'), device: PlanDevice }),
  /** Result: { findings }. Progress: { done, total, findings }. */
  Type.Object({ name: Type.Literal('discover'), cidr: Type.String({ maxLength: 50 }), probesPerS: Type.Integer({ minimum: 1, maximum: 1000 }),
    communities: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 8 }), ports: Type.Object({ onvif: Type.Array(Type.Integer(), { maxItems: 8 }), rtsp: Type.Array(Type.Integer(), { maxItems: 8 }), snmp: Type.Array(Type.Integer(), { maxItems: 8 }), http: Type.Array(Type.Integer(), { maxItems: 8 }) }) }),
  /** Result: Picture, with these regions hidden. The device must be in the plan. */
  Type.Object({ name: Type.Literal('snapshot'), deviceId: Id, masks: Type.Optional(MaskRegions) }),
  /** Poll at once, whatever the schedule says. */
  Type.Object({ name: Type.Literal('poll_now'), deviceId: Id }),
  /** Result: RecordingFacts. What changed in the agent's index after `cursor`. */
  Type.Object({ name: Type.Literal('recordings_after'), indexId: Nullable(Id), cursor: Type.Integer({ minimum: 0 }), limit: Type.Integer({ minimum: 1, maximum: 1000 }) }),
  /** Result: null once the footage process has been told; it then dials /agent/v1/footage with the ticket. */
  Type.Object({ name: Type.Literal('footage_open'), ticket: Type.String({ minLength: 20, maxLength: 200 }), request: FootageRequest }),
  /** Result: { id, totalBytes, freeBytes }. Puts the volume's mark into an empty or new folder; refuses one that holds another volume. */
  Type.Object({ name: Type.Literal('volume_init'), volume: VolumePlan }),
  /** Result: VisionPictures. What a good picture of the camera is like, and the last that was not good. */
  Type.Object({ name: Type.Literal('vision_pictures'), deviceId: Id }),
  /** Does the camera let in whoever uses this factory login? Tries it once, then shows its own login so that the camera counts anew. Result: LoginTrial. */
  Type.Object({ name: Type.Literal('try_login'), deviceId: Id, login: FactoryLoginId }),
  /** The camera watches something else on purpose: learn anew. Result: null. */
  Type.Object({ name: Type.Literal('vision_reset'), deviceId: Id }),
  /** Result: MotionLevels. */
  Type.Object({ name: Type.Literal('motion_levels'), deviceId: Id }),
  /** Result: PtzAnswer. What is not newer than the last `seq` of this `run` of the server is refused. */
  Type.Object({ name: Type.Literal('ptz'), deviceId: Id, run: Id, seq: Type.Integer({ minimum: 1 }), order: PtzOrder }),
  /** An event for cameras that are recorded on events: keep what came before and record on. Result: null. */
  Type.Object({ name: Type.Literal('record_event'), deviceId: Id, from: TimeMs, to: Nullable(TimeMs) }),
  /** Fill this absence from the camera's own card now, whatever was tried before. Result: null once it waits for its turn. */
  Type.Object({ name: Type.Literal('refill_gap'), gapId: Id })
])
export type Command = Static<typeof Command>

export const testStepNames = [
  'address', 'port', 'authentication', 'clock', 'profiles', 'stream', 'first_picture', 'snmp_version', 'system', 'ports', 'check'
] as const
/** One line of "Test connection". `detail` is for a person: what was found or what to do. */
export const TestStep = Type.Object({
  step: Type.Enum([...testStepNames]),
  status: Type.Enum(['running', 'ok', 'warning', 'failed', 'skipped']),
  failure: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String({ maxLength: 500 }) })),
  detail: Type.String({ maxLength: 500 }), tookMs: Nullable(Type.Number()),
  /** Facts found, shown as a table: { model: 'X', offsetMs: 12 } */
  facts: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])))
})
export type TestStep = Static<typeof TestStep>
export const Picture = Type.Object({ jpegBase64: Type.String({ maxLength: 8_000_000 }), width: Nullable(Type.Integer()), height: Nullable(Type.Integer()), at: TimeMs, source: Type.Enum(['camera', 'stream']), masked: Type.Optional(Type.Boolean()) })
export type Picture = Static<typeof Picture>
/** `locked`: the camera says so, or refuses its own login afterwards. `failed`: it could not be tried, and no login was shown. */
export const LoginTrial = Type.Object({ outcome: Type.Enum(['accepted', 'open_to_all', 'refused', 'locked', 'failed']), detail: Type.String({ maxLength: 500 }) })
export type LoginTrial = Static<typeof LoginTrial>
const VisionPicture = Nullable(Type.Object({ at: TimeMs, jpegBase64: Type.String({ maxLength: 2_000_000 }) }))
export const VisionPictures = Type.Object({ reference: VisionPicture, event: VisionPicture })
export type VisionPictures = Static<typeof VisionPictures>
export const TestReport = Type.Object({ steps: Type.Array(TestStep), ok: Type.Boolean(), picture: Nullable(Picture),
  /** Paths found by ONVIF, to fill the form. */
  mainPath: Nullable(Type.String()), subPath: Nullable(Type.String()) })
export type TestReport = Static<typeof TestReport>
export const DiscoveryProgress = Type.Object({ done: Type.Integer(), total: Type.Integer(), findings: Type.Array(Finding, { maxItems: 5000 }) })
export type DiscoveryProgress = Static<typeof DiscoveryProgress>

export const ServerMessage = Type.Union([
  Type.Object({ type: Type.Literal('challenge'), nonce: Type.String(), protocol: Type.Integer() }),
  Type.Object({ type: Type.Literal('welcome'), serverTime: TimeMs, acknowledgedSeq: Type.Integer({ minimum: 0 }) }),
  /** The agent stops for `revoked` and `unknown_agent`, and retries slowly after `protocol`. */
  Type.Object({ type: Type.Literal('refused'), reason: Type.Enum(['revoked', 'unknown_agent', 'bad_signature', 'protocol', 'duplicate']), message: Type.String() }),
  /** The whole plan, on connection and after each change. */
  Type.Object({ type: Type.Literal('plan'), revision: Type.Integer(), devices: Type.Array(PlanDevice, { maxItems: 20_000 }),
    /** All that hold now, for this agent's cameras. */
    locks: Type.Optional(Type.Array(LockPlan, { maxItems: 100_000 })),
    /** Empty or absent: the agent's own `recordings` folder. */
    volumes: Type.Optional(Type.Array(VolumePlan, { maxItems: 100 })) }),
  /** Everything up to and including `seq` is committed. */
  Type.Object({ type: Type.Literal('ack'), seq: Type.Integer() }),
  Type.Object({ type: Type.Literal('command'), id: Id, command: Command }),
  Type.Object({ type: Type.Literal('cancel'), id: Id }),
  Type.Object({ type: Type.Literal('clock'), sentAt: TimeMs }),
  /** The last message was not understood; the connection stays. */
  Type.Object({ type: Type.Literal('error'), message: Type.String() })
])
export type ServerMessage = Static<typeof ServerMessage>

export const AgentMessage = Type.Union([
  Type.Object({ type: Type.Literal('hello'), agentId: Id, signature: Type.String({ maxLength: 200 }), version: Type.String({ maxLength: 60 }), protocol: Type.Integer(), bootId: Id }),
  /** `seq` rises over the agent's whole life (kept with its key) and is never used twice; after a crash it may jump. */
  Type.Object({ type: Type.Literal('batch'), seq: Type.Integer({ minimum: 1 }), sentAt: TimeMs,
    observations: Type.Array(Observation, { maxItems: 5000 }), samples: Type.Array(SampleSet, { maxItems: 5000 }) }),
  Type.Object({ type: Type.Literal('progress'), id: Id, progress: Type.Unknown() }),
  Type.Object({ type: Type.Literal('result'), id: Id, ok: Type.Boolean(), result: Type.Unknown(), failure: Nullable(Type.Object({ code: Type.String({ maxLength: 60 }), detail: Type.String({ maxLength: 500 }) })) }),
  Type.Object({ type: Type.Literal('clock'), sentAt: TimeMs, agentTime: TimeMs }),
  /** The index of recordings has changed up to `cursor`; sent at most once a second. The server asks with `recordings_after`. */
  Type.Object({ type: Type.Literal('recordings'), indexId: Id, cursor: Type.Integer({ minimum: 0 }) }),
  /** The last message was not understood; the connection stays. */
  Type.Object({ type: Type.Literal('error'), message: Type.String({ maxLength: 500 }) }),
  /** Every 10 s. */
  Type.Object({ type: Type.Literal('status'), at: TimeMs, planRevision: Type.Integer(), deviceCount: Type.Integer(),
    spoolBatches: Type.Integer(), spoolBytes: Type.Integer(), droppedSampleSets: Type.Integer(), rssBytes: Type.Integer(), cpuPercent: Type.Number(),
    processes: Type.Array(Type.Object({ name: Type.String({ maxLength: 60 }), alive: Type.Boolean(), restarts: Type.Integer() }), { maxItems: 50 }) })
])
export type AgentMessage = Static<typeof AgentMessage>

export const Agent = Type.Object({
  id: Id, name: Name, embedded: Type.Boolean(), status: Type.Enum(['online', 'offline', 'revoked']), version: Type.String(), protocol: Type.Integer(),
  enrolledAt: TimeMs, revokedAt: Nullable(TimeMs), lastSeenAt: Nullable(TimeMs), clockOffsetMs: Nullable(Type.Number()), deviceCount: Type.Integer(),
  spoolBatches: Nullable(Type.Integer()), spoolBytes: Nullable(Type.Integer()), droppedSampleSets: Nullable(Type.Integer()), rssBytes: Nullable(Type.Integer()), cpuPercent: Nullable(Type.Number()),
  processes: Type.Array(Type.Object({ name: Type.String(), alive: Type.Boolean(), restarts: Type.Integer() })),
  address: Nullable(Type.String())
})
export type Agent = Static<typeof Agent>
export const EnrolmentToken = Type.Object({ token: Type.String(), expiresAt: TimeMs, command: Type.String() })
export type EnrolmentToken = Static<typeof EnrolmentToken>

/** Long work that a person waits for: POST returns one, GET /tasks/:id follows it. */
export const Task = Type.Object({
  id: Id, kind: Type.String(), status: Type.Enum(['running', 'done', 'failed', 'cancelled']), startedAt: TimeMs, finishedAt: Nullable(TimeMs),
  /** TestStep[] for test_connection, DiscoveryProgress for discover. */
  progress: Type.Unknown(), result: Type.Unknown(), failure: Nullable(Type.Object({ code: Type.String(), detail: Type.String() }))
})
export type Task = Static<typeof Task>
