/** Made-up devices that do what recordings do not: both forms of the town, odd values, tables that lie. */
import { afterEach, describe, expect, test } from 'vitest'
import { integer, octets, parseOid } from '../../../fixtures/snmp/ber.js'
import { hardwareTables, type HardwareModel } from '../../../fixtures/snmp/hardware.js'
import { createSwitchModel } from '../../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../../fixtures/snmp/switch.js'
import type { Instance } from '../../../fixtures/snmp/tree.js'
import { systemClock } from '../../../lib/clock.js'
import { newId } from '../../../lib/ids.js'
import { rememberSwitch } from '../device.js'
import { openSession } from '../session.js'
import { keep, options, readHardware } from '../test-kit.js'
import { initialLimits } from '../walk.js'
import { rememberHardware } from './hardware.js'
import { dbmOf, inOrder, numberIn } from './numbers.js'
import { numbersOf } from './series.js'

let running: SimulatedSwitch | null = null
afterEach(async () => {
  await running?.close()
  running = null
})
const value = (oid: string, v: number | string | Buffer): Instance => ({ oid: parseOid(oid), value: typeof v === 'number' ? integer(v) : octets(v) })
async function device (tables: Instance[], sysObjectId?: string) {
  running = await startSwitch({ model: createSwitchModel({ name: 'sw', ports: 12, clock: systemClock, tables, ...sysObjectId && { sysObjectId } }) })
  return running
}
const reading = async (tables: Instance[], sysObjectId?: string) => { const { host, port } = await device(tables, sysObjectId); return readHardware(options(host, port)) }

const modelOf = (form: HardwareModel['form'], change: Partial<HardwareModel> = {}): HardwareModel => ({
  form, temperatureC: () => 36, fanRpm: () => 4200, cpuPercent: () => 12, poeBudgetW: 120, poe: [{ ifIndex: 1, watts: () => 6 }, { ifIndex: 2, watts: () => 0 }],
  modules: [9, 10].map(ifIndex => ({ ifIndex, port: `Gi0/${ifIndex}`, vendor: 'SNR', part: 'LX', serial: 'SAME', wavelengthNm: 1310, txPowerDbm: () => -5.25, rxPowerDbm: () => -ifIndex })), ...change
})

describe('forms', () => {
  test.each(['entity', 'mikrotik'] as const)('%s', async form => {
    const { modules, sensors, poe } = await reading(hardwareTables(modelOf(form)), form === 'mikrotik' ? '1.3.6.1.4.1.14988.1' : undefined)
    // Both have the same serial number, as cheap modules do; they are told apart by their ports.
    expect(modules.map(m => [m.port, m.gate, m.rxPowerDbm, m.txPowerDbm, m.vendor, m.serial])).toEqual([['Gi0/9', 'up', -9, -5.25, 'SNR', 'SAME'], ['Gi0/10', 'up', -10, -5.25, 'SNR', 'SAME']])
    expect(modules[0]).toMatchObject(form === 'entity' ? { biasMa: 15.3, temperatureC: 43, voltageV: 3.29, part: 'LX' } : { biasMa: 14, temperatureC: 42, voltageV: 3.302, wavelengthNm: 1310 })
    const short = sensors.map(s => `${s.kind} ${s.value ?? s.status}`)
    expect(short).toEqual(expect.arrayContaining(['cpu 12', 'memory 46.2', 'temperature 36', 'fan 4200']))
    expect(poe!.supplies).toEqual([{ name: '1', budgetW: 120, usedW: 6 }])
    const ports = poe!.ports.filter(p => p.port !== null).map(p => [p.port, p.status])
    expect(ports).toEqual(expect.arrayContaining([['Gi0/1', 'delivering'], ['Gi0/2', 'searching']]))
  })
  test('a port that is down or shut keeps its level and says so; its series are gaps', async () => {
    const started = await device(hardwareTables(modelOf('mikrotik')), '1.3.6.1.4.1.14988.1')
    started.model!.setPort(9, { operUp: false })
    started.model!.setPort(10, { adminUp: false })
    const read = await readHardware(options(started.host, started.port))
    expect(read.modules.map(m => [m.gate, m.rxPowerDbm])).toEqual([['down', -9], ['disabled', -10]])
    const { names, values } = numbersOf(read)
    expect([values[names.indexOf('rx_power_dbm.Gi0/9')], values[names.indexOf('module_temperature_c.Gi0/9')]]).toEqual([null, 42])
  })
})

test('a link lost since the last check of the ports is no weak light', async () => {
  const started = await device(hardwareTables(modelOf('mikrotik')), '1.3.6.1.4.1.14988.1')
  const session = openSession(options(started.host, started.port))
  const memory = rememberSwitch(newId(), true, keep(), systemClock)
  await memory.poll(session)
  started.model!.setPort(9, { operUp: false })
  const read = await rememberHardware(initialLimits(true)).read(session, memory.profile!, memory.ports, 0, 1)
  expect(read.modules.map(m => m.gate)).toEqual(['down', 'up'])
  session.close()
})

describe('bad input', () => {
  const m = '1.3.6.1.4.1.14988.1.1.19.1.1'
  const row = (n: number, rx: number | string | Buffer, tx: number | string = -5000) => [value(`${m}.2.${n}`, `Gi0/${n}`), value(`${m}.10.${n}`, rx), value(`${m}.9.${n}`, tx)]
  test('texts, absurd numbers and binary are no light; the neighbours have theirs', async () => {
    const { modules } = await reading([...row(1, 'NaN'), ...row(2, 2147483647), ...row(3, Buffer.from([0xff, 0xfe, 0])), ...row(4, -99999999), ...row(5, -7000), ...row(6, 0, 0)], '1.3.6.1.4.1.14988.1')
    // An all-zero row is an empty slot.
    expect(modules.map(x => [x.port, x.rxPowerDbm, x.txPowerDbm])).toEqual([['Gi0/1', null, -5], ['Gi0/2', null, -5], ['Gi0/3', null, -5], ['Gi0/4', null, -5], ['Gi0/5', -7, -5]])
  })
  test('all values of a wrong type, tables that loop or never end, answers that are cut: no modules, or an error with a name; the next device is read', async () => {
    for (const fault of ['wrongTypes', 'backwards', 'endless', 'stuck'] as const) {
      const started = await device(hardwareTables(modelOf('entity')))
      const session = openSession(options(started.host, started.port))
      const memory = rememberSwitch(newId(), true, keep(), systemClock)
      await memory.poll(session)
      started.faults[fault] = true
      const read = await rememberHardware(initialLimits(true)).read(session, memory.profile!, memory.ports, 0, 1)
      expect([fault, read.modules]).toEqual([fault, []])
      session.close()
      await started.close()
    }
  })
  test('renumbered ports are found by name again, without waiting for the next inventory', async () => {
    const first = await device(hardwareTables(modelOf('entity')))
    const session = openSession(options(first.host, first.port))
    const memory = rememberSwitch(newId(), true, keep(), systemClock)
    await memory.poll(session)
    const hardware = rememberHardware(initialLimits(true))
    const before = await hardware.read(session, memory.profile!, memory.ports, 0, 1e9)
    // The switch now calls port 9 what port 10 was, and the other way round.
    const swapped = memory.ports.map(p => p.ifIndex === 9 ? { ...p, name: 'Gi0/10' } : p.ifIndex === 10 ? { ...p, name: 'Gi0/9' } : p)
    const after = await hardware.read(session, memory.profile!, swapped, 1, 1e9)
    const light = (modules: typeof before.modules) => Object.fromEntries(modules.map(x => [x.port, x.rxPowerDbm]))
    expect([light(before.modules), light(after.modules)]).toEqual([{ 'Gi0/9': -9, 'Gi0/10': -10 }, { 'Gi0/10': -9, 'Gi0/9': -10 }])
    session.close()
  })
})

describe('makers of whom there is no recording', () => {
  const h = '1.3.6.1.4.1.2011.5.25.31.1.1.3.1'
  const named = (entity: number, port: string) => [value(`1.3.6.1.2.1.47.1.1.1.1.5.${entity}`, 10), value(`1.3.6.1.2.1.47.1.1.1.1.7.${entity}`, port)]
  test('Huawei: above zero microwatts, below hundredths of dBm, -1 and 0 nothing; of four lasers the weakest', async () => {
    const { modules } = await reading([...named(71, 'Gi0/1'), ...named(72, 'Gi0/2'), ...named(73, 'Gi0/3'), value(`${h}.8.71`, 500), value(`${h}.8.72`, -1234), value(`${h}.8.73`, -1), value(`${h}.24.71`, 'H'), value(`${h}.24.73`, 'H'), value(`${h}.32.72`, '-100.00,-250.00,-400.00,-90.00')], '1.3.6.1.4.1.2011.2.23.999')
    expect(modules.map(m => [m.port, m.rxPowerDbm, m.lanes])).toEqual([['Gi0/1', -3.01, 1], ['Gi0/2', -4, 4], ['Gi0/3', null, 1]])
  })
  test.each([[1, '0.5012', -3], [2, '-3.00', -3]])('D-Link: the switch says that its unit is %i', async (unit, text, dbm) => {
    const o = '1.3.6.1.4.1.171.12.72'
    const { modules } = await reading([value(`${o}.1.3.0`, unit), value(`${o}.2.1.1.1.6.3`, text), value(`${o}.2.1.1.1.5.3`, text)], '1.3.6.1.4.1.171.10.76.1')
    expect(modules.map(m => [m.port, m.rxPowerDbm])).toEqual([['Gi0/3', expect.closeTo(dbm, 2)]])
  })
  test('Juniper: lanes have rows of their own', async () => {
    const j = '1.3.6.1.4.1.2636.3.60.1'
    const { modules } = await reading([value(`${j}.1.1.1.5.4`, -150), value(`${j}.1.1.1.7.4`, -100), ...[0, 1, 2, 3].map(lane => value(`${j}.2.1.1.6.4.${lane}`, -150 - lane * 100))], '1.3.6.1.4.1.2636.1.1.1.2.92')
    expect(modules.map(m => [m.port, m.rxPowerDbm, m.txPowerDbm, m.lanes])).toEqual([['Gi0/4', -4.5, -1, 4]])
  })
  test('Zyxel keeps all numbers of a port in one column; BDCOM counts subscribers that are there', async () => {
    const z = '1.3.6.1.4.1.890.1.15.3.84.1.2.1'
    const zyxel = await reading([...[[1, 4100], [2, 330], [3, 1200], [4, -512], [5, -1834]].map(([type, v]) => value(`${z}.6.7.${type}`, v!)), ...[[2, -100], [3, -2000], [4, -200], [5, -1900]].map(([column, v]) => value(`${z}.${column}.7.5`, v!))], '1.3.6.1.4.1.890.1.15')
    expect(zyxel.modules).toMatchObject([{ port: 'Gi0/7', rxPowerDbm: -18.34, txPowerDbm: -5.12, temperatureC: 41, voltageV: 3.3, biasMa: 12, rxLimits: { lowAlarm: -20, lowWarn: -19, highWarn: -2, highAlarm: -1 }, txLimits: null }])
    await running!.close()
    const b = '1.3.6.1.4.1.3320.101.10'
    const bdcom = await reading([value(`${b}.1.1.26.5`, 3), value(`${b}.1.1.26.6`, 2), value(`${b}.5.1.5.5`, -215), value(`${b}.5.1.5.6`, -225)], '1.3.6.1.4.1.3320.1.337')
    expect(bdcom.modules.map(m => [m.kind, m.port, m.rxPowerDbm])).toEqual([['onu', 'Gi0/5', -21.5]])
  })
  test('Cisco: scale and precision, its own thresholds, the port by what holds the sensor', async () => {
    const s = '1.3.6.1.4.1.9.9.91.1.1.1.1'
    const t = '1.3.6.1.4.1.9.9.91.1.2.1.1'
    const e = '1.3.6.1.2.1.47.1.1.1.1'
    const sensor = (index: number, name: string, type: number, v: number) => [value(`${e}.5.${index}`, 8), value(`${e}.4.${index}`, 200), value(`${e}.7.${index}`, name), value(`${s}.1.${index}`, type), value(`${s}.2.${index}`, 9), value(`${s}.3.${index}`, 1), value(`${s}.4.${index}`, v), value(`${s}.5.${index}`, 1)]
    const limit = (n: number, severity: number, relation: number, v: number) => [value(`${t}.2.301.${n}`, severity), value(`${t}.3.301.${n}`, relation), value(`${t}.4.301.${n}`, v)]
    const { modules } = await reading([
      value(`${e}.5.200`, 9), value(`${e}.4.200`, 201), value(`${e}.7.200`, 'Module'), value(`${e}.11.200`, 'AGM1'), value(`${e}.5.201`, 10), value(`${e}.4.201`, 0), value(`${e}.7.201`, 'Gi0/3'),
      ...sensor(301, 'Gi0/3 Receive Power Sensor', 14, -65), ...sensor(302, 'Gi0/3 Transmit Power Sensor', 14, -32768),
      ...limit(1, 20, 4, -10), ...limit(2, 10, 4, -20), ...limit(3, 10, 1, -180), ...limit(4, 20, 1, -200)
    ], '1.3.6.1.4.1.9.1.1208')
    expect(modules).toMatchObject([{ port: 'Gi0/3', rxPowerDbm: -6.5, txPowerDbm: null, serial: 'AGM1', rxLimits: { lowAlarm: -20, lowWarn: -18, highWarn: -2, highAlarm: -1 } }])
  })
})

test('numbers: units, sentinels, bounds', () => {
  expect([dbmOf(1, 'mw'), dbmOf(100, 'uw'), dbmOf(0.001, 'w'), dbmOf(0, 'mw'), dbmOf(-3, 'dbm')]).toEqual([0, -10, 0, null, -3])
  const oid = '1.3'
  expect(numberIn({ oid, none: ['N/A'] }, 'N/A', 'light')).toBeNull()
  expect(numberIn({ oid, none: [65535] }, '65535', 'light')).toBeNull()
  expect(numberIn({ oid }, '-22.84(A-)', 'light')).toBe(-22.84)
  expect([numberIn({ oid }, Number.NaN, 'light'), numberIn({ oid }, 1e300, 'light'), numberIn({ oid }, '', 'light'), numberIn({ oid }, '1e999', 'light')]).toEqual([null, null, null, null])
  expect(inOrder({ lowAlarm: -3, lowWarn: -2, highWarn: -2, highAlarm: 0 })).toBeNull()
})
