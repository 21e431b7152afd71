import { expect, it } from 'vitest'
import type { Port } from '../../../server/contract/health.js'
import type { WallDevice } from '../../../server/contract/wall.js'
import { why, type WhyLink } from './why.js'

const device = (id: string, state: WallDevice['state'], causeDeviceId: string | null = null): WallDevice => ({ id, kind: 'camera', name: id, siteName: null, groupId: null, groupName: null, address: 'x', enabled: true, state, since: 0, reasonCode: null, causeDeviceId, codec: null })
const port = (name: string, oper: Port['oper']): Port => ({ ifIndex: 1, name, alias: '', description: '', type: 6, speedBps: null, admin: 'up', oper, mac: null, since: 0, inBps: null, outBps: null, inErrorsPerS: null, outErrorsPerS: null, inDiscardsPerS: null, outDiscardsPerS: null, deviceIds: [] })
const text = (l: WhyLink) => `${l.isCause ? '!' : ''}${l.kind === 'device' ? l.device.id : l.kind === 'port' ? l.port : l.kind === 'agent' ? l.name : '-'}`
const parents = new Map([['cam', { parentId: 'sw2', parentPort: 'gi4' }], ['sw2', { parentId: 'sw1', parentPort: 'te1' }], ['sw1', { parentId: null, parentPort: null }]])
const agent = { name: 'A', status: 'online' }

it('names the switch that is down behind two links', () => {
  const cam = device('cam', 'unreachable', 'sw1')
  const devices = new Map([['cam', cam], ['sw2', device('sw2', 'unreachable', 'sw1')], ['sw1', device('sw1', 'down')]])
  expect(why({ device: cam, parents, devices, ports: [], agent }).map(text)).toEqual(['cam', 'gi4', 'sw2', 'te1', '!sw1', 'A'])
})
it('blames the port when the switch is up but the port has no link', () => {
  const cam = device('cam', 'down')
  const devices = new Map([['cam', cam], ['sw2', device('sw2', 'up')], ['sw1', device('sw1', 'up')]])
  expect(why({ device: cam, parents, devices, ports: [port('gi4', 'down')], agent }).map(text)).toEqual(['cam', '!gi4', 'sw2', 'te1', 'sw1', 'A'])
})
it('blames the camera alone when all before it works, the agent when it is away, nobody when all is well', () => {
  const devices = new Map([['sw2', device('sw2', 'up')]])
  expect(why({ device: device('cam', 'down'), parents, devices, ports: [port('gi4', 'up')], agent })[0]!.isCause).toBe(true)
  expect(why({ device: device('cam', 'unknown'), parents, devices, ports: [], agent: { name: 'A', status: 'offline' } }).at(-1)!.isCause).toBe(true)
  expect(why({ device: device('cam', 'unknown'), parents, devices, ports: [], agent: null }).at(-1)).toEqual({ kind: 'no_agent', isCause: true })
  expect(why({ device: device('cam', 'up'), parents, devices, ports: [], agent }).some(l => l.isCause)).toBe(false)
})
it('ends in a ring', () => {
  const ring = new Map([['a', { parentId: 'b', parentPort: null }], ['b', { parentId: 'a', parentPort: null }]])
  const a = device('a', 'down')
  expect(why({ device: a, parents: ring, devices: new Map([['a', a], ['b', device('b', 'up')]]), ports: [], agent: undefined }).map(text)).toEqual(['!a', 'b'])
})
