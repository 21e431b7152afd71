/** States, alarms, and what agents observe. */
import Type, { type Static } from 'typebox'
import { Id, Nullable, TimeMs } from './common.js'
import { hardwareParts } from './hardware.js'

export const deviceStates = ['up', 'degraded', 'down', 'unreachable', 'unknown'] as const
export const DeviceState = Type.Enum([...deviceStates])
export type DeviceState = (typeof deviceStates)[number]

/** Why something failed, as a name that the screens translate. */
export const failureCodes = [
  'address_unresolved', 'connection_refused', 'connection_timeout', 'network_unreachable', 'connection_reset',
  'authentication_failed', 'timeout', 'answered_too_slowly', 'answer_too_large', 'protocol_error', 'wrong_identity',
  'tls_failed', 'no_stream', 'no_parameter_sets', 'stream_stalled', 'unsupported_codec', 'http_status',
  'transcoder_busy', 'not_permitted', 'agent_silent', 'process_died', 'internal',
  // Given by the server's judge, never by an agent.
  'no_agent', 'agent_revoked', 'low_frame_rate', 'long_key_frame_interval', 'clock_offset', 'parent_down', 'port_down', 'restarted',
  'camera_event', 'camera_storage', 'camera_tamper',
  'picture_black', 'picture_overexposed', 'picture_frozen', 'picture_covered', 'picture_blurred', 'picture_moved', 'picture_noise', 'picture_colour_loss',
  // Of a switch's optical ports and parts; the detail holds the numbers, or the part's name.
  'rx_light_low', 'rx_light_high', 'tx_light_low', 'tx_light_high', 'fan_failed', 'power_supply_failed', 'sensor_failed',
  // Of recording; the detail is the cause of the gap, the volume's status, or how many segments.
  'recording_stopped', 'volume_failed', 'footage_damaged', 'lock_unconfirmed', 'lock_review', 'index_faulty'
] as const
export const FailureCode = Type.Enum([...failureCodes])
export type FailureCode = (typeof failureCodes)[number]
export const Failure = Type.Object({ code: FailureCode, detail: Type.String({ maxLength: 500 }) })
export type Failure = Static<typeof Failure>

const Num = Type.Number()
const Str = (n = 200) => Type.String({ maxLength: n })

/** One physical or logical interface of a switch, from ifXTable / ifTable. */
export const PortObservation = Type.Object({
  ifIndex: Type.Integer({ minimum: 1 }),
  name: Str(120), alias: Str(255), description: Str(255),
  /** IANAifType number; 6 is ethernetCsmacd. */
  type: Type.Integer(),
  speedBps: Nullable(Num),
  admin: Type.Enum(['up', 'down', 'testing']),
  oper: Type.Enum(['up', 'down', 'testing', 'unknown', 'dormant', 'not_present', 'lower_layer_down']),
  mac: Nullable(Str(20))
})
export type PortObservation = Static<typeof PortObservation>

const base = { deviceId: Id, at: TimeMs }
export const StreamProfile = Type.Enum(['main', 'sub'])
export type StreamProfile = Static<typeof StreamProfile>

/** What a camera (or our own detector) can tell. `other` carries the camera's own topic in `data`. */
export const cameraEventTypes = ['motion', 'line_crossed', 'field_intrusion', 'object', 'tamper', 'scene_change', 'image_too_dark', 'image_too_blurry', 'storage_failure', 'digital_input', 'audio', 'recording_job', 'other'] as const
export const CameraEventType = Type.Enum([...cameraEventTypes])
export type CameraEventType = (typeof cameraEventTypes)[number]

/** What can be wrong with a picture although a stream plays. */
export const pictureFaults = ['black', 'overexposed', 'frozen', 'covered', 'blurred', 'moved', 'noise', 'colour_loss'] as const
export const PictureFault = Type.Enum([...pictureFaults])
export type PictureFault = (typeof pictureFaults)[number]

/** How one of a camera's streams is set, as the camera tells it. */
export const EncoderSetting = Type.Object({ profile: StreamProfile, codec: Nullable(Str(20)), width: Nullable(Type.Integer()), height: Nullable(Type.Integer()), fps: Nullable(Num), bitrateBps: Nullable(Num),
  /** Frames from one key frame to the next. */
  govLength: Nullable(Num) })
export type EncoderSetting = Static<typeof EncoderSetting>
/** The certificate that a camera shows. */
export const CertificateFacts = Type.Object({ notBefore: TimeMs, notAfter: TimeMs, subject: Str(), issuer: Str(), sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) })
export type CertificateFacts = Static<typeof CertificateFacts>

/** A fact an agent saw. */
export const Observation = Type.Union([
  /** Each poll or check of a device gives one: did it answer in a way that proves it works? */
  Type.Object({ kind: Type.Literal('reachability'), ...base, ok: Type.Boolean(),
    method: Type.Enum(['icmp', 'tcp', 'http', 'snmp', 'rtsp', 'onvif']), rttMs: Nullable(Num), failure: Nullable(Failure) }),
  /** On every change and every 10 s while a stream is pulled. */
  Type.Object({ kind: Type.Literal('stream'), ...base, profile: StreamProfile,
    status: Type.Enum(['connecting', 'playing', 'stalled', 'failed', 'stopped']),
    client: Type.Enum(['own', 'ffmpeg']), failure: Nullable(Failure),
    codec: Nullable(Str(60)), width: Nullable(Type.Integer()), height: Nullable(Type.Integer()),
    fps: Nullable(Num), bitrateBps: Nullable(Num), keyFrameIntervalMs: Nullable(Num),
    audioCodec: Nullable(Str(60)), packetsLost: Nullable(Type.Integer()), reconnects: Nullable(Type.Integer()),
    /** Counted like `packetsLost`, since the stream's reader began. */
    packets: Type.Optional(Nullable(Type.Integer())) }),
  /** The device's clock minus the agent's, ms. */
  Type.Object({ kind: Type.Literal('clock'), ...base, offsetMs: Num }),
  Type.Object({ kind: Type.Literal('identity'), ...base, manufacturer: Str(), model: Str(), firmware: Str(), serial: Str(),
    description: Str(500), sysObjectId: Nullable(Str()), sysName: Nullable(Str()) }),
  /** The whole port table, on the first poll and whenever anything but a status changed. */
  Type.Object({ kind: Type.Literal('ports'), ...base, ports: Type.Array(PortObservation, { maxItems: 4096 }) }),
  /** One port's status changed. */
  Type.Object({ kind: Type.Literal('port_status'), ...base, ifIndex: Type.Integer(), name: Str(120),
    admin: PortObservation.properties.admin, oper: PortObservation.properties.oper }),
  /** Optical modules, sensors and power of a switch, all of them, each time they were read. */
  Type.Object({ kind: Type.Literal('hardware'), ...base, ...hardwareParts }),
  /** A device restarted: sysUpTime fell, or ONVIF said so. */
  Type.Object({ kind: Type.Literal('restart'), ...base, uptimeMs: Num }),
  /** All that is wrong with a camera's picture now; on every change and every 10 min. */
  Type.Object({ kind: Type.Literal('picture'), ...base, faults: Type.Array(PictureFault, { maxItems: pictureFaults.length }) }),
  /** What a camera tells of itself and how it guards itself: every hour. Null: could not be read this time, what was known holds. */
  Type.Object({ kind: Type.Literal('camera_report'), ...base, encoders: Nullable(Type.Array(EncoderSetting, { maxItems: 2 })), certificate: Nullable(CertificateFacts),
    /** It gives strangers, who show no login, what only its users should get. */
    openToAll: Nullable(Type.Boolean()) }),
  /** Sent once a change. `begin` and `end` belong together by (type, source); a `pulse` has no end. `source` is the camera's rule or input, or `kalancha` for our own detector. */
  Type.Object({ kind: Type.Literal('camera_event'), ...base, type: CameraEventType, source: Str(120), phase: Type.Enum(['begin', 'end', 'pulse']), data: Type.Record(Str(60), Str(200)) })
])
export type Observation = Static<typeof Observation>
export type ObservationOf<K extends Observation['kind']> = Extract<Observation, { kind: K }>

/**
 * Numbers of one poll. Series names: `rtt_ms`, `fps.sub`, `bitrate_bps.sub`, `in_bps.<ifName>`, `out_bps.<ifName>`, `in_errors_per_s.<ifName>`,
 * `rx_power_dbm.<ifName>`, `tx_power_dbm.<ifName>`, `temperature_c.<sensor>` ...
 */
export const SampleSet = Type.Object({
  deviceId: Id, at: TimeMs,
  series: Type.Array(Str(160), { maxItems: 20_000 }), values: Type.Array(Nullable(Num), { maxItems: 20_000 })
})
export type SampleSet = Static<typeof SampleSet>

/** Conditions that can raise an alarm. */
export const conditions = ['device_down', 'stream_down', 'stream_degraded', 'port_down', 'clock_offset', 'agent_silent', 'authentication_failed', 'restarted', 'recording_stopped', 'volume_failed', 'footage_damaged', 'lock_unconfirmed', 'lock_review', 'index_faulty',
  // What cameras report: by a person's rule (the subject is its name), and without one.
  'camera_event', 'camera_storage', 'camera_tamper', 'picture_fault',
  // Of a switch: light outside of its limits, a part that failed.
  'light_warning', 'light_alarm', 'hardware_failed'] as const
export const Condition = Type.Enum([...conditions])
export type Condition = (typeof conditions)[number]
export const severities = ['critical', 'major', 'minor', 'warning'] as const
export const Severity = Type.Enum([...severities])
export type Severity = (typeof severities)[number]

export const StreamView = Type.Object({
  profile: StreamProfile, status: Type.String(), client: Type.String(), failure: Nullable(Failure), codec: Nullable(Type.String()),
  width: Nullable(Num), height: Nullable(Num), fps: Nullable(Num), bitrateBps: Nullable(Num), keyFrameIntervalMs: Nullable(Num),
  audioCodec: Nullable(Type.String()), packetsLost: Nullable(Num), reconnects: Nullable(Num), packets: Type.Optional(Nullable(Num)), at: TimeMs
})
export type StreamView = Static<typeof StreamView>

/** What the server holds true about a device now. */
export const DeviceStateView = Type.Object({
  state: DeviceState,
  since: TimeMs,
  /** Last time any agent said anything about it. */
  observedAt: Nullable(TimeMs),
  reason: Nullable(Failure),
  /** For `unreachable`: the device that is down in front of it. */
  causeDeviceId: Nullable(Id),
  rttMs: Nullable(Num),
  clockOffsetMs: Nullable(Num),
  streams: Type.Array(StreamView)
})
export type DeviceStateView = Static<typeof DeviceStateView>

export const Alarm = Type.Object({
  id: Id, deviceId: Nullable(Id), deviceName: Type.String(), deviceKind: Nullable(Type.String()), agentId: Nullable(Id),
  groupId: Nullable(Id), siteName: Nullable(Type.String()),
  condition: Condition,
  /** Port name for port_down and light_*, sensor for hardware_failed, stream profile for stream_*, otherwise empty. */
  subject: Type.String(),
  severity: Severity,
  raisedAt: TimeMs, clearedAt: Nullable(TimeMs),
  acknowledgedAt: Nullable(TimeMs), acknowledgedBy: Nullable(Type.String()), acknowledgeComment: Nullable(Type.String()),
  failure: Nullable(Failure),
  /** Devices that are unreachable because of this one; once it cleared, the most at one time. */
  affectedCount: Type.Integer()
})
export type Alarm = Static<typeof Alarm>
export const AlarmAcknowledge = Type.Object({ comment: Type.String({ maxLength: 1000 }) })
export type AlarmAcknowledge = Static<typeof AlarmAcknowledge>

export const Port = Type.Object({
  ...PortObservation.properties,
  since: TimeMs, inBps: Nullable(Num), outBps: Nullable(Num), inErrorsPerS: Nullable(Num), outErrorsPerS: Nullable(Num), inDiscardsPerS: Nullable(Num), outDiscardsPerS: Nullable(Num),
  /** Devices whose parent link names this port. */
  deviceIds: Type.Array(Id)
})
export type Port = Static<typeof Port>

export const HistoryEntry = Type.Object({ at: TimeMs, from: Nullable(DeviceState), to: DeviceState, reason: Nullable(Failure), causeDeviceId: Nullable(Id) })
export type HistoryEntry = Static<typeof HistoryEntry>
const Points = Type.Array(Type.Tuple([TimeMs, Nullable(Num)]))
/** Thinned out, `points` are averages, with the lowest and the highest value of each stretch beside them. */
export const SeriesAnswer = Type.Object({ series: Type.Array(Type.Object({ name: Type.String(), points: Points, low: Type.Optional(Points), high: Type.Optional(Points) })) })
export type SeriesAnswer = Static<typeof SeriesAnswer>

/** GET /devices/:id/health. */
export const DeviceHealth = Type.Object({ ...DeviceStateView.properties, identity: Nullable(Type.Record(Type.String(), Nullable(Type.String()))) })
export type DeviceHealth = Static<typeof DeviceHealth>

/** GET /devices/:id/series. `names` are separated by commas; one ending in `*` is a prefix. */
export const SeriesQuery = Type.Object({
  names: Type.String({ minLength: 1, maxLength: 4000 }),
  from: Type.Optional(TimeMs), to: Type.Optional(TimeMs), points: Type.Optional(Type.Integer({ minimum: 10, maximum: 5000 }))
})
export type SeriesQuery = Static<typeof SeriesQuery>

/** GET /alarms. `from` and `to` ask for alarms that stood at any moment between them. */
export const AlarmQuery = Type.Object({
  status: Type.Optional(Type.Enum(['open', 'cleared', 'all'])),
  severity: Type.Optional(Severity), condition: Type.Optional(Condition), deviceId: Type.Optional(Id), acknowledged: Type.Optional(Type.Boolean()),
  from: Type.Optional(TimeMs), to: Type.Optional(TimeMs), q: Type.Optional(Type.String({ maxLength: 120 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 }))
})
export type AlarmQuery = Static<typeof AlarmQuery>
