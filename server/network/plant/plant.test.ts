import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../lib/ids.js'
import { forEachStore } from '../../store/test-stores.js'
import { actorOf, cableOf, openPlant, port, side, straight, strand } from '../test-plant.js'
import { coloursOf } from './colours.js'
import { readPlantFile } from './plant-file.js'
import { type RidingDevice, ridersOf } from './riders.js'

describe('colours', () => {
  it('follow the code through strands and tubes, with a stripe from the thirteenth on', () => {
    expect(coloursOf('tia', 1, 12)).toEqual({ strand: 'blue', striped: false, tube: 'blue', tubeNumber: 1, tubeStriped: false })
    expect(coloursOf('iec', 1, 12)).toMatchObject({ strand: 'red', tube: 'red' })
    expect(coloursOf('tia', 14, 12)).toMatchObject({ strand: 'orange', striped: false, tube: 'orange', tubeNumber: 2 })
    expect(coloursOf('tia', 14, 24)).toMatchObject({ strand: 'orange', striped: true, tubeNumber: 1 })
    expect(coloursOf('iec', 145, 12)).toMatchObject({ tubeNumber: 13, tube: 'red', tubeStriped: true })
  })
})

describe('who rides on a path', () => {
  const device = (id: string, kind: RidingDevice['kind'], parentId: string | null, parentPort: string | null = null): RidingDevice => ({ id, kind, name: id, parentId, parentPort })
  const town = [device('core', 'switch', null), device('edge', 'switch', 'core', 'gi1'), device('far', 'switch', 'edge', '8'), device('c1', 'camera', 'edge', '1'), device('c2', 'camera', 'far', '1'), device('c3', 'camera', 'core', 'gi2')]
  const names = (ends: Parameters<typeof ridersOf>[0], devices = town) => ridersOf(ends, devices).map(d => d.id).sort()
  it('is the lower device and all below it; of one known end what hangs on its port', () => {
    expect(names([{ deviceId: 'core', port: 'GI1 ' }, { deviceId: 'edge', port: '24' }])).toEqual(['c1', 'c2', 'edge', 'far'])
    expect(names([{ deviceId: 'core', port: 'gi1' }])).toEqual(['c1', 'c2', 'edge', 'far'])
    expect(names([{ deviceId: 'core', port: 'gi2' }, { deviceId: 'c3', port: 'sfp' }])).toEqual(['c3'])
    expect(names([{ deviceId: 'c3', port: 'sfp' }])).toEqual(['c3'])
    expect(names([{ deviceId: 'core', port: 'gi7' }])).toEqual([])
    expect(names([])).toEqual([])
  })
  it('ends with parents that stand in a circle', () => {
    expect(names([{ deviceId: 'x', port: '1' }], [device('x', 'switch', 'y', '1'), device('y', 'switch', 'x', '1')])).toEqual(['x', 'y'])
  })
})

forEachStore('the plant', stores => {
  it('traces a strand from switch to switch, tells its budget and who rides on it', async () => {
    const { plant, actor, ids } = await openPlant(await stores.open())
    const trace = await plant.joints.trace(actor, ids.k2, 3)
    expect(trace.elements.map(e => e.kind === 'strand' ? `${e.cableName}/${e.strand} ${e.colours.strand} ${e.fromNode}→${e.toNode}` : e.kind === 'joint' ? `${e.joint} ${e.lossDb}` : e.kind === 'panel' ? `${e.panelName}:${e.position}` : e.kind === 'port' ? `${e.deviceName} ${e.port}` : e.kind)).toEqual([
      'Ядро gi1/0/1', 'connector null', 'ODF-1:1', 'connector null', 'K-1/1 red ODF-1→М-8', 'splice 0.07', 'K-2/3 blue М-8→ODF-2', 'connector null', 'ODF-2:1', 'connector null', 'Вокзал gi0/24'
    ])
    expect(await plant.joints.trace(actor, ids.k1, 1)).toEqual(trace)
    const text = (joints: Awaited<ReturnType<typeof plant.joints.at>>) => joints.map(j => `${j.kind}: ${j.points.map(p => `${p.point.kind} ${p.name} ${p.detail}`).sort().join(' = ')}`).sort()
    expect(text(await plant.joints.at(actor, ids.m8))).toEqual(['splice: strand K-1 1 = strand K-2 3'])
    expect(text(await plant.joints.at(actor, ids.odf1))).toEqual(['connector: back ODF-1 1 = strand K-1 1', 'connector: front ODF-1 1 = port Ядро gi1/0/1'])
    await expect(plant.joints.at(actor, newId())).rejects.toMatchObject({ kind: 'not_found' })
    expect(trace.budget).toMatchObject({ complete: true, splices: 1, connectors: 4 })
    expect(trace.budget.lengthM).toBeCloseTo(4100 + 2000 * 1.02, -1)
    const [at1310] = trace.budget.byWavelength
    expect(at1310!.jointsDb).toBeCloseTo(2.07, 5)
    expect(at1310!.totalDb).toBeCloseTo(6.14 * 0.35 + 2.07, 1)
    expect(trace.riders.map(r => r.name)).toEqual(['Каса', 'Перон', 'Вокзал'])
    // Who does not see the group of a camera does not learn of it.
    expect((await plant.joints.trace({ ...actor, allGroups: false }, ids.k1, 1)).riders.map(r => r.name)).toEqual(['Вокзал'])
    expect((await plant.joints.trace(actor, ids.k1, 2)).elements.map(e => e.kind)).toEqual(['open', 'strand', 'open'])
    await expect(plant.joints.trace(actor, ids.k1, 25)).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('joins only what can meet, each point once, and never in a circle', async () => {
    const { plant, actor, ids: { k1, k2, odf1, odf2, core, edge, m8 } } = await openPlant(await stores.open())
    const refused = async (a: ReturnType<typeof strand>, b: ReturnType<typeof strand>, code: string) => await expect(plant.joints.join(actor, { a, b, lossDb: null })).rejects.toMatchObject({ code })
    await refused(strand(k1, 1, 'b'), strand(k2, 4, 'a'), 'point_taken')
    await refused(strand(k1, 2, 'a'), strand(k2, 4, 'a'), 'ends_apart')
    await refused(strand(k1, 25, 'b'), strand(k2, 4, 'a'), 'strand_not_found')
    await refused(strand(k1, 2, 'a'), side('back', odf2, 2), 'ends_apart')
    await refused(strand(k1, 2, 'a'), side('front', odf1, 2), 'points_do_not_join')
    await refused(side('back', odf1, 25), strand(k1, 2, 'a'), 'position_not_found')
    await refused(side('back', m8, 1), strand(k1, 2, 'a'), 'panel_not_found')
    await refused(port(core, '1'), port(edge, '2'), 'points_do_not_join')
    await refused(port(newId(), '1'), strand(k1, 2, 'a'), 'device_not_found')
    await refused(strand(k1, 2, 'b'), strand(k1, 2, 'b'), 'joint_loop')
    // A ring of three cables: its last splice would close it.
    const back = (await plant.cables.create(actor, cableOf('K-3', m8, odf1, { strands: 4 }))).id
    await plant.joints.join(actor, { a: strand(k1, 5, 'b'), b: strand(back, 1, 'a'), lossDb: null })
    await refused(strand(back, 1, 'b'), strand(k1, 5, 'a'), 'joint_loop')
    expect((await plant.joints.trace(actor, back, 1)).elements.filter(e => e.kind === 'strand').map(e => e.cableName)).toEqual(['K-1', 'K-3'])
  })

  it('keeps what is joined from being pulled away, and lets go of a device that is removed', async () => {
    const store = await stores.open()
    const { plant, actor, ids } = await openPlant(store)
    const cable = await plant.cables.get(actor, ids.k1)
    expect(cable.strandList).toHaveLength(24)
    expect(cable.strandList[0]).toMatchObject({ a: { name: 'ODF-1', detail: '1' }, b: { name: 'K-2', detail: '3' } })
    const { strandList: _, slack, ...rest } = cable
    const wanted = cableOf('K-1', rest.aNodeId, rest.bNodeId, { lengthM: 4100, route: straight(4000), slack: slack.map(({ atM, lengthM, nodeId }) => ({ atM, lengthM, nodeId })) })
    expect((await plant.cables.update(actor, ids.k1, { ...wanted, strands: 12, note: 'до вокзалу' })).strandList).toHaveLength(12)
    await expect(plant.cables.update(actor, ids.k1, { ...wanted, aNodeId: ids.m7 })).rejects.toMatchObject({ code: 'cable_end_joined' })
    await expect(plant.cables.update(actor, ids.k2, { ...cableOf('K-2', ids.m8, ids.odf2), strands: 2 })).rejects.toMatchObject({ code: 'strands_joined' })
    await expect(plant.cables.update(actor, ids.k2, cableOf('K-1', ids.m8, ids.odf2))).rejects.toMatchObject({ code: 'plant_name_taken' })
    await expect(plant.cables.update(actor, ids.k1, { ...wanted, lengthM: 41_000 })).rejects.toMatchObject({ code: 'length_unlike_route' })
    await expect(plant.cables.update(actor, ids.k1, { ...wanted, slack: [{ atM: 4090, lengthM: 20, nodeId: null }] })).rejects.toMatchObject({ code: 'slack_beyond_cable' })
    await expect(plant.cables.remove(actor, ids.k1)).rejects.toMatchObject({ code: 'cable_joined' })
    for (const id of [ids.m7, ids.m8]) await expect(plant.nodes.remove(actor, id)).rejects.toMatchObject({ code: 'plant_node_in_use' })
    await expect(plant.nodes.update(actor, ids.odf1, { kind: 'panel', name: 'ODF-1', siteId: null, latitude: null, longitude: null, positions: 0 })).rejects.toMatchObject({ code: 'positions_missing' })
    await store.transaction(async tx => { await tx.delete(tx.t.devices).where(eq(tx.t.devices.id, ids.core)) })
    expect((await plant.joints.trace(actor, ids.k1, 1)).elements[0]).toEqual({ kind: 'open', place: 'ODF-1', point: side('front', ids.odf1, 1) })
    // The end that is left alone can be joined anew.
    await plant.joints.join(actor, { a: side('front', ids.odf1, 1), b: port(ids.edge, '9'), lossDb: 0.2 })
    expect((await store.read.select().from(store.read.t.audit)).map(a => a.action)).toContain('plant.join')
  })

  it('goes out as CSV and GeoJSON and comes back the same; an import is all or nothing', async () => {
    const store = await stores.open()
    const { plant, actor } = await openPlant(store)
    for (const format of ['csv', 'geojson'] as const) {
      const text = await plant.files.exportAs(actor, format)
      const preview = await plant.files.preview(actor, text)
      expect([preview.errors, preview.rows.filter(r => r.errors.length > 0), preview.creates, preview.updates, preview.total]).toEqual([[], [], 0, 0, 11])
      // Into a centre that has the devices and no plant.
      const other = await stores.open()
      await openDevicesOnly(other)
      const { createPlant } = await import('./plant.js')
      const empty = createPlant({ store: other, clock: { now: () => 1 } })
      expect(await empty.files.run(actor, text)).toEqual({ created: 11, updated: 0 })
      expect(await empty.files.exportAs(actor, format)).toEqual(text)
    }
    const csv = await plant.files.exportAs(actor, 'csv')
    const bad = `${csv}cable,K-9,,,,,ODF-1,М-77,8,,,,,,,,,\r\njoint,,,,,,K-1|1|b,K-2|4|a,,,,,,,,,,\r\nclosure,М-9,,91,24,,,,,,,,,,,,,\r\nrope,X,,,,,,,,,,,,,,,,\r\n`
    const preview = await plant.files.preview(actor, bad)
    expect(preview.rows.filter(r => r.errors.length > 0).map(r => r.errors[0]!.code)).toEqual(['plant_node_not_found', 'point_taken', 'cell_wrong', 'kind_unknown'])
    await expect(plant.files.run(actor, `${csv}closure,М-9,,48.9,24,,,,,,,,,,,,,\r\nrope,X,,,,,,,,,,,,,,,,\r\n`)).rejects.toMatchObject({ code: 'import_invalid' })
    expect((await plant.nodes.list(actor)).map(n => n.name)).not.toContain('М-9')
    const changed = csv.replace('K-2,,,,,М-8,ODF-2,12', 'K-2,,,,,М-8,ODF-2,16')
    expect(await plant.files.run(actor, `${changed}closure,М-9,,48.9,24,,,,,,,,,,,,,\r\n`)).toEqual({ created: 1, updated: 1 })
    expect((await plant.cables.list(actor)).find(c => c.name === 'K-2')).toMatchObject({ strands: 16, joinedStrands: 1 })
  })

  it('is read by those who work with it and written by those who answer for it', async () => {
    const { plant, ids } = await openPlant(await stores.open())
    for (const role of ['operator', 'shift_lead'] as const) {
      expect((await plant.cables.list(actorOf(role))).map(c => c.name)).toEqual(['K-1', 'K-2'])
      await expect(plant.cables.remove(actorOf(role), ids.k1)).rejects.toMatchObject({ kind: 'forbidden' })
      await expect(plant.files.preview(actorOf(role), 'kind,name')).rejects.toMatchObject({ kind: 'forbidden' })
    }
    await expect(plant.map(actorOf('requester'))).rejects.toMatchObject({ kind: 'forbidden' })
    expect(await plant.map(actorOf('operator'))).toMatchObject({ cables: [{ name: 'K-1' }, { name: 'K-2' }], nodes: expect.arrayContaining([expect.objectContaining({ name: 'М-7' })]) })
  })
})

async function openDevicesOnly (store: Awaited<Parameters<typeof openPlant>[0]>) {
  await store.transaction(async tx => {
    for (const [id, name] of [[newId(), 'Ядро'], [newId(), 'Вокзал']] as const) await tx.insert(tx.t.devices).values({ id, kind: 'switch', name, searchText: '', address: '192.0.2.1', identityKey: id, note: '', enabled: true, settings: {} as never, createdAt: 0, updatedAt: 0 })
  })
}

describe('a plant file', () => {
  it('of any text yields rows or errors, never a crash', () => {
    for (const text of ['', '{', '[]', '{"type":"FeatureCollection"}', '{"type":"FeatureCollection","features":[1,null,{"type":"Feature","properties":{"kind":["x"]}}]}', 'kind,name\n"', 'a,b\n1,2', '\uFEFFsep=;\nkind;name\nclosure;М-1']) {
      const file = readPlantFile(text)
      expect(file.errors.length + file.rows.length).toBeGreaterThan(0)
    }
    const line = (coordinates: unknown, type = 'LineString') => readPlantFile(JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties: { kind: 'cable' }, geometry: { type, coordinates } }] })).rows[0]!
    expect(line([[24, 48], [25, 49]]).route).toEqual([[24, 48], [25, 49]])
    for (const wrong of [[[24, 48]], [[24, 98], [25, 49]], [['a', 1], [2, 3]], 'x', [[24, 48, 1], [null, 2]]]) expect(line(wrong).fault).toMatchObject({ column: 'route' })
    expect(line([[[24, 48], [25, 49]]], 'MultiLineString').fault?.message).toMatch(/Only Point and LineString/)
    expect(readPlantFile('kind,name,route\ncable,K,"LINESTRING (24.7 48.9, 24.8 48.9)"').rows[0]!.route).toHaveLength(2)
    expect(readPlantFile(JSON.stringify({ type: 'FeatureCollection', features: Array.from({ length: 10_001 }, () => ({})) })).errors).toMatchObject([{ code: 'too_many_rows' }])
  })
})
