/** What the rows of a plant file would do, or why they cannot. A pure function of the file and of what is there. */
import Value from 'typebox/value'
import { newId } from '../../../lib/ids.js'
import { CableWrite, type JointWrite, type PlantColumn, type PlantImportPreview, type PlantPoint, PlantNodeWrite } from '../../contract/plant.js'
import { ServiceProblem } from '../../problems.js'
import { checkedCable, checkStill } from './cables.js'
import { demandJoint } from './joints.js'
import { keyOf, type ModelCable, type ModelJoint, type ModelNode, type PlantModel } from './model.js'
import { checkedNode, highestPosition } from './nodes.js'
import type { FileRow, PlantCells, PlantFile } from './plant-file.js'
import type { DeviceName, NodeRow, StoredCable } from './rows.js'

type Fault = { column: PlantColumn, code: string, message: string }
export interface Known {
  model: PlantModel, nodes: readonly NodeRow[], cables: readonly StoredCable[]
  /** By name; null where several bear it. */
  sites: ReadonlyMap<string, string>, devices: ReadonlyMap<string, DeviceName>, deviceNames: ReadonlyMap<string, string | null>
}
type NodeValues = PlantNodeWrite & { note: string }
type CableValues = CableWrite & { note: string }
interface PlannedRow { line: number, kind: string, name: string, act: 'create' | 'update' | 'same' | 'none', faults: Fault[], node?: NodeValues & { id: string }, cable?: CableValues & { id: string }, joint?: JointWrite }
/** `model` is what would be there afterwards. */
export interface PlannedImport { rows: PlannedRow[], errors: PlantFile['errors'], model: PlantModel }

/** The columns that the fields of the API have in a file. */
const columnOf: Record<string, PlantColumn> = {
  name: 'name', siteId: 'site', latitude: 'latitude', longitude: 'longitude', positions: 'positions', aNodeId: 'from', bNodeId: 'to', a: 'from', b: 'to', strands: 'strands', strandsPerTube: 'strands_per_tube',
  colourCode: 'colour_code', fibre: 'fibre', lengthM: 'length_m', routeRatio: 'route_ratio', route: 'route', slack: 'slack', lossDb: 'loss_db', note: 'note', kind: 'kind'
}
const columnOfField = (field: string): PlantColumn => columnOf[field.split('/')[1] ?? ''] ?? 'name'

class RowFault extends Error { constructor (readonly fault: Fault) { super(fault.message) } }
const refuse = (column: PlantColumn, code: string, message: string): never => { throw new RowFault({ column, code, message }) }

function number (cells: PlantCells, column: PlantColumn): number | null {
  const text = (cells[column] ?? '').replace(',', '.')
  if (text === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : refuse(column, 'number_wrong', `${JSON.stringify(text.slice(0, 40))} is no number.`)
}

/** `120+15@М-7; 800+20`: at which metre, how much, in which closure. */
export const slackText = (slack: readonly { atM: number, lengthM: number, name: string | null }[]) => slack.map(s => `${s.atM}+${s.lengthM}${s.name === null ? '' : `@${s.name}`}`).join('; ')
function slackOf (text: string, nodeId: (name: string) => string) {
  return text.split(';').map(part => part.trim()).filter(Boolean).map(part => {
    const found = /^(\d+(?:[.,]\d+)?)\s*\+\s*(\d+(?:[.,]\d+)?)\s*(?:@\s*(.+))?$/.exec(part)
    if (!found) return refuse('slack', 'slack_wrong', `${JSON.stringify(part.slice(0, 60))} is no slack: write metre+length@closure, for example 120+15@M-7.`)
    return { atM: Number(found[1]!.replace(',', '.')), lengthM: Number(found[2]!.replace(',', '.')), nodeId: found[3] === undefined ? null : nodeId(found[3].trim()) }
  })
}

/** Whatever the order of the keys: jsonb keeps its own. */
const canonical = (value: unknown): unknown => Array.isArray(value) ? value.map(canonical) : typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, canonical(v)]) : value
const equal = (a: unknown, b: unknown) => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))

/** Goes through the rows in order of what refers to what, keeping the model as it would be. */
class Plan {
  private readonly nodesByName: Map<string, NodeRow>
  private readonly cablesByName: Map<string, ModelCable>
  private readonly nodes: Map<string, ModelNode>
  private readonly cables: Map<string, ModelCable>
  private readonly joints: Map<string, ModelJoint>
  private readonly joined = new Map<string, string[][]>()
  private readonly stored: ReadonlyMap<string, StoredCable>
  readonly model: PlantModel
  private readonly used = new Set<string>()

  constructor (private readonly known: Known) {
    this.nodesByName = new Map(known.nodes.map(n => [n.name, n]))
    this.nodes = new Map(known.model.nodes)
    this.cables = new Map(known.model.cables)
    this.joints = new Map(known.model.joints)
    this.cablesByName = new Map([...this.cables.values()].map(c => [c.name, c]))
    this.stored = new Map(known.cables.map(c => [c.id, c]))
    this.model = { nodes: this.nodes, cables: this.cables, joints: this.joints }
    for (const key of this.joints.keys()) {
      const parts = key.split('/')
      this.joined.set(parts[1]!, [...this.joined.get(parts[1]!) ?? [], parts])
    }
  }

  private nodeId = (name: string, column: PlantColumn) => this.nodesByName.get(name)?.id ?? refuse(column, 'plant_node_not_found', name === '' ? 'Name a closure or panel.' : `There is no closure or panel named ${JSON.stringify(name.slice(0, 120))}.`)
  /** A name twice in one file would be a create and an update of itself. */
  private once (kind: string, name: string) {
    if (this.used.has(`${kind} ${name}`)) refuse('name', 'name_twice', 'This name stands in the file twice.')
    this.used.add(`${kind} ${name}`)
  }

  node (cells: PlantCells): Pick<PlannedRow, 'act' | 'node'> {
    const kind = cells.kind as 'closure' | 'panel'
    const site = cells.site ?? ''
    const siteId = site === '' ? null : this.known.sites.get(site) ?? refuse('site', 'site_not_found', `There is no site named ${JSON.stringify(site.slice(0, 120))}.`)
    const values = checkedNode(valid(PlantNodeWrite, { kind, name: cells.name ?? '', siteId, latitude: number(cells, 'latitude'), longitude: number(cells, 'longitude'), positions: number(cells, 'positions') ?? 0, note: cells.note ?? '' }) as PlantNodeWrite)
    this.once('node', values.name)
    const before = this.nodesByName.get(values.name)
    if (before && before.kind !== kind) refuse('kind', 'kind_differs', `${values.name} is a ${before.kind} already.`)
    if (before && values.positions < highestPosition((this.joined.get(before.id) ?? []).map(p => p.join('/')))) refuse('positions', 'positions_taken', 'Something is joined to a position above that number.')
    const node = { id: before?.id ?? newId(), ...values }
    this.nodesByName.set(node.name, node)
    this.nodes.set(node.id, node)
    return { act: !before ? 'create' : equal(before, node) ? 'same' : 'update', node }
  }

  cable (cells: PlantCells, route: [number, number][] | null): Pick<PlannedRow, 'act' | 'cable'> {
    const strands = number(cells, 'strands') ?? refuse('strands', 'required', 'How many strands has the cable?')
    const values = checkedCable(valid(CableWrite, {
      name: cells.name ?? '', aNodeId: this.nodeId(cells.from ?? '', 'from'), bNodeId: this.nodeId(cells.to ?? '', 'to'), strands, strandsPerTube: number(cells, 'strands_per_tube') ?? Math.min(12, strands),
      colourCode: cells.colour_code || 'iec', fibre: cells.fibre || 'g652d', lengthM: number(cells, 'length_m'), routeRatio: number(cells, 'route_ratio'), route, slack: slackOf(cells.slack ?? '', name => this.nodeId(name, 'slack')), note: cells.note ?? ''
    }) as CableWrite)
    this.once('cable', values.name)
    const known = this.cablesByName.get(values.name)
    const before = known && this.stored.get(known.id)
    if (before) checkStill((this.joined.get(before.id) ?? []), before, values)
    const cable = { id: known?.id ?? newId(), ...values }
    this.cablesByName.set(cable.name, cable)
    this.cables.set(cable.id, cable)
    const { updatedAt: _, updatedBy: __, ...was } = before ?? { updatedAt: 0, updatedBy: '' }
    return { act: !before ? 'create' : equal(was, cable) ? 'same' : 'update', cable }
  }

  private point (text: string, column: 'from' | 'to'): PlantPoint {
    const [name = '', ...rest] = text.split('|').map(part => part.trim())
    if (rest.length === 1) {
      const id = this.known.deviceNames.get(name)
      if (id === undefined) return refuse(column, 'device_not_found', `There is no device named ${JSON.stringify(name.slice(0, 120))}.`)
      return id === null ? refuse(column, 'device_ambiguous', `Several devices are named ${JSON.stringify(name.slice(0, 120))}.`) : { kind: 'port', deviceId: id, port: rest[0]! }
    }
    const nth = Number(rest[0])
    if (rest.length !== 2 || !Number.isInteger(nth) || nth < 1) return refuse(column, 'point_wrong', 'A point is cable|strand|a, cable|strand|b, panel|position|front, panel|position|back or device|port.')
    if (rest[1] === 'a' || rest[1] === 'b') return { kind: 'strand', cableId: this.cablesByName.get(name)?.id ?? refuse(column, 'cable_not_found', `There is no cable named ${JSON.stringify(name.slice(0, 120))}.`), strand: nth, end: rest[1] }
    if (rest[1] === 'front' || rest[1] === 'back') return { kind: rest[1], panelId: this.nodeId(name, column), position: nth }
    return refuse(column, 'point_wrong', `${JSON.stringify(rest[1]!.slice(0, 20))} is neither a, b, front nor back.`)
  }

  joint (cells: PlantCells): Pick<PlannedRow, 'act' | 'joint'> {
    const [a, b] = [this.point(cells.from ?? '', 'from'), this.point(cells.to ?? '', 'to')]
    const lossDb = number(cells, 'loss_db')
    if (lossDb !== null && (lossDb < -5 || lossDb > 40)) refuse('loss_db', 'out_of_range', 'A joint loses -5 to 40 dB.')
    const [keyA, keyB] = [keyOf(a), keyOf(b)]
    const there = this.joints.get(keyA)
    if (there?.points.includes(keyB)) return { act: 'same' }
    demandJoint(this.model, this.known.devices, a, b)
    const joint: ModelJoint = { id: newId(), kind: a.kind === 'strand' && b.kind === 'strand' ? 'splice' : 'connector', lossDb, points: [keyA, keyB] }
    this.joints.set(keyA, joint).set(keyB, joint)
    return { act: 'create', joint: { a, b, lossDb, note: cells.note ?? '' } }
  }
}

type Checkable = typeof PlantNodeWrite | typeof CableWrite
function valid (schema: Checkable, value: Record<string, unknown>) {
  if (Value.Check(schema, value)) return value
  const [error] = Value.Errors(schema, value)
  return refuse(columnOfField(error?.instancePath ?? ''), 'cell_wrong', `${error?.message ?? 'is wrong'}.`)
}

const ranks: Record<string, number> = { closure: 0, panel: 0, cable: 1, joint: 2 }

export function planImport (file: PlantFile, known: Known): PlannedImport {
  const plan = new Plan(known)
  const rows = file.rows.map((row): FileRow & { planned: PlannedRow } => ({ ...row, planned: { line: row.line, kind: row.cells.kind ?? '', name: row.cells.name || [row.cells.from, row.cells.to].filter(Boolean).join(' – '), act: 'none', faults: row.fault ? [row.fault] : [] } }))
  const inOrder = rows.filter(r => !r.fault).sort((a, b) => (ranks[a.planned.kind] ?? 3) - (ranks[b.planned.kind] ?? 3))
  for (const { cells, route, planned } of inOrder) {
    try {
      if (planned.kind === 'closure' || planned.kind === 'panel') Object.assign(planned, plan.node(cells))
      else if (planned.kind === 'cable') Object.assign(planned, plan.cable(cells, route))
      else if (planned.kind === 'joint') Object.assign(planned, plan.joint(cells))
      else refuse('kind', 'kind_unknown', 'The kind is closure, panel, cable or joint.')
    } catch (err) {
      if (err instanceof RowFault) planned.faults.push(err.fault)
      else if (err instanceof ServiceProblem) planned.faults.push({ column: columnOfField(err.errors[0]?.field ?? ''), code: err.code, message: err.message })
      else throw err
    }
  }
  return { rows: rows.map(r => r.planned), errors: file.errors, model: plan.model }
}

export function previewOf ({ rows, errors }: PlannedImport): PlantImportPreview {
  return {
    rows: rows.map(({ line, kind, name, act, faults }) => ({ line, kind: kind.slice(0, 40), name: name.slice(0, 250), act: faults.length > 0 ? 'none' : act, errors: faults })),
    total: rows.length, invalid: rows.filter(r => r.faults.length > 0).length, creates: rows.filter(r => r.act === 'create').length, updates: rows.filter(r => r.act === 'update').length, errors
  }
}
