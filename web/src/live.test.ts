import { describe, expect, it } from 'vitest'
import type { Alarm } from '../../server/contract/health.js'
import type { WallChange, WallDevice, WallSnapshot } from '../../server/contract/wall.js'
import { alarmOrder, applyEvents, emptyWall, fromSnapshot } from './live.js'

const device = (id: string, state: WallDevice['state'] = 'up'): WallDevice => ({
  id, kind: 'camera', name: `Camera ${id}`, siteName: null, groupId: null, groupName: null, address: '127.0.0.1', enabled: true, state, since: 1, reasonCode: null, causeDeviceId: null, codec: null })
const alarm = (id: string, over: Partial<Alarm> = {}): Alarm => ({
  id, deviceId: 'a', deviceName: 'Camera a', deviceKind: 'camera', agentId: null, groupId: null, siteName: null, condition: 'device_down', subject: '', severity: 'major', raisedAt: 10,
  clearedAt: null, acknowledgedAt: null, acknowledgedBy: null, acknowledgeComment: null, failure: null, affectedCount: 0, ...over })
const snapshot: WallSnapshot = { seq: 7, serverTime: 1000, devices: [device('a'), device('b')], alarms: [alarm('x'), alarm('old', { clearedAt: 5 })], agents: [], serverVersion: '1+a' }
const start = fromSnapshot(emptyWall, snapshot)
const events = (...list: Array<[number, WallChange]>) => ({ serverTime: 1, events: list.map(([seq, change]) => ({ seq, at: 1, change })) })
const view = (state: WallDevice['state']) => ({ state, since: 9, observedAt: 9, reason: { code: 'timeout' as const, detail: '' }, causeDeviceId: 'b', rttMs: null, clockOffsetMs: null, streams: [] })

describe('the wall reducer', () => {
  it('takes standing alarms only from a snapshot', () => expect([...start.alarms.keys()]).toEqual(['x']))
  it('asks for a snapshot when events come first', () => expect(applyEvents(emptyWall, events([1, { kind: 'none' }]))).toEqual({ state: emptyWall, gap: true }))
  it('applies states, changes and removals in order and leaves the old state alone', () => {
    const { state, gap } = applyEvents(start, events([8, { kind: 'device_state', deviceId: 'a', view: view('down') }], [9, { kind: 'device_removed', deviceId: 'b' }], [10, { kind: 'device_changed', device: device('c') }]))
    expect(gap).toBe(false)
    expect(state.seq).toBe(10)
    expect([...state.devices.keys()]).toEqual(['a', 'c'])
    expect(state.devices.get('a')).toMatchObject({ state: 'down', since: 9, reasonCode: 'timeout', causeDeviceId: 'b', name: 'Camera a' })
    expect(start.devices.get('a')!.state).toBe('up')
  })
  it('passes over what it has already, also twice in one message', () => {
    const { state } = applyEvents(start, events([6, { kind: 'device_removed', deviceId: 'a' }], [7, { kind: 'device_removed', deviceId: 'a' }], [8, { kind: 'layout', layoutId: 'l' }], [8, { kind: 'layout', layoutId: 'l' }]))
    expect(state.devices.has('a')).toBe(true)
    expect(state.layoutRevision).toBe(start.layoutRevision + 1)
  })
  it('stops before a gap and says so', () => {
    const { state, gap } = applyEvents(start, events([8, { kind: 'alarm', alarm: alarm('y') }], [10, { kind: 'device_removed', deviceId: 'a' }]))
    expect(gap).toBe(true)
    expect(state.seq).toBe(8)
    expect(state.alarms.has('y')).toBe(true)
    expect(state.devices.has('a')).toBe(true)
  })
  it('gives back the same object when nothing is new, so that nothing renders', () => expect(applyEvents(start, events([5, { kind: 'none' }])).state).toBe(start))
  it('drops an alarm that cleared and keeps one that was acknowledged', () => {
    const seen = applyEvents(start, events([8, { kind: 'alarm', alarm: alarm('x', { acknowledgedAt: 11 }) }])).state
    expect(seen.alarms.get('x')!.acknowledgedAt).toBe(11)
    expect(applyEvents(seen, events([9, { kind: 'alarm', alarm: alarm('x', { clearedAt: 12 }) }])).state.alarms.size).toBe(0)
  })
  it('orders alarms by severity, then the newest', () => {
    const list = [alarm('1', { severity: 'warning', raisedAt: 99 }), alarm('2', { raisedAt: 1 }), alarm('3', { raisedAt: 2 }), alarm('4', { severity: 'critical', raisedAt: 0, acknowledgedAt: 4 })]
    expect(list.sort(alarmOrder).map(a => a.id)).toEqual(['4', '3', '2', '1'])
  })
})
