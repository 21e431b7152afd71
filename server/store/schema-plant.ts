/** Tables of the passive fibre plant and of what an OTDR saw in it; part of the *facts* database (see schema.ts). */
import { sql } from 'drizzle-orm'
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Slack } from '../contract/plant.js'
import type { SorFile } from '../contract/otdr.js'
import type { Columns } from './columns.js'

/** `of` are the keys of the tables that these refer to. */
export function definePlantTables (c: Columns, of: { siteId: AnySQLiteColumn, deviceId: AnySQLiteColumn }) {
  /** Where cables end: closures and patch panels. */
  const plantNodes = c.table('plant_nodes', {
    id: c.text('id').primaryKey(),
    kind: c.text('kind').$type<'closure' | 'panel'>().notNull(),
    name: c.text('name').notNull(),
    siteId: c.text('site_id').references(() => of.siteId, { onDelete: 'set null' }),
    /** WGS 84 degrees. */
    latitude: c.real('latitude'), longitude: c.real('longitude'),
    /** Of a panel; 0 for a closure. */
    positions: c.int('positions').notNull(),
    note: c.text('note').notNull()
  }, t => [c.unique('plant_nodes_name').on(t.name)])

  const cables = c.table('plant_cables', {
    id: c.text('id').primaryKey(),
    name: c.text('name').notNull(),
    aNodeId: c.text('a_node_id').notNull().references(() => plantNodes.id),
    bNodeId: c.text('b_node_id').notNull().references(() => plantNodes.id),
    strands: c.int('strands').notNull(),
    strandsPerTube: c.int('strands_per_tube').notNull(),
    colourCode: c.text('colour_code').notNull(),
    fibre: c.text('fibre').notNull(),
    /** As laid, slack included, as an OTDR would measure it. */
    lengthM: c.real('length_m'),
    /** Cable per metre of route, for a cable of unknown length. */
    routeRatio: c.real('route_ratio'),
    /** [longitude, latitude] from end A to end B, as in a GeoJSON LineString. */
    route: c.json<[number, number][] | null>('route'),
    slack: c.json<Slack[]>('slack').notNull(),
    note: c.text('note').notNull(),
    updatedAt: c.int('updated_at').notNull(), updatedBy: c.text('updated_by').notNull()
  }, t => [c.unique('plant_cables_name').on(t.name), c.index('plant_cables_a').on(t.aNodeId), c.index('plant_cables_b').on(t.bNodeId)])

  /** What joins two points of the plant: a splice, a pigtail in a panel, a patch cord, a plug in a port. */
  const joints = c.table('plant_joints', {
    id: c.text('id').primaryKey(),
    kind: c.text('kind').$type<'splice' | 'connector'>().notNull(),
    /** Measured; null: what such a joint usually costs. */
    lossDb: c.real('loss_db'),
    note: c.text('note').notNull()
  })
  /** A point is in one joint at most: its key is the primary one. A device that goes takes its point along and leaves an open end. */
  const jointPoints = c.table('plant_joint_points', {
    /** `strand/<cable>/<number>/<a|b>`, `back/<panel>/<position>`, `front/<panel>/<position>`, `port/<device>/<name>`. */
    point: c.text('point').primaryKey(),
    jointId: c.text('joint_id').notNull().references(() => joints.id, { onDelete: 'cascade' }),
    cableId: c.text('cable_id').references(() => cables.id),
    nodeId: c.text('node_id').references(() => plantNodes.id),
    deviceId: c.text('device_id').references(() => of.deviceId, { onDelete: 'cascade' })
  }, t => [c.index('plant_joint_points_joint').on(t.jointId), c.index('plant_joint_points_cable').on(t.cableId), c.index('plant_joint_points_node').on(t.nodeId)])

  const otdrTraces = c.table('otdr_traces', {
    id: c.text('id').primaryKey(),
    cableId: c.text('cable_id').notNull().references(() => cables.id),
    strand: c.int('strand').notNull(),
    /** The end that the instrument was plugged into. */
    end: c.text('cable_end').$type<'a' | 'b'>().notNull(),
    wavelengthNm: c.int('wavelength_nm').notNull(),
    fileName: c.text('file_name').notNull(),
    sha256: c.text('sha256').notNull(),
    /** The file as it came. */
    bytes: c.bytes('bytes').notNull(),
    /** As read when it came. */
    file: c.json<SorFile>('file').notNull(),
    /** Fibre between the instrument's zero and the strand. */
    launchM: c.real('launch_m').notNull(),
    isReference: c.bool('is_reference').notNull(),
    note: c.text('note').notNull(),
    takenAt: c.int('taken_at').notNull(),
    uploadedAt: c.int('uploaded_at').notNull(), uploadedBy: c.text('uploaded_by').notNull()
  }, t => [
    c.unique('otdr_traces_once').on(t.cableId, t.strand, t.end, t.sha256), c.index('otdr_traces_uploaded').on(t.uploadedAt),
    c.unique('otdr_traces_reference').on(t.cableId, t.strand, t.end, t.wavelengthNm).where(sql`${t.isReference}`)
  ])

  return { plantNodes, cables, joints, jointPoints, otdrTraces }
}
