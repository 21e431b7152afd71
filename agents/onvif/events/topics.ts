/** Vendors' topics as one small set of events: a table, read from the top. Pure. See docs/decisions/camera-events.md for who sends what. */
import type { CameraEventType } from '../../../server/contract/health.js'
import type { CameraMessage } from './messages.js'

export interface CameraFact {
  type: CameraEventType
  /** The camera's rule, input or video source; empty where it names none. */
  source: string
  /** `on` and `off` are a state; `pulse` happened and has no end. */
  sign: 'on' | 'off' | 'pulse'
  data: Record<string, string>
}

interface Row {
  topic: RegExp
  /** Null: nothing that anybody wants to know. */
  type: CameraEventType | null
  /** Never sends "off": happened, whatever value it carries. */
  pulse?: boolean
}

const table: readonly Row[] = [
  // What cameras tell of themselves all day long.
  { topic: /^(Monitoring|Media|Configuration|PTZController|LightControl|LocalTime|Media2)\//i, type: null },
  { topic: /^Device\/(OperationMode|Trigger\/Relay|IO\/VirtualPort|IO\/VirtualInput|Status\/SystemReady|Network|Configuration|HardwareFailure\/(PowerSupply|Fan|Temperature)\w*$)/i, type: null },
  { topic: /(^|\/)(CountAggregation|Counter|Heartbeat|ScenesAutoSwitch|Alive|SystemReady|DayNightVision|ClientStatusChange|Stream|LiveStreamAccessed|ABR|NewMediaFormat)(\/|$)/i, type: null },

  { topic: /StorageFailure|Storage\/(Disruption|Alert)|HardDisk|SDCard|RecordingFailure/i, type: 'storage_failure' },
  { topic: /GlobalSceneChange|SceneChange|ImagingMoved/i, type: 'scene_change' },
  { topic: /Tamper/i, type: 'tamper' },
  { topic: /ImageTooDark/i, type: 'image_too_dark' },
  { topic: /ImageTooBlurry|Defocus/i, type: 'image_too_blurry' },
  { topic: /LineDetector\/Crossed/i, type: 'line_crossed', pulse: true },
  { topic: /LineCross|TripWire|CrossLine/i, type: 'line_crossed' },
  { topic: /FieldDetector|ObjectsInside|Intrusion|FenceGuard|LoiteringGuard|Loitering|RegionEntrance|RegionExiting/i, type: 'field_intrusion' },
  { topic: /ObjectAnalytics|ObjectDetection|ObjectDetector|PeopleDetect|VehicleDetect|DogCatDetect|FaceDetect|FaceDetector|HumanDetect|PetDetect|Package|TPSmartEvent/i, type: 'object' },
  { topic: /DigitalInput|IO\/Port|Visitor|DoorBell/i, type: 'digital_input' },
  { topic: /AudioAnalytics|AudioSource|DetectedSound|AudioDetect|BabyCry/i, type: 'audio' },
  { topic: /^RecordingConfig\/JobState/i, type: 'recording_job' },
  { topic: /^(RecordingConfig|RecordingHistory)\//i, type: null },
  { topic: /Motion|VMD/i, type: 'motion' }
]

const on = new Set(['true', '1', 'active', 'on', 'yes', 'high'])
const off = new Set(['false', '0', 'inactive', 'off', 'no', 'idle', 'low', 'partially active'])
const stateNames = /^(State|LogicalState|active|Failed|Value|disruption|triggered|tampering|IsMotion|IsInside|IsTamper|IsSoundDetected|Is[A-Z]\w*)$/i

function signOf ({ data, operation }: CameraMessage): 'on' | 'off' | null {
  if (operation === 'Deleted') return 'off'
  const named = Object.entries(data).filter(([name]) => stateNames.test(name))
  for (const [, value] of named.length > 0 ? named : Object.entries(data)) {
    const text = value.trim().toLowerCase()
    if (on.has(text)) return 'on'
    if (off.has(text)) return 'off'
  }
  return null
}

/** Tokens of the analytics engine say nothing beside its rule. */
const dull = /^(VideoAnalyticsConfigurationToken|AnalyticsConfigurationToken|AnalyticsModule)$/i
const sourceOf = ({ source, topic }: CameraMessage, type: CameraEventType) => {
  const parts = Object.entries(source).filter(([name, value]) => !dull.test(name) && value !== '').map(([, value]) => value)
  // Axis names its rules in the topic: CameraApplicationPlatform/VMD/Camera1Profile1.
  if (/CameraApplicationPlatform\//.test(topic)) parts.push(topic.split('/').at(-1) ?? '')
  if (type === 'other') parts.unshift(topic)
  return parts.join('/').replace(/^(kalancha:)+/, '').slice(0, 120)
}

/** Null for what is of no interest, or says nothing (an empty message of a state). */
export function normalise (message: CameraMessage): CameraFact | null {
  const row = table.find(r => r.topic.test(message.topic))
  if (row?.type === null) return null
  const type = row?.type ?? 'other'
  const sign = row?.pulse ? 'pulse' : signOf(message)
  // `Initialized` tells how things are, not that something happened.
  if (message.operation === 'Initialized' && sign !== 'on' && sign !== 'off') return null
  // An empty message of a state says nothing at all.
  if (row && !row.pulse && sign === null && Object.keys(message.data).length === 0) return null
  const data: Record<string, string> = { ...message.key, ...message.data }
  if (type === 'other') data.topic = message.topic.slice(0, 200)
  if (message.operation === 'Initialized' && sign === 'on') data.initial = 'true'
  // A state of unknown meaning at the start would stay on for ever.
  if (type === 'other' && message.operation === 'Initialized') return null
  return { type, source: sourceOf(message, type), sign: sign ?? 'pulse', data }
}
