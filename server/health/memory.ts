/** What the judge keeps about a device between two looks, as plain JSON: it is written beside the state and survives a restart. */
import type { DeviceStateView, Failure, PictureFault, StreamProfile } from '../contract/health.js'
import type { DeviceKind } from '../contract/inventory.js'
import type { HardwareFinding } from './light.js'

/** Every threshold of docs/decisions/health-rules.md, in ms unless the name says otherwise. */
export const limits = {
  failuresToDown: 2,
  goodsToUp: 2,
  /** Failures of one method closer than this are one failure seen twice (a check and the stream on one connection). */
  sameFailureMs: 900,
  definiteDwellMs: 500,
  /** A refused port says nothing about the device if it answered on another within this time. */
  otherMethodFreshMs: 120_000,
  /** A failing method not heard for this long no longer degrades a device that answers otherwise. */
  methodForgottenMs: 600_000,
  parentHoldMs: 3_000,
  /** The same while the parent itself has failed a check and is not settled. */
  doubtfulParentHoldMs: 10_000,
  /** Differences between the clocks of two agents. */
  clockSkewMs: 1_000,
  /** A cut stream may be called playing for this long. */
  streamLagMs: 10_000,
  /** A child that failed this long before its parent did has a fault of its own. */
  independentMs: 180_000,
  /** After a fault in front ended: attempts begun before it may still fail in this time, which says nothing. */
  settleMs: 30_000,
  /** The same after the device in front was down itself: what it feeds with power starts anew. */
  bootMs: 90_000,
  /** After that, a device that says nothing at all is unknown. */
  recoveryMs: 60_000,
  streamDwellMs: 3_000,
  /** The same while nothing has proved since that the device still answers. */
  unprovenStreamDwellMs: 15_000,
  lowFpsShare: 0.5,
  goodFpsShare: 0.7,
  lowFpsInARow: 2,
  /** A frame rate low for this long is the new usual. */
  relearnFpsMs: 3_600_000,
  longKeyFrameMs: 4_000,
  goodKeyFrameMs: 3_500,
  breaksToUnstable: 4,
  breaksWithinMs: 120_000,
  stableMs: 60_000,
  clockBadMs: 5_000,
  clockGoodMs: 3_000,
  portCarriedMs: 60_000,
  restartShownMs: 600_000,
  cameraFaultMs: 10_000,
  cameraFaultGoneMs: 30_000,
  flapWindowMs: 600_000,
  flapRaises: 3,
  flapClearMs: 60_000,
  silentMs: 30_000
} as const

/** How one way of asking (rtsp, onvif, snmp, ...) has fared. */
export interface MethodMemory {
  fails: number
  goods: number
  firstFailAt: number | null
  lastFailAt: number | null
  okAt: number | null
  failure: Failure | null
  /** A definite failure counts as confirmed from this time on, unless something good comes first. */
  confirmAt: number | null
  /** It answers, and refuses our password. */
  denied: Failure | null
  heardAt: number
}

export interface StreamMemory {
  /** Since when it has been stalled or failed; `connecting` changes nothing. */
  badSince: number | null
  failure: Failure | null
  /** Slow-moving average of good frame rates. */
  usualFps: number | null
  lowInARow: number
  lowSince: number | null
  lowFps: number | null
  longKeyFrameMs: number | null
  /** When it broke lately, newest last, at most `breaksToUnstable`. */
  breaks?: number[]
}

/** A port that is down although its administrator wants it up. */
export interface DownPort { ifIndex: number, name: string, since: number, carried: boolean }
/** `since` and `gone` are when the first source came on, and the last went off. */
export interface CameraFault { sources: string[], since: number | null, gone: number | null, on: boolean }
interface Cause { deviceId: string, port: string | null }
/** An open alarm. `goneAt`: since when its condition no longer holds, while flap damping keeps it open. */
export interface OpenAlarm {
  id: string
  goneAt: number | null
  /** The most devices that were unreachable because of it at one time. */
  most?: number
}

export interface Memory {
  /** The device's own evidence, parents aside. */
  own: 'unknown' | 'up' | 'down'
  ownSince: number
  ownFailure: Failure | null
  /** Time of the first failed check that led to `down`. */
  failedFrom: number | null
  lastGoodAt: number | null
  /** Set when a fault in front ended: since when this device is waited for. */
  awaitingSince: number | null
  /** Until then failures do not count, since their attempts may have begun under the fault. */
  settleUntil: number | null
  /** When own evidence is down and the parent might still explain it. */
  holdUntil: number | null
  /** Just come under a fault: ask it then, when its answer counts as given after the fault began. */
  askAt: number | null
  methods: Record<string, MethodMemory>
  clockBad: boolean
  streams: Partial<Record<StreamProfile, StreamMemory>>
  portsDown: DownPort[]
  /** What the camera reports of itself: rule 18. */
  cameraFaults?: Partial<Record<'camera_storage' | 'camera_tamper', CameraFault>>
  /** What the picture shows that it should not: rule 19. */
  pictureFaults?: PictureFault[]
  restartedAt: number | null
  cause: Cause | null
  /** Since when the cause has held; passed on to devices behind this one. */
  causeSince: number | null
  /** `condition|subject` -> open alarm. */
  open: Record<string, OpenAlarm>
  /** Times of recent raisings by key, newest last, at most `flapRaises`. */
  raises: Record<string, number[]>
  judgedAt: number
}

export const newMemory = (now: number): Memory => ({
  own: 'unknown', ownSince: now, ownFailure: null, failedFrom: null, lastGoodAt: null, awaitingSince: null, settleUntil: null, holdUntil: null, askAt: null, methods: {},
  clockBad: false, streams: {}, portsDown: [], restartedAt: null, cause: null, causeSince: null, open: {}, raises: {}, judgedAt: now
})

export const newView = (now: number): DeviceStateView => ({
  state: 'unknown', since: now, observedAt: null, reason: null, causeDeviceId: null, rttMs: null, clockOffsetMs: null, streams: []
})

/** The device as the judge sees it: what it is, what is held true about it, what is remembered. */
export interface Subject { kind: DeviceKind, view: DeviceStateView, memory: Memory }

/** What lies around the device at this moment. */
export interface Surroundings {
  /** Why nobody watches it: its agent is silent or was revoked, or it has none. Null while it is watched. */
  unwatched: 'agent_silent' | 'agent_revoked' | 'no_agent' | null
  /** A fault in front of it, already followed to its root. `since` is when that fault's own evidence began. */
  fault: (Cause & { since: number }) | null
  /** The parent as far as it can still explain a failure: null without one, or when nobody watches it. */
  parent: { lastGoodAt: number | null, doubtful: boolean } | null
  /** Names of own ports that other devices name as theirs. */
  portsInUse: ReadonlySet<string>
  /** Of its light and its parts, as last read: rule 20. */
  hardware: readonly HardwareFinding[]
}
