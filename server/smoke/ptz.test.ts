/** A camera under control, from a seat to the orders that its agent gets and the entries of the audit, over both databases. */
import { describe, expect, it } from 'vitest'
import { createPtz } from '../cameras/ptz/ptz.js'
import type { Command } from '../contract/agent-link.js'
import type { PtzAnswer, PtzNote, PtzOrder, PtzPosition, PtzPreset } from '../contract/ptz.js'
import { verifyAudit } from '../identity/audit.js'
import { actorWith } from '../inventory/inventory-fixture.js'
import { ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { addAgent, addGroup, JumpingClock, log } from './story.js'
import { newId } from '../../lib/ids.js'

const [olena, lead, technician] = [actorWith(['operator']), actorWith(['shift_lead']), actorWith(['technician'])]
const abilities = { panTilt: true, zoom: true, point: 'field_of_view' as const, absolute: true, home: true, setHome: true, presets: true, maxPresets: 16 }

/** What an agent would do, without a camera behind it. */
class Head {
  readonly orders: PtzOrder[] = []
  readonly seqs: number[] = []
  position: PtzPosition = { pan: 0, tilt: 0, zoom: 0 }
  presets: PtzPreset[] = [{ token: '1', name: 'Gate' }, { token: '2', name: 'Yard' }]
  fails: string | null = null
  run = async (_agent: string, command: Command): Promise<PtzAnswer> => {
    if (command.name !== 'ptz') throw new Error('another command')
    const { order } = command
    this.orders.push(order)
    this.seqs.push(command.seq)
    if (this.fails) throw new ServiceProblem('unavailable', this.fails, 'It does not answer.')
    if (order.do === 'stop') this.position = { ...this.position, pan: 0.25 }
    if (order.do === 'edit' && order.edit.kind === 'add') this.presets = [...this.presets, { token: '3', name: order.edit.name }]
    if (order.do === 'edit' && order.edit.kind === 'remove') { const { token } = order.edit; this.presets = this.presets.filter(p => p.token !== token) }
    return { position: this.position, moving: false, ...(order.do === 'find' && { found: { abilities, presets: this.presets, position: this.position, moving: false } }), ...(order.do === 'edit' && { token: '3' }) }
  }
  did () { return this.orders.filter(o => o.do !== 'look' && o.do !== 'find').map(o => o.do === 'go' ? `go ${o.to.kind === 'preset' ? o.to.token : o.to.kind}` : o.do) }
}

async function stage (store: Store) {
  const clock = new JumpingClock()
  const agentId = await addAgent(store, clock.now(), 'agent')
  const groupId = await addGroup(store, 'Center')
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.devices).values({ id, kind: 'camera', name: 'Камера', searchText: '', groupId, address: '192.0.2.1', identityKey: id, agentId, note: '', enabled: true, settings: { camera: { onvif: { port: 80 } } } as never, createdAt: 0, updatedAt: 0 }))
  const head = new Head()
  const ptz = createPtz({ store, clock, log, commands: { run: head.run as never } })
  const sit = async (actor: typeof olena) => {
    const notes: PtzNote[] = []
    const seated = await ptz.sit(actor, id, note => notes.push(note))
    return { ...seated, notes, last: (type: PtzNote['type']) => notes.findLast(n => n.type === type) }
  }
  const trace = async () => (await store.read.select().from(store.read.t.audit)).filter(e => e.action.startsWith('ptz.')).map(e => ({ action: e.action, login: e.login, details: e.details as Record<string, unknown> }))
  const traced = (count: number) => expect.poll(async () => (await trace()).length, { timeout: 10_000 }).toBe(count)
  await ptz.view(olena, id)
  head.orders.length = 0
  const pass = (ms: number) => { for (let at = 0; at < ms; at += 200) { clock.jump(200); ptz.tick() } }
  return { clock, head, ptz, id, groupId, sit, trace, traced, pass }
}
const right = { type: 'move' as const, pan: 1, tilt: 0, zoom: 0 }

forEachStore('cameras that move', stores => {
  describe('a press', () => {
    it('is one order a direction, kept alive, one stop, and one entry with its way, its time and where it went', async () => {
      const { head, sit, clock, traced, trace, pass, ptz } = await stage(await stores.open())
      const seat = await sit(olena)
      seat.heard({ ...right, press: 1 })
      await expect.poll(() => head.did()).toEqual(['move'])
      for (let i = 0; i < 5; i++) { seat.heard({ ...right, press: 1 }); pass(200) }
      await expect.poll(() => head.did().length).toBeGreaterThan(1)
      expect(new Set(head.did())).toEqual(new Set(['move']))
      seat.heard({ type: 'stop', press: 1 })
      await traced(2)
      expect(head.did().at(-1)).toBe('stop')
      // Late, or again: over is over.
      seat.heard({ ...right, press: 1 })
      await ptz.stop()
      expect(head.did().filter(d => d === 'stop')).toHaveLength(1)
      expect(head.seqs).toEqual(head.seqs.toSorted((a, b) => a - b))
      expect(await trace()).toMatchObject([
        { action: 'ptz.begin', login: olena.login, details: { name: 'Камера', takenFrom: null } },
        { action: 'ptz.move', details: { way: 'continuous', ended: 'stop', durationMs: 1000, path: [[0, 1, 0, 0]], from: { pan: 0 }, to: { pan: 0.25 } } },
        { action: 'ptz.end', details: { reason: 'gone', moves: 1 } }
      ])
      expect(clock.now()).toBeGreaterThan(0)
    })
    it('that the browser no longer repeats ends by itself, and the browser hears it', async () => {
      const { head, sit, pass, traced, trace } = await stage(await stores.open())
      const seat = await sit(olena)
      seat.heard({ ...right, press: 1 })
      await expect.poll(() => head.did()).toEqual(['move'])
      pass(1000)
      await traced(2)
      expect(seat.last('ended')).toEqual({ type: 'ended', press: 1, reason: 'hold' })
      expect((await trace()).at(-1)).toMatchObject({ details: { ended: 'hold', durationMs: 1000 } })
    })
    it('ends when its person leaves, and when the camera does not take it; that is told and recorded', async () => {
      const { head, sit, traced, trace } = await stage(await stores.open())
      const seat = await sit(olena)
      seat.heard({ ...right, press: 1 })
      await expect.poll(() => head.did()).toEqual(['move'])
      seat.leave('gone')
      await traced(3)
      expect(head.did()).toEqual(['move', 'stop'])
      const again = await sit(olena)
      head.fails = 'timeout'
      again.heard({ ...right, press: 1 })
      await expect.poll(() => again.last('failed')).toMatchObject({ code: 'timeout' })
      await traced(5)
      expect((await trace()).map(e => `${e.action} ${String(e.details.ended ?? e.details.reason ?? '')}`.trim())).toEqual(['ptz.begin', 'ptz.move lost', 'ptz.end gone', 'ptz.begin', 'ptz.move failed'])
    })
    it('moves nothing while the audit cannot be written', async () => {
      const store = await stores.open()
      const { head, sit } = await stage(store)
      const seat = await sit(olena)
      await store.transaction(async tx => { await tx.insert(tx.t.audit).values({ seq: 1, at: 0, userId: null, login: 'x', ip: '', action: 'x', subjectKind: 'x', subjectId: 'x', details: {}, prevHash: '', hash: '' }) })
      seat.heard({ ...right, press: 1 })
      await expect.poll(() => seat.last('failed')).toBeTruthy()
      expect(head.did().filter(d => d === 'move')).toEqual([])
    })
  })

  describe('two people', () => {
    it('have it one after the other, by rank; each is told', async () => {
      const { sit, head, traced, pass } = await stage(await stores.open())
      const [one, two, low] = [await sit(olena), await sit(lead), await sit(technician)]
      one.heard({ ...right, press: 1 })
      await expect.poll(() => head.did()).toEqual(['move'])
      low.heard({ ...right, press: 1 })
      expect(low.last('refused')).toEqual({ type: 'refused', press: 1, code: 'locked' })
      low.heard({ type: 'take', over: true })
      expect(low.last('refused')).toMatchObject({ press: null })
      two.heard({ type: 'take', over: true })
      expect(one.last('lost')).toMatchObject({ reason: 'taken_over' })
      expect([one, two, low].map(s => (s.last('lock') as { you: string }).you)).toEqual(['wait', 'owner', 'wait'])
      await traced(4)
      expect(head.did()).toEqual(['move', 'stop'])
      pass(30_000)
      expect(two.last('lost')).toMatchObject({ reason: 'idle', to: null })
      expect((low.last('lock') as { lock: unknown }).lock).toBe(null)
    })
  })

  describe('presets and tours', () => {
    it('are kept with our names, by those who may, of cameras that they see', async () => {
      const { ptz, id, trace, groupId } = await stage(await stores.open())
      expect(await ptz.addPreset(lead, id, 'Міст')).toEqual({ token: '3', name: 'Міст' })
      await ptz.renamePreset(lead, id, '1', 'Брама')
      expect((await ptz.view(olena, id)).presets).toEqual([{ token: '1', name: 'Брама' }, { token: '2', name: 'Yard' }, { token: '3', name: 'Міст' }])
      await ptz.removePreset(lead, id, '3')
      await expect(ptz.addPreset(olena, id, 'X')).rejects.toMatchObject({ kind: 'forbidden' })
      await expect(ptz.renamePreset(lead, id, 'none', 'X')).rejects.toMatchObject({ code: 'preset_not_found' })
      await expect(ptz.view(actorWith(['operator'], [newId()]), id)).rejects.toMatchObject({ code: 'camera_not_found' })
      await expect(ptz.view(actorWith(['operator'], [groupId]), id)).resolves.toBeTruthy()
      await expect(ptz.sit(actorWith(['footage_registrar']), id, () => {})).rejects.toMatchObject({ kind: 'forbidden' })
      expect((await trace()).map(e => e.action)).toEqual(['ptz.preset_add', 'ptz.preset_rename', 'ptz.preset_remove'])
    })
    it('a tour goes while nobody moves the camera, waits for whoever does, and goes on after a restart', async () => {
      const store = await stores.open()
      const { ptz, id, head, sit, pass, trace, clock } = await stage(store)
      const tour = await ptz.writeTour(lead, id, null, { name: 'Ніч', steps: [{ token: '1', dwellS: 10 }, { token: '2', dwellS: 10 }] })
      await expect(ptz.writeTour(lead, id, null, { name: 'ніч', steps: tour.steps })).rejects.toMatchObject({ code: 'name_taken' })
      await expect(ptz.writeTour(lead, id, null, { name: 'B', steps: [{ token: '9', dwellS: 10 }, { token: '2', dwellS: 10 }] })).rejects.toMatchObject({ code: 'preset_not_found' })
      await ptz.runTour(olena, id, tour.id)
      await expect.poll(() => head.did()).toEqual(['go 1'])
      await new Promise(setImmediate)
      pass(10_000)
      await expect.poll(() => head.did()).toEqual(['go 1', 'go 2'])
      const seat = await sit(olena)
      expect(seat.last('lock')).toMatchObject({ you: 'free', lock: { by: 'tour', name: 'Ніч' } })
      seat.heard({ type: 'go', press: 1, to: { kind: 'home' } })
      await expect.poll(() => head.did().at(-1)).toBe('go home')
      pass(30_000)
      expect(seat.last('lost')).toMatchObject({ reason: 'idle' })
      pass(59_000)
      expect(head.did().at(-1)).toBe('go home')
      pass(1400)
      await expect.poll(() => head.did().at(-1)).toBe('go 2')
      await ptz.stop()
      expect((await trace()).filter(e => e.action === 'ptz.tour_moves').map(e => (e.details.steps as unknown[][]).map(s => s[1]))).toEqual([['Gate', 'Yard'], ['Yard']])
      const restarted = createPtz({ store, clock, log, commands: { run: head.run as never } })
      await restarted.start()
      await expect.poll(() => head.did().at(-1)).toBe('go 1')
      await restarted.runTour(olena, id, null)
      await restarted.stop()
      expect(await verifyAudit(store.read)).toMatchObject({ ok: true })
    })
  })
})
