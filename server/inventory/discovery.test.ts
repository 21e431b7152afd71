import { beforeEach, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { TestStep } from '../contract/agent-link.js'
import type { Finding } from '../contract/inventory.js'
import type { Actor } from '../identity/actor.js'
import { ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { actorWith, addAgent, addGroup, aHost, aSwitch, camera, openInventory, type TestInventory } from './inventory-fixture.js'

const admin = actorWith(['administrator'])
const finding = (address: string, more: Partial<Finding> = {}): Finding => ({ address, kind: 'camera', onvif: null, rtspPort: 554, snmp: null, httpPort: null, icmp: true, ...more })
const codeOf = (work: Promise<unknown>) => work.then(() => 'done', (err: unknown) => err instanceof ServiceProblem ? err.code : Promise.reject(err))
const turns = async () => { for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve)) }

forEachStore('discovery and connection tests', stores => {
  let store: Store
  let made: TestInventory
  let agentId: string
  beforeEach(async () => {
    store = await stores.open()
    made = openInventory(store)
    agentId = await addAgent(store, 'north')
  })
  /** Polls the task until it ends; bounded by the test's own deadline. */
  async function ended (actor: Actor, id: string) {
    for (;;) {
      const task = made.inventory.tasks.get(actor, id)
      if (task.status !== 'running') return task
      await turns()
    }
  }
  const auditText = async () => JSON.stringify(await store.read.select().from(store.read.t.audit))

  it('ranges are allowed once, written the one way, and bound to agents that exist', async () => {
    const { discovery } = made.inventory
    const south = await addAgent(store, 'south')
    const gone = await addAgent(store, 'gone', 5)
    const range = await discovery.allowRange(admin, { cidr: '10.1.2.77/24', agentId, note: 'ring' })
    expect(range).toMatchObject({ cidr: '10.1.2.0/24', createdBy: 'administrator' })
    expect(await codeOf(discovery.allowRange(admin, { cidr: '10.1.0.0/20', agentId }))).toBe('range_overlaps')
    expect(await codeOf(discovery.allowRange(admin, { cidr: '10.1.2.128/25', agentId: null }))).toBe('range_overlaps')
    // The other agent may have the same private addresses behind it.
    await discovery.allowRange(admin, { cidr: '10.1.2.0/24', agentId: south })
    expect(await codeOf(discovery.allowRange(admin, { cidr: '10.9.0.0/24', agentId: gone }))).toBe('agent_not_found')
    expect(await codeOf(discovery.allowRange(admin, { cidr: '10.0.0.0/8', agentId }))).toBe('cidr_too_large')
    await discovery.removeRange(admin, range.id)
    expect(await codeOf(discovery.removeRange(admin, range.id))).toBe('range_not_found')
    expect((await discovery.ranges(admin)).map(r => r.agentId)).toEqual([south])
    expect(await codeOf(discovery.run(admin, { rangeId: range.id }))).toBe('range_not_found')
    for (const role of ['technician', 'operator', 'auditor'] as const) {
      expect(await codeOf(discovery.ranges(actorWith([role])))).toBe('forbidden')
      expect(await codeOf(discovery.run(actorWith([role]), { rangeId: range.id }))).toBe('forbidden')
    }
  })

  it('a search suggests what lies in the range and nothing that the agent makes up', async () => {
    const { inventory: { discovery, devices }, agent, clock } = made
    const known = await devices.create(admin, aSwitch('known', '10.1.2.9'))
    await devices.create(admin, camera('of another network', '10.1.2.3', { agentId: await addAgent(store, 'south') }))
    const range = await discovery.allowRange(admin, { cidr: '10.1.2.0/24', agentId })
    agent.answer = async (_id, _command, { onProgress }) => {
      onProgress({ done: 1, total: 254, findings: [finding('10.1.2.3')] })
      onProgress('rubbish')
      onProgress({ done: 2, total: 254, findings: [finding('10.1.2.4', { kind: 'switch', snmp: { port: 161, version: '2c', sysDescr: 'Evil\0 \uD800switch\n', sysName: 's', sysObjectId: '1.3' } }), finding('8.8.8.8'), { address: 5 }, finding('10.1.2.3.5')] })
      return { findings: [finding('10.1.2.9', { kind: 'switch' }), finding('10.1.3.1'), { ...finding('10.1.2.5'), extra: 'x'.repeat(1000) }] }
    }
    const { id } = await discovery.run(admin, { rangeId: range.id, communities: ['hush-community'] })
    const task = await ended(admin, id)
    expect(task).toMatchObject({ kind: 'discover', status: 'done' })
    expect(agent.commands).toMatchObject([{ name: 'discover', cidr: '10.1.2.0/24', probesPerS: 50, communities: ['hush-community'], ports: { onvif: [80, 8080, 8000, 8899], snmp: [161] } }])
    const found = await discovery.suggestions(admin, {})
    expect(found.map(s => [s.finding.address, s.status])).toEqual([['10.1.2.3', 'new'], ['10.1.2.4', 'new'], ['10.1.2.5', 'new'], ['10.1.2.9', 'added']])
    expect(found[1]!.finding.snmp!.sysDescr).toBe('Evil   switch')
    expect(found[2]!.finding).not.toHaveProperty('extra')
    expect(found[3]!.deviceId).toBe(known.id)
    expect(await auditText()).not.toContain('hush')

    // A person decides once; the next search remembers.
    expect(await discovery.dismiss(admin, found[0]!.id)).toMatchObject({ status: 'dismissed' })
    const accepted = await discovery.accept(admin, found[1]!.id, aSwitch('new', '10.1.2.4', { agentId }))
    expect(await codeOf(discovery.accept(admin, found[1]!.id, aSwitch('again', '10.1.2.44')))).toBe('suggestion_added')
    expect(await codeOf(discovery.accept(admin, found[2]!.id, aSwitch('twin', '10.1.2.4', { agentId })))).toBe('device_exists')
    expect(await codeOf(discovery.dismiss(admin, found[1]!.id))).toBe('suggestion_added')
    clock.time += 60_000
    agent.answer = async () => ({ findings: [finding('10.1.2.3', { rtspPort: 8554 }), finding('10.1.2.4'), finding('10.1.2.9')] })
    await ended(admin, (await discovery.run(admin, { rangeId: range.id })).id)
    const again = new Map((await discovery.suggestions(admin, {})).map(s => [s.finding.address, s]))
    expect(again.get('10.1.2.3')).toMatchObject({ status: 'dismissed', lastSeenAt: clock.time, firstSeenAt: clock.time - 60_000, finding: { rtspPort: 8554 } })
    expect(again.get('10.1.2.4')).toMatchObject({ status: 'added', deviceId: accepted.id })
    expect((await discovery.suggestions(admin, { status: 'dismissed' })).map(s => s.finding.address)).toEqual(['10.1.2.3'])
    expect(await discovery.restore(admin, found[0]!.id)).toMatchObject({ status: 'new' })
    // Its device removed, it is a suggestion again when next seen.
    await devices.remove(admin, accepted.id)
    await ended(admin, (await discovery.run(admin, { rangeId: range.id })).id)
    expect((await discovery.suggestions(admin, { status: 'new' })).map(s => s.finding.address)).toContain('10.1.2.4')
  })

  it('a search that is cancelled keeps what it found, and an agent searches once at a time', async () => {
    const { inventory: { discovery, tasks }, agent } = made
    const range = await discovery.allowRange(admin, { cidr: '10.1.2.0/24', agentId: null })
    expect(await codeOf(discovery.run(admin, { rangeId: range.id }))).toBe('agent_required')
    expect(await codeOf(discovery.run(admin, { rangeId: range.id, agentId: newId() }))).toBe('agent_not_found')
    agent.answer = (_id, _command, { onProgress }) => { onProgress({ done: 9, total: 254, findings: [finding('10.1.2.3')] }); return new Promise(() => {}) }
    const { id } = await discovery.run(admin, { rangeId: range.id, agentId })
    await turns()
    expect(tasks.get(admin, id)).toMatchObject({ status: 'running', progress: { done: 9, total: 254, findings: [{ address: '10.1.2.3' }] } })
    expect(await codeOf(discovery.run(admin, { rangeId: range.id, agentId }))).toBe('discovery_running')
    tasks.cancel(admin, id)
    await expect.poll(() => discovery.suggestions(admin, {})).toHaveLength(1)
    agent.answer = async () => { throw new ServiceProblem('unavailable', 'agent_offline', 'The agent is away.') }
    expect(await ended(admin, (await discovery.run(admin, { rangeId: range.id, agentId })).id)).toMatchObject({ status: 'failed', failure: { code: 'agent_offline' } })
    agent.answer = async () => 'nonsense'
    expect(await ended(admin, (await discovery.run(admin, { rangeId: range.id, agentId })).id)).toMatchObject({ status: 'failed', failure: { code: 'protocol_error' } })
  })

  it('a connection is tested step by step, with the stored secret or a given one, which nobody reads back', async () => {
    const { inventory: { devices, connectionTests }, agent } = made
    const technician = actorWith(['technician'])
    const step = (status: TestStep['status'], name: TestStep['step'] = 'address'): TestStep => ({ step: name, status, detail: '', tookMs: null })
    const report = { steps: [step('ok'), step('ok', 'port')], ok: true, picture: null, mainPath: '/a', subPath: null }
    agent.answer = async (_id, _command, { onProgress }) => {
      onProgress(step('running'))
      onProgress(step('ok'))
      onProgress({ step: 'magic' })
      onProgress(step('running', 'port'))
      return report
    }
    const { id } = await devices.create(admin, camera('c', '10.0.0.1', { agentId, credential: { kind: 'password', username: 'u', password: 'hush-stored' } }))
    const stored = await ended(technician, (await connectionTests.testStored(technician, id, {})).id)
    expect(stored).toMatchObject({ kind: 'test_connection', status: 'done', result: report, progress: report.steps })
    expect(agent.commands.at(-1)).toMatchObject({ name: 'test_connection', device: { id, address: '10.0.0.1', credential: { password: 'hush-stored' } } })
    await ended(technician, (await connectionTests.testStored(technician, id, { credential: { kind: 'password', username: 'u', password: 'hush-given' } })).id)
    expect(agent.commands.at(-1)).toMatchObject({ device: { credential: { password: 'hush-given' } } })
    const unsaved = await ended(admin, (await connectionTests.testUnsaved(admin, aSwitch('s', '10.0.0.2', { agentId, credential: { kind: 'community', community: 'hush-new' } }))).id)
    expect(JSON.stringify([stored, unsaved])).not.toContain('hush')
    expect(await auditText()).not.toContain('hush')
    expect((await devices.list(admin, {})).total).toBe(1)
    expect(await codeOf(connectionTests.testUnsaved(admin, aHost('h', '10.0.0.3')))).toBe('agent_required')
    expect(await codeOf(connectionTests.testStored(admin, id, { credential: { kind: 'community', community: 'x' } }))).toBe('credential_kind')
    agent.answer = async () => ({ steps: 'none' })
    expect(await ended(admin, (await connectionTests.testStored(admin, id, {})).id)).toMatchObject({ status: 'failed', failure: { code: 'protocol_error' } })
    expect(await codeOf(connectionTests.testStored(actorWith(['operator']), id, {}))).toBe('forbidden')
    const group = await addGroup(store, 'g')
    expect(await codeOf(connectionTests.testStored(actorWith(['technician'], [group]), id, {}))).toBe('device_not_found')
  })

  it('a device is polled at once, when there is somebody to do it', async () => {
    const { inventory: { devices, connectionTests }, agent } = made
    const { id } = await devices.create(admin, aHost('h', '10.0.0.1', { agentId }))
    await connectionTests.poll(admin, id)
    expect(agent.commands).toEqual([{ name: 'poll_now', deviceId: id }])
    agent.answer = async () => { throw new ServiceProblem('unavailable', 'agent_offline', 'The agent is away.') }
    expect(await codeOf(connectionTests.poll(admin, id))).toBe('agent_offline')
    await devices.update(admin, id, { enabled: false })
    expect(await codeOf(connectionTests.poll(admin, id))).toBe('device_disabled')
  })
})
