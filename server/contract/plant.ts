/** The passive fibre plant: closures, patch panels, cables with strands, and what joins them. */
import Type, { type Static } from 'typebox'
import { Id, Name, Note, Nullable, TimeMs } from './common.js'

/** Separates the parts of a point in files; hence not in a name. */
const PlantName = Type.String({ minLength: 1, maxLength: 120, pattern: '^[^|]*[^|\\s][^|]*$' })

export const nodeKinds = ['closure', 'panel'] as const
const NodeKind = Type.Enum([...nodeKinds])

const Latitude = Type.Number({ minimum: -90, maximum: 90 })
const Longitude = Type.Number({ minimum: -180, maximum: 180 })
export const MAX_POSITIONS = 1152

export const PlantNodeWrite = Type.Object({
  kind: NodeKind, name: PlantName, siteId: Nullable(Id), latitude: Nullable(Latitude), longitude: Nullable(Longitude),
  /** Of a panel; 0 for a closure. */
  positions: Type.Integer({ minimum: 0, maximum: MAX_POSITIONS }),
  note: Type.Optional(Note)
})
export type PlantNodeWrite = Static<typeof PlantNodeWrite>
export const PlantNode = Type.Object({ ...PlantNodeWrite.properties, id: Id, note: Type.String(), siteName: Nullable(Type.String()), cableCount: Type.Integer(), spliceCount: Type.Integer() })
export type PlantNode = Static<typeof PlantNode>

export const colourCodes = ['tia', 'iec'] as const
export const fibreTypes = ['g652d', 'g655', 'g657a'] as const
export type FibreType = (typeof fibreTypes)[number]
export const MAX_STRANDS = 864
export const MAX_ROUTE_POINTS = 5000
const MAX_SLACKS = 200

/** A coil of spare cable, or a closure that the cable passes uncut. */
export const Slack = Type.Object({
  /** Along the cable from end A to the coil, itself not counted. */
  atM: Type.Number({ minimum: 0, maximum: 500_000 }),
  lengthM: Type.Number({ minimum: 0, maximum: 2000 }),
  /** The closure where it lies. */
  nodeId: Nullable(Id)
})
export type Slack = Static<typeof Slack>
const Route = Type.Array(Type.Tuple([Longitude, Latitude]), { minItems: 2, maxItems: MAX_ROUTE_POINTS })

export const CableWrite = Type.Object({
  name: PlantName, aNodeId: Id, bNodeId: Id,
  strands: Type.Integer({ minimum: 1, maximum: MAX_STRANDS }),
  strandsPerTube: Type.Integer({ minimum: 1, maximum: 48 }),
  colourCode: Type.Enum([...colourCodes]), fibre: Type.Enum([...fibreTypes]),
  lengthM: Nullable(Type.Number({ minimum: 1, maximum: 500_000 })),
  routeRatio: Nullable(Type.Number({ minimum: 1, maximum: 2 })),
  route: Nullable(Route),
  slack: Type.Array(Slack, { maxItems: MAX_SLACKS }),
  note: Type.Optional(Note)
})
export type CableWrite = Static<typeof CableWrite>
/** A row of the list: without its route. */
export const CableRow = Type.Object({
  ...Type.Omit(CableWrite, ['route', 'slack', 'note']).properties, id: Id, note: Type.String(),
  aNodeName: Type.String(), bNodeName: Type.String(), routeLengthM: Nullable(Type.Number()),
  /** As measured, otherwise estimated from the route. */
  knownLengthM: Nullable(Type.Number()), joinedStrands: Type.Integer(), updatedAt: TimeMs, updatedBy: Type.String()
})
export type CableRow = Static<typeof CableRow>

const cableEnds = ['a', 'b'] as const
export const CableEnd = Type.Enum([...cableEnds])
export type CableEnd = (typeof cableEnds)[number]
const StrandNumber = Type.Integer({ minimum: 1, maximum: MAX_STRANDS })
/** Something that one other thing can be joined to. */
export const PlantPoint = Type.Union([
  Type.Object({ kind: Type.Literal('strand'), cableId: Id, strand: StrandNumber, end: CableEnd }, { additionalProperties: false }),
  Type.Object({ kind: Type.Enum(['back', 'front']), panelId: Id, position: Type.Integer({ minimum: 1, maximum: MAX_POSITIONS }) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('port'), deviceId: Id, port: Type.String({ minLength: 1, maxLength: 80, pattern: '^[^|]*[^|\\s][^|]*$' }) }, { additionalProperties: false })
])
export type PlantPoint = Static<typeof PlantPoint>
export const JointWrite = Type.Object({
  a: PlantPoint, b: PlantPoint,
  lossDb: Nullable(Type.Number({ minimum: -5, maximum: 40 })),
  note: Type.Optional(Note)
})
export type JointWrite = Static<typeof JointWrite>
const jointKinds = ['splice', 'connector'] as const
const JointKind = Type.Enum([...jointKinds])
/** A point with the names that people know it by; a camera that the reader may not see has none. */
export const NamedPoint = Type.Object({ point: PlantPoint, name: Type.String(), detail: Type.String() })
export type NamedPoint = Static<typeof NamedPoint>
export const Joint = Type.Object({ id: Id, kind: JointKind, points: Type.Array(NamedPoint), lossDb: Nullable(Type.Number()), note: Type.String() })
export type Joint = Static<typeof Joint>

/** Colours as names that the screens translate and paint. */
const StrandColours = Type.Object({ strand: Type.String(), striped: Type.Boolean(), tube: Type.String(), tubeNumber: Type.Integer(), tubeStriped: Type.Boolean() })
export const Strand = Type.Object({ number: StrandNumber, colours: StrandColours, a: Nullable(NamedPoint), b: Nullable(NamedPoint) })
export type Strand = Static<typeof Strand>
export const Cable = Type.Object({ ...CableRow.properties, route: Nullable(Type.Array(Type.Tuple([Type.Number(), Type.Number()]))), slack: Type.Array(Type.Object({ ...Slack.properties, nodeName: Nullable(Type.String()) })), strandList: Type.Array(Strand) })
export type Cable = Static<typeof Cable>

/** One step of a light path. */
export const TraceElement = Type.Union([
  Type.Object({ kind: Type.Literal('strand'), cableId: Id, cableName: Type.String(), strand: Type.Integer(), colours: StrandColours, from: CableEnd, fromNode: Type.String(), toNode: Type.String(), lengthM: Nullable(Type.Number()), measured: Type.Boolean() }),
  Type.Object({ kind: Type.Literal('joint'), jointId: Id, joint: JointKind, lossDb: Nullable(Type.Number()), place: Type.String() }),
  Type.Object({ kind: Type.Literal('panel'), panelId: Id, panelName: Type.String(), position: Type.Integer() }),
  Type.Object({ kind: Type.Literal('port'), deviceId: Nullable(Id), deviceName: Type.String(), port: Type.String() }),
  Type.Object({ kind: Type.Literal('open'), place: Type.String(), point: PlantPoint })
])
export type TraceElement = Static<typeof TraceElement>
export const budgetWavelengths = [1310, 1490, 1550, 1625] as const
export const LossBudget = Type.Object({
  lengthM: Type.Number(), splices: Type.Integer(), connectors: Type.Integer(),
  /** False: a cable on the way has neither a length nor a route. */
  complete: Type.Boolean(),
  byWavelength: Type.Array(Type.Object({ wavelengthNm: Type.Integer(), fibreDb: Type.Number(), jointsDb: Type.Number(), totalDb: Type.Number() }))
})
export type LossBudget = Static<typeof LossBudget>
const Rider = Type.Object({ id: Id, kind: Type.Enum(['camera', 'switch', 'host']), name: Type.String() })

export const StrandTrace = Type.Object({
  elements: Type.Array(TraceElement), budget: LossBudget,
  /** Devices that are reached through this light path, those that the reader may see. */
  riders: Type.Array(Rider)
})
export type StrandTrace = Static<typeof StrandTrace>

/** Files: GeoJSON or CSV, told apart by their first character. */
export const MAX_PLANT_ROWS = 10_000
export const PlantImportRequest = Type.Object({ text: Type.String({ minLength: 1, maxLength: 8_000_000 }) })
export const plantColumns = ['kind', 'name', 'site', 'latitude', 'longitude', 'positions', 'from', 'to', 'strands', 'strands_per_tube', 'colour_code', 'fibre', 'length_m', 'route_ratio', 'route', 'slack', 'loss_db', 'note'] as const
export type PlantColumn = (typeof plantColumns)[number]
export const PlantImportPreview = Type.Object({
  rows: Type.Array(Type.Object({
    /** Line of a CSV file, number of a GeoJSON feature. */
    line: Type.Integer(), kind: Type.String(), name: Type.String(), act: Type.Enum(['create', 'update', 'same', 'none']),
    errors: Type.Array(Type.Object({ column: Type.String(), code: Type.String(), message: Type.String() }))
  })),
  total: Type.Integer(), invalid: Type.Integer(), creates: Type.Integer(), updates: Type.Integer(),
  errors: Type.Array(Type.Object({ code: Type.String(), message: Type.String() }))
})
export type PlantImportPreview = Static<typeof PlantImportPreview>
export const PlantImportResult = Type.Object({ created: Type.Integer(), updated: Type.Integer() })

/** Everything that a plain map draws. */
export const PlantMap = Type.Object({
  cables: Type.Array(Type.Object({ id: Id, name: Type.String(), route: Type.Array(Type.Tuple([Type.Number(), Type.Number()])) })),
  nodes: Type.Array(Type.Object({ id: Id, kind: NodeKind, name: Type.String(), latitude: Type.Number(), longitude: Type.Number() })),
  sites: Type.Array(Type.Object({ id: Id, name: Name, latitude: Type.Number(), longitude: Type.Number() }))
})
export type PlantMap = Static<typeof PlantMap>
