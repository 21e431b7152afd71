/** A made-up town: sites, switches in a chain, cameras behind them, a few faults. */
import type { Alarm, DeviceState, HistoryEntry, Port } from '../../server/contract/health.js'
import type { Device } from '../../server/contract/inventory.js'
import type { WallDevice } from '../../server/contract/wall.js'

export const uuid = (kind: number, n: number) => `01900000-0000-7000-8${String(kind).padStart(3, '0')}-${String(n).padStart(12, '0')}`
const streets = ['Майдан Незалежності', 'Вул. Соборна, перехрестя з вул. Грушевського', 'Центральний автовокзал', 'Парк імені Шевченка', 'Міська лікарня №2, приймальне відділення', 'Залізничний вокзал', 'Ліцей «Гармонія»', 'Набережна річки Рось', 'Ратуша', 'Промислова зона «Північна»']
const spots = ['вхід', 'головний фасад', 'паркування', 'зупинка громадського транспорту', 'перехрестя', 'дитячий майданчик', 'огляд площі']
const groups = ['Центр', 'Північний мікрорайон', 'Об’єкти критичної інфраструктури']
export const agents = [{ id: uuid(9, 1), name: 'Агент ратуші', status: 'online' }, { id: uuid(9, 2), name: 'Агент вокзалу', status: 'offline' }]

function stateOf (n: number): [DeviceState, string | null, string | null] {
  if (n === 3) return ['degraded', 'stream_stalled', null]
  if (n === 4) return ['unknown', 'agent_silent', null]
  if (n === 5) return ['down', 'authentication_failed', null]
  if (n >= 20 && n < 26) return ['unreachable', 'connection_timeout', uuid(2, 3)]
  return ['up', null, null]
}
export function makeTown (count: number, now: number) {
  const switches = Math.max(1, Math.min(Math.ceil(count / 10), 200))
  const devices: WallDevice[] = []
  const parents = new Map<string, { parentId: string | null, parentPort: string | null }>()
  for (let i = 1; i <= switches; i++) {
    devices.push({ id: uuid(2, i), kind: 'switch', name: `SW-${String(i).padStart(2, '0')} ${streets[i % streets.length]}`, siteName: streets[i % streets.length]!, groupId: null, groupName: null, address: `10.20.0.${i % 250}`, enabled: true, state: i === 3 ? 'down' : 'up', since: now - i * 3_600_000, reasonCode: i === 3 ? 'timeout' : null, causeDeviceId: null, codec: null })
    parents.set(uuid(2, i), { parentId: i > 1 ? uuid(2, i - 1) : null, parentPort: i > 1 ? 'Te1/0/2' : null })
  }
  for (let n = 1; n <= count - switches; n++) {
    const [state, reasonCode, causeDeviceId] = stateOf(n)
    const site = streets[n % streets.length]!
    devices.push({ id: uuid(1, n), kind: n % 29 === 28 ? 'host' : 'camera', name: `${String(n).padStart(2, '0')} ${site}, ${spots[n % spots.length]}`, siteName: site, groupId: uuid(3, n % 3), groupName: groups[n % 3]!, address: `10.21.${n >> 8}.${n & 255}`, enabled: n !== 6, state, since: now - (n * 37 % 90) * 60_000, reasonCode, causeDeviceId, codec: n === 10 ? 'hvc1' : 'avc1' })
    parents.set(uuid(1, n), { parentId: causeDeviceId ?? uuid(2, 1 + n % switches), parentPort: `Gi1/0/${1 + n % 24}` })
  }
  return { devices, parents }
}

export function alarmsOf (devices: WallDevice[], now: number): Alarm[] {
  const by = (id: string) => devices.find(d => d.id === id)
  const make = (n: number, deviceId: string, over: Partial<Alarm>): Alarm[] => {
    const d = by(deviceId)
    return d ? [{ id: uuid(4, n), deviceId, deviceName: d.name, deviceKind: d.kind, agentId: null, groupId: d.groupId, siteName: d.siteName, condition: 'device_down', subject: '', severity: 'major', raisedAt: now - n * 240_000, clearedAt: null, acknowledgedAt: null, acknowledgedBy: null, acknowledgeComment: null, failure: null, affectedCount: 0, ...over }] : []
  }
  return [
    ...make(1, uuid(2, 3), { severity: 'critical', affectedCount: 6, failure: { code: 'timeout', detail: 'No SNMP answer within 2 s, 3 times' }, raisedAt: now - 20_000 }),
    ...make(2, uuid(1, 5), { condition: 'authentication_failed', failure: { code: 'authentication_failed', detail: '401 to DESCRIBE' } }),
    ...make(3, uuid(1, 3), { condition: 'stream_down', subject: 'sub', severity: 'minor', failure: { code: 'stream_stalled', detail: 'No frame for 10 s' } }),
    ...make(4, uuid(2, 2), { condition: 'port_down', subject: 'Gi1/0/7', severity: 'minor', acknowledgedAt: now - 60_000, acknowledgedBy: 'Олена Коваль', acknowledgeComment: 'Бригада виїхала, очікуємо о 14:30' }),
    ...make(5, uuid(1, 9), { condition: 'clock_offset', severity: 'warning' })
  ]
}
export function portsOf (id: string, devices: WallDevice[], parents: Map<string, { parentId: string | null, parentPort: string | null }>, now: number): Port[] {
  return Array.from({ length: 28 }, (_, i) => {
    const name = i < 24 ? `Gi1/0/${i + 1}` : `Te1/0/${i - 23}`
    const up = i % 5 !== 3
    return { ifIndex: i + 1, name, alias: i === 24 ? 'Кільце → SW-04' : '', description: name, type: 6, speedBps: i < 24 ? 1e9 : 1e10, admin: i === 13 ? 'down' : 'up', oper: up ? 'up' : 'down', mac: null, since: now - i * 400_000, inBps: up ? 2.1e6 * (i + 1) : 0, outBps: up ? 9e4 * (i + 1) : 0, inErrorsPerS: 0, outErrorsPerS: 0, inDiscardsPerS: i === 4 ? 1.25 : 0, outDiscardsPerS: 0, deviceIds: devices.filter(d => { const p = parents.get(d.id); return p?.parentId === id && p.parentPort === name }).map(d => d.id) }
  })
}
export const historyOf = (now: number): HistoryEntry[] => [
  { at: now - 1_200_000, from: 'degraded', to: 'up', reason: null, causeDeviceId: null }, { at: now - 1_500_000, from: 'up', to: 'degraded', reason: { code: 'stream_stalled', detail: '' }, causeDeviceId: null },
  { at: now - 90_000_000, from: 'unreachable', to: 'up', reason: null, causeDeviceId: null }, { at: now - 90_900_000, from: 'up', to: 'unreachable', reason: null, causeDeviceId: uuid(2, 3) }]

export function deviceOf (d: WallDevice, parents: Map<string, { parentId: string | null, parentPort: string | null }>, now: number): Device {
  const stream = (profile: 'main' | 'sub') => ({ profile, status: profile === 'main' ? 'stopped' : 'playing', client: 'own', failure: null, codec: 'avc1.64001e', width: profile === 'main' ? 1920 : 640, height: profile === 'main' ? 1080 : 360, fps: 24.98, bitrateBps: 612_000, keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: 0, reconnects: 1, at: now })
  return {
    id: d.id, kind: d.kind as 'camera', name: d.name, siteId: null, siteName: d.siteName, groupId: d.groupId, address: d.address, agentId: agents[d.state === 'unknown' ? 1 : 0]!.id, ...parents.get(d.id)!, note: 'Опора №14, шафа зліва від входу.', enabled: d.enabled, hasCredential: true, createdAt: now, updatedAt: now,
    state: { state: d.state, since: d.since, observedAt: now - 4000, reason: d.reasonCode ? { code: d.reasonCode as 'timeout', detail: 'rtsp://10.21.0.3:554 answered, then nothing came for 10 s' } : null, causeDeviceId: d.causeDeviceId, rttMs: 1.8, clockOffsetMs: -340, streams: d.kind === 'camera' ? [stream('sub'), stream('main')] : [] }
  } as Device
}
