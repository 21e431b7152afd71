/** What an OTDR's `.sor` file says (Bellcore GR-196 version 1, Telcordia SR-4731 version 2), in physical units. */
import Type, { type Static } from 'typebox'
import { Id, Note, Nullable, PageQuery, TimeMs } from './common.js'

const Text = Type.String()
const Num = Type.Number()
const MaybeNumber = Nullable(Num)

/** GenParams. What version 1 does not hold is null. */
export const SorGeneral = Type.Object({
  language: Text, cableId: Text, fibreId: Text,
  /** ITU-T number, for example 652. */
  fibreType: MaybeNumber,
  wavelengthNm: Num, locationA: Text, locationB: Text, cableCode: Text,
  /** BC as built, CC as current, RC as repaired, OT other. */
  buildCondition: Text,
  /** From the front panel to the point that the operator called zero. */
  userOffsetM: Num,
  /** As written, in the file's own distance unit. */
  userOffsetDistance: MaybeNumber,
  operator: Text, comments: Text
})
export type SorGeneral = Static<typeof SorGeneral>

/** SupParams: whose instrument it was. */
export const SorSupplier = Type.Object({ supplier: Text, otdr: Text, otdrSerial: Text, module: Text, moduleSerial: Text, software: Text, other: Text })
export type SorSupplier = Static<typeof SorSupplier>

const SorPulse = Type.Object({ widthNs: Num, spacingM: Num, points: Type.Integer() })
/** FxdParams: how it was measured. */
export const SorFixed = Type.Object({
  /** Seconds since 1970 by the instrument's clock. */
  takenAtS: Num,
  /** mt, km, mi, ft or kf: the unit that the instrument showed. */
  unit: Text,
  wavelengthNm: Num,
  acquisitionOffsetM: Num, acquisitionOffsetDistance: MaybeNumber,
  /** One a pulse width; the curve is put together of them, in this order. */
  pulses: Type.Array(SorPulse),
  /** Group index of refraction; every distance follows from it. */
  refractiveIndex: Num,
  backscatterDb: Num, averages: Num, averagingTimeS: MaybeNumber,
  /** As written (metres from time of flight); the curve's own length is points x spacing. */
  rangeM: Num, rangeDistance: MaybeNumber,
  frontPanelOffsetM: MaybeNumber,
  noiseFloorDb: MaybeNumber, noiseFloorScale: MaybeNumber, powerOffsetFirstPointDb: MaybeNumber,
  lossThresholdDb: MaybeNumber, reflectanceThresholdDb: MaybeNumber, endThresholdDb: MaybeNumber,
  /** ST standard, RT reverse, DT difference, RF reference. */
  traceType: Nullable(Text),
  /** Corners of the window that the operator last looked at: x1, y1, x2, y2 as written. */
  window: Nullable(Type.Array(Num))
})
export type SorFixed = Static<typeof SorFixed>

const sorEventKinds = ['loss', 'reflection', 'saturated'] as const
export const SorEvent = Type.Object({
  number: Type.Integer(),
  distanceM: Num,
  /** Attenuation of the fibre before it. */
  slopeDbPerKm: Num,
  /** Negative is a gain. */
  lossDb: Num,
  /** 0 where nothing is reflected. */
  reflectanceDb: Num,
  /** As written, for example `1F9999LS`. */
  code: Text,
  kind: Nullable(Type.Enum([...sorEventKinds])),
  /** End of the fibre as the instrument saw it. */
  end: Type.Boolean(),
  /** Set or moved by a person. */
  manual: Type.Boolean(),
  /** Version 2: markers that the loss was measured between. */
  markersM: Nullable(Type.Object({ previousEnd: Num, start: Num, end: Num, nextStart: Num, peak: Num })),
  comment: Text
})
export type SorEvent = Static<typeof SorEvent>
export const SorSummary = Type.Object({ totalLossDb: Num, lossFromM: Num, lossToM: Num, returnLossDb: Num, returnLossFromM: Num, returnLossToM: Num })
export type SorSummary = Static<typeof SorSummary>
/** LnkParams: what the operator entered about the way. */
export const SorLandmark = Type.Object({
  number: Type.Integer(), code: Text, distanceM: Num, eventNumber: Type.Integer(), longitude: Num, latitude: Num,
  fibreCorrection: Num, sheathIn: Num, sheathOut: Num, sheathUnit: Text, modeFieldDiameterUm: Num, comment: Text
})
export type SorLandmark = Static<typeof SorLandmark>

/** What was found wrong without making the trace useless. */
export const sorWarningCodes = ['checksum_wrong', 'checksum_absent', 'block_absent', 'block_damaged', 'point_count_differs', 'vendor_quirk', 'date_implausible'] as const
export const SorWarning = Type.Object({ code: Type.Enum([...sorWarningCodes]), detail: Text })
export type SorWarning = Static<typeof SorWarning>

/** All of the file but the points of its curve. */
export const SorFile = Type.Object({
  format: Type.Integer({ minimum: 1, maximum: 2 }), version: Text,
  blocks: Type.Array(Type.Object({ name: Text, version: Text, offset: Type.Integer(), sizeBytes: Type.Integer() })),
  general: Nullable(SorGeneral), supplier: Nullable(SorSupplier), fixed: SorFixed,
  events: Type.Array(SorEvent), summary: Nullable(SorSummary), landmarks: Nullable(Type.Array(SorLandmark)),
  points: Type.Object({ count: Type.Integer(), lowestRawDb: Num, highestRawDb: Num, lengthM: Num }),
  checksum: Nullable(Type.Object({ stored: Type.Integer(), computed: Type.Integer(), ok: Type.Boolean() })),
  warnings: Type.Array(SorWarning)
})
export type SorFile = Static<typeof SorFile>

export const differenceKinds = ['ends_early', 'ends_late', 'new_loss', 'more_loss', 'less_loss', 'new_reflection', 'more_reflection', 'loss_gone'] as const
export const TraceDifference = Type.Object({
  kind: Type.Enum([...differenceKinds]),
  /** From the beginning of the strand. */
  distanceM: Num,
  changeDb: MaybeNumber,
  /** Of an end that moved: where it was. */
  wasDistanceM: MaybeNumber
})
export type TraceDifference = Static<typeof TraceDifference>

const LngLat = Type.Tuple([Num, Num])
/** A distance along the fibre as a place on the ground. */
export const Placement = Type.Object({
  cableId: Id, cableName: Text,
  /** Metres of this cable from the end that the light enters. */
  cableM: Num, fromNode: Text, toNode: Text,
  /** Names of the closures or panels on both sides, in the direction of the light; twice the same when it lies in that one. */
  between: Type.Tuple([Text, Text]),
  /** It is within so many metres of cable. */
  errorM: Num,
  /** Behind the end of what is documented. */
  beyond: Type.Boolean(),
  /** Null without a route. `band` is the part of the route within the error. */
  point: Nullable(LngLat), band: Nullable(Type.Array(LngLat))
})
export type Placement = Static<typeof Placement>
export const PlacedDifference = Type.Object({ ...TraceDifference.properties, place: Nullable(Placement) })
export type PlacedDifference = Static<typeof PlacedDifference>

const LaunchM = Type.Number({ minimum: 0, maximum: 20_000 })
/** The file goes as Base64, with what the file does not know. */
export const OtdrUpload = Type.Object({
  cableId: Id, strand: Type.Integer({ minimum: 1, maximum: 864 }), end: Type.Enum(['a', 'b']), launchM: LaunchM,
  fileName: Type.String({ minLength: 1, maxLength: 200 }), contentBase64: Type.String({ minLength: 4, maxLength: 5_700_000, pattern: '^[A-Za-z0-9+/]+={0,2}$' }), note: Type.Optional(Note)
})
export type OtdrUpload = Static<typeof OtdrUpload>
export const OtdrChange = Type.Object({ launchM: Type.Optional(LaunchM), isReference: Type.Optional(Type.Boolean()), note: Type.Optional(Note) }, { minProperties: 1, additionalProperties: false })
export type OtdrChange = Static<typeof OtdrChange>
export const OtdrTraceRow = Type.Object({
  id: Id, cableId: Id, cableName: Text, strand: Type.Integer(), end: Type.Enum(['a', 'b']), endName: Text, wavelengthNm: Type.Integer(), pulseNs: Num, fileName: Text, sha256: Text,
  launchM: Num, isReference: Type.Boolean(), note: Text, takenAt: TimeMs, uploadedAt: TimeMs, uploadedBy: Text,
  /** Where the instrument saw the end, from the beginning of the strand. */
  endM: MaybeNumber, events: Type.Integer(), warnings: Type.Integer()
})
export type OtdrTraceRow = Static<typeof OtdrTraceRow>
export const OtdrQuery = Type.Object({ cableId: Type.Optional(Id), strand: Type.Optional(Type.Integer({ minimum: 1 })), cursor: PageQuery.properties.cursor, limit: PageQuery.properties.limit })
export type OtdrQuery = Static<typeof OtdrQuery>
export const OtdrTrace = Type.Object({
  ...OtdrTraceRow.properties, file: SorFile,
  eventPlaces: Type.Array(Nullable(Placement)),
  /** The reference of the same strand, end and wavelength, unless this is it. */
  referenceId: Nullable(Id), differences: Nullable(Type.Array(PlacedDifference))
})
export type OtdrTrace = Static<typeof OtdrTrace>
export const CurveQuery = Type.Object({ fromM: Type.Optional(Num), toM: Type.Optional(Num), points: Type.Optional(Type.Integer({ minimum: 100, maximum: 20_000, default: 4000 })) })
export type CurveQuery = Static<typeof CurveQuery>
/** Distances from the beginning of the strand; of each stretch of a long curve its lowest and highest point. */
export const OtdrCurve = Type.Object({ distanceM: Type.Array(Num), levelDb: Type.Array(Num), total: Type.Integer() })
export type OtdrCurve = Static<typeof OtdrCurve>
