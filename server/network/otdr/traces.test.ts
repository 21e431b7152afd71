import { describe, expect, it } from 'vitest'
import { type WrittenTrace, writeSor } from '../../../fixtures/sor/write-sor.js'
import { forEachStore } from '../../store/test-stores.js'
import { actorOf, cableOf, openPlant, straight } from '../test-plant.js'
import { routeMetres } from '../plant/geometry.js'
import type { ModelCable } from '../plant/model.js'
import { compareTraces } from './compare.js'
import { curveFor } from './curve.js'
import { placeFault } from './place.js'
import { readSor } from './sor.js'
import { createOtdrTraces } from './traces.js'

const usual: WrittenTrace['events'] = [{ distanceM: 0, lossDb: 0.3, reflectanceDb: -45 }, { distanceM: 4100, lossDb: 0.07 }, { distanceM: 6140, lossDb: 15, reflectanceDb: -15, end: true }]
const measured = (events: WrittenTrace['events'], launchM = 0) => ({ file: readSor(writeSor({ format: 2, events: events.map(e => ({ ...e, distanceM: e.distanceM + launchM })) })).file, launchM })

describe('a comparison with the reference', () => {
  const differences = (events: WrittenTrace['events'], launchM = 0) => compareTraces(measured(usual), measured(events, launchM)).map(d => [d.kind, Math.round(d.distanceM), d.changeDb === null ? null : Number(d.changeDb.toFixed(2))])
  const [start, splice, end] = usual as [WrittenTrace['events'][0], WrittenTrace['events'][0], WrittenTrace['events'][0]]
  it('says nothing of the same fibre, also through another launch fibre and with a little noise', () => {
    expect(differences(usual)).toEqual([])
    expect(differences(usual, 500)).toEqual([])
    expect(differences([start, { ...splice, distanceM: 4108, lossDb: 0.15 }, { ...end, distanceM: 6136 }])).toEqual([])
  })
  it('names a new loss, a loss that grew or went, and a new reflection', () => {
    expect(differences([start, { distanceM: 3420, lossDb: 1.2 }, splice, end])).toEqual([['new_loss', 3420, 1.2]])
    expect(differences([start, { ...splice, lossDb: 0.9 }, end])).toEqual([['more_loss', 4100, 0.83]])
    expect(compareTraces(measured([start, { ...splice, lossDb: 0.9 }, end]), measured([start, end])).map(d => d.kind)).toEqual(['loss_gone'])
    expect(differences([start, { distanceM: 2000, lossDb: 0, reflectanceDb: -50 }, splice, end])).toEqual([['new_reflection', 2000, -50]])
    expect(differences([{ ...start, reflectanceDb: -30, lossDb: 0.1 }, splice, end])).toEqual([['less_loss', 0, -0.2], ['more_reflection', 0, 15]])
  })
  it('names a break, and is silent about what lies behind it', () => {
    expect(differences([start, { ...end, distanceM: 3420 }])).toEqual([['ends_early', 3420, null]])
    expect(differences([start, splice, { ...end, distanceM: 7000 }])).toEqual([['ends_late', 7000, null]])
  })
})

describe('the place of a fault', () => {
  const nodes = new Map(['A', 'B', 'C'].map(name => [name, { id: name, kind: 'closure' as const, name, positions: 0 }]))
  const cable: ModelCable = { id: 'k', name: 'K', aNodeId: 'A', bNodeId: 'B', strands: 1, strandsPerTube: 12, colourCode: 'iec', fibre: 'g652d', lengthM: 1140, routeRatio: null, route: straight(1000), slack: [{ atM: 550, lengthM: 40, nodeId: 'C' }] }
  const model = { nodes, cables: new Map(), joints: new Map() }
  const fixed = { pulses: [{ widthNs: 10, spacingM: 0.5, points: 1 }], refractiveIndex: 1.468 }
  const place = (distanceM: number, from: 'a' | 'b' = 'a', rest: Partial<ModelCable> = {}) => placeFault(model, [{ kind: 'strand', cable: { ...cable, ...rest }, strand: 1, from }], distanceM, fixed)
  const alongM = (p: ReturnType<typeof place>) => routeMetres([cable.route![0]!, p!.point!])
  it('takes off the slack before it and the length of the cable over its route', () => {
    expect(alongM(place(110))).toBeCloseTo(100, 0)
    expect(alongM(place(550))).toBeCloseTo(500, 0)
    // Anywhere in the coil is one place.
    expect(alongM(place(570))).toBeCloseTo(500, 0)
    expect(place(570)!.between).toEqual(['C', 'C'])
    expect(alongM(place(700))).toBeCloseTo(600, 0)
    expect(place(700)).toMatchObject({ between: ['C', 'B'], beyond: false })
    expect(place(110)).toMatchObject({ between: ['A', 'C'] })
  })
  it('from the other end is the same place, told in the direction of the light', () => {
    expect(alongM(place(1140 - 700, 'b'))).toBeCloseTo(600, 0)
    expect(place(1140 - 700, 'b')).toMatchObject({ between: ['B', 'C'], fromNode: 'B' })
  })
  it('has an error that grows with the distance and with what is only estimated', () => {
    const [near, far, guessed] = [place(100)!, place(1000)!, place(1000, 'a', { lengthM: null })!]
    expect(near.errorM).toBeLessThan(far.errorM)
    expect(far.errorM).toBeLessThan(guessed.errorM)
    expect(guessed.errorM).toBeGreaterThan(20)
    expect(routeMetres(guessed.band!)).toBeGreaterThan(routeMetres(far.band!))
    expect(routeMetres(far.band!)).toBeCloseTo(2 * far.errorM / 1.1, -1)
  })
  it('is told as behind the documented end, or not at all where no length is known', () => {
    expect(place(5000)).toMatchObject({ beyond: true, cableM: 1140 })
    expect(place(100, 'a', { lengthM: null, route: null })).toBeNull()
    expect(place(100, 'a', { route: null })).toMatchObject({ cableM: 100, point: null, band: null })
  })
})

describe('a curve for a screen', () => {
  it('has the points that fit and every peak', () => {
    const { curve } = readSor(writeSor({ format: 2, spacingM: 0.5, lengthM: 20_000, pulseNs: 10, events: [{ distanceM: 5000, lossDb: 0.1, reflectanceDb: -20 }, { distanceM: 9000, lossDb: 9, reflectanceDb: -15, end: true }] }))
    const all = curveFor(curve, 0, { points: 1000 })
    expect(all.total).toBe(40_000)
    expect(all.levelDb.length).toBeLessThanOrEqual(1002)
    expect(Math.max(...all.levelDb)).toBeCloseTo(Math.max(...curve.levelDb), 2)
    const part = curveFor(curve, 500, { fromM: 4400, toM: 4600, points: 1000 })
    expect([part.distanceM[0], part.distanceM.at(-1)]).toEqual([expect.closeTo(4400, -1), expect.closeTo(4600, -1)])
    expect(part.total).toBeLessThan(410)
    expect(curveFor(curve, 0, { fromM: 90_000, toM: 100_000 }).total).toBeLessThan(4)
  })
})

forEachStore('OTDR traces', stores => {
  it('are kept as they came, the first is the reference, the next is told apart in words and placed', async () => {
    const store = await stores.open()
    const { actor, plant, ids } = await openPlant(store)
    const traces = createOtdrTraces({ store, clock: { now: () => 1_795_000_000_000 } })
    const send = (events: WrittenTrace['events'], rest: Partial<WrittenTrace> = {}, fileName = 'k1.sor') => traces.upload(actor, { cableId: ids.k1, strand: 1, end: 'a', launchM: 500, fileName, contentBase64: writeSor({ format: 2, lengthM: 9000, events: events.map(e => ({ ...e, distanceM: e.distanceM + 500 })), ...rest }).toString('base64') })
    const first = await send(usual)
    expect(first).toMatchObject({ isReference: true, referenceId: null, differences: null, cableName: 'K-1', endName: 'ODF-1', wavelengthNm: 1550, takenAt: 1_790_000_000_000 })
    expect(first.endM).toBeCloseTo(6140, 0)
    expect(first.eventPlaces[1]).toMatchObject({ cableName: 'K-1', between: ['М-8', 'М-8'] })
    expect(first.eventPlaces[2]).toMatchObject({ cableName: 'K-2', beyond: false })
    const second = await send([usual[0]!, { distanceM: 3420, lossDb: 1.2 }, ...usual.slice(1)])
    expect(second).toMatchObject({ isReference: false, referenceId: first.id, differences: [{ kind: 'new_loss', place: { cableName: 'K-1', between: ['М-7', 'М-8'] } }] })
    expect(second.differences![0]!.place!.band!.length).toBeGreaterThan(1)
    await expect(send(usual, {}, 'again.sor')).rejects.toMatchObject({ code: 'otdr_trace_known' })
    const other = await send(usual, { wavelengthNm: 1310, checksum: 'wrong' })
    expect(other).toMatchObject({ isReference: true, warnings: 1 })
    expect((await traces.original(actor, second.id)).bytes.subarray(0, 4).toString('latin1')).toBe('Map\0')
    const curve = await traces.curve(actor, second.id, { points: 500 })
    expect(curve.distanceM[0]).toBeLessThan(-460)
    expect(await traces.change(actor, second.id, { isReference: true })).toMatchObject({ isReference: true, differences: null })
    expect(await traces.get(actor, first.id)).toMatchObject({ isReference: false, referenceId: second.id, differences: [{ kind: 'loss_gone' }] })
    expect((await traces.change(actor, first.id, { launchM: 0, note: ' весна ' }))).toMatchObject({ launchM: 0, note: 'весна' })
    const { items, next } = await traces.list(actor, { limit: 2, cableId: ids.k1, strand: 1 })
    expect([items.length, next]).toEqual([2, '2'])
    expect((await traces.list(actor, { limit: 2, cursor: next! })).items).toHaveLength(1)
    await expect(plant.cables.remove(actor, ids.k1)).rejects.toMatchObject({ code: 'cable_joined' })
    await traces.remove(actor, first.id)
    expect((await store.read.select().from(store.read.t.audit)).map(a => a.action).filter(a => a.startsWith('otdr.'))).toEqual(['otdr.upload', 'otdr.upload', 'otdr.upload', 'otdr.change', 'otdr.change', 'otdr.remove'])
  })

  it('that are none, of strands that are not, or of people who may not, are refused by name', async () => {
    const store = await stores.open()
    const { actor, plant, ids } = await openPlant(store)
    const traces = createOtdrTraces({ store, clock: { now: () => 1 } })
    const sor = writeSor({ format: 1, events: usual })
    const wanted = { cableId: ids.k1, strand: 1, end: 'a' as const, launchM: 0, fileName: 'x.sor', contentBase64: sor.toString('base64') }
    await expect(traces.upload(actor, { ...wanted, contentBase64: Buffer.from('not a trace at all, really').toString('base64') })).rejects.toMatchObject({ code: 'sor_not_a_trace', errors: [{ field: '/contentBase64' }] })
    await expect(traces.upload(actor, { ...wanted, contentBase64: sor.subarray(0, 900).toString('base64') })).rejects.toMatchObject({ code: 'sor_cut_short' })
    await expect(traces.upload(actor, { ...wanted, strand: 99 })).rejects.toMatchObject({ code: 'strand_not_found' })
    await expect(traces.upload(actorOf('operator'), wanted)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(traces.get(actor, ids.k1)).rejects.toMatchObject({ kind: 'not_found' })
    const lone = (await plant.cables.create(actor, cableOf('K-8', ids.m7, ids.m8))).id
    const { id } = await traces.upload(actor, { ...wanted, cableId: lone, fileName: '../a/b.sor' })
    expect(await traces.get(actorOf('operator'), id)).toMatchObject({ fileName: '.._a_b.sor', eventPlaces: [null, null, null] })
    await expect(plant.cables.remove(actor, lone)).rejects.toMatchObject({ code: 'cable_has_traces' })
  })
})
