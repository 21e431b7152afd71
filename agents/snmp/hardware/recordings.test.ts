/** Light levels and sensors of real devices, against what LibreNMS found there; where ours differ, it is said why ours are right. */
import { afterEach, describe, expect, test } from 'vitest'
import { readRecordings, recordingsFolder } from '../../../fixtures/snmp/recordings.js'
import { type SimulatedSwitch, startSwitch } from '../../../fixtures/snmp/switch.js'
import { options, readHardware } from '../test-kit.js'

interface ExpectedLight { sensor_oid: string, sensor_current: number, sensor_limit: number | null, sensor_limit_warn: number | null, sensor_limit_low_warn: number | null, sensor_limit_low: number | null }
const folder = recordingsFolder()
if (!folder) console.log('hardware/recordings.test: skipped, there is no ../shared/data/snmp')

let running: SimulatedSwitch | null = null
afterEach(async () => {
  await running?.close()
  running = null
})
async function read (name: string) {
  const recording = readRecordings(folder!).find(r => r.name === name)!
  running = await startSwitch({ snmprec: recording.snmprec })
  const expected = (recording.expected as { dbm: ExpectedLight[] }).dbm
  return { expected, ...await readHardware(options(running.host, running.port)) }
}

/** By recording: the place of RX and TX in `sensor_oid`, the port that the rest of it means, and what LibreNMS reads and we do not. */
const devices: Record<string, { rx: RegExp, tx: RegExp, ports: Record<string, string>, not?: Record<string, string> }> = {
  'ciscosb_sx550x-24f': { rx: /\.3\.(\d+)\.9$/, tx: /\.3\.(\d+)\.8$/, ports: { 1: 'te1/0/1', 2: 'te1/0/2', 3: 'te1/0/3', 7: 'te1/0/7', 9: 'te1/0/9' } },
  'eltex-mes23xx_mes2324b': { rx: /\.3\.(\d+)\.9$/, tx: /\.3\.(\d+)\.8$/, ports: { 105: 'te1/0/1', 107: 'te1/0/3' } },
  'jetstream_t2600g-28ts': { rx: /\.1\.1\.6\.(\d+)$/, tx: /\.1\.1\.5\.(\d+)$/, ports: { 49177: '1/0/25', 49178: '1/0/26' } },
  procurve: { rx: /\.1\.15\.(\d+)$/, tx: /\.1\.14\.(\d+)$/, ports: { 49: '49', 55: 'A1', 56: 'A2' } },
  routeros: { rx: /\.10\.(\d+)$/, tx: /\.9\.(\d+)$/, ports: { 25: 'sfp1' } },
  snr: {
    rx: /\.17\.(\d+)$/, tx: /\.22\.(\d+)$/, ports: { 7: 'Ethernet1/0/7', 9: 'Ethernet1/0/9', 10: 'Ethernet1/0/10', 11: 'Ethernet1/0/11', 13: 'Ethernet1/0/13' },
    not: { 'tx Ethernet1/0/7': 'written -0.00(A-): its bias current is 0, the laser is off. That is no light, and not 0 dBm, a whole milliwatt' }
  },
  vrp_5720: { rx: /\.1\.8\.(\d+)$/, tx: /\.1\.9\.(\d+)$/, ports: { 67469390: 'XGigabitEthernet0/0/1', 67469454: 'XGigabitEthernet0/0/2', 67469582: 'XGigabitEthernet0/0/4' } }
}

describe.skipIf(!folder)('recordings', () => {
  test.each(Object.entries(devices))('%s yields its light levels', async (name, { rx, tx, ports, not = {} }) => {
    const { modules, expected } = await read(name)
    expect(expected.length).toBeGreaterThan(0)
    const wanted = new Map<string, number>()
    for (const light of expected) {
      const [side, index] = rx.test(light.sensor_oid) ? ['rx', rx.exec(light.sensor_oid)![1]!] : ['tx', tx.exec(light.sensor_oid)![1]!]
      wanted.set(`${side} ${ports[index]}`, light.sensor_current)
    }
    const got = new Map(modules.flatMap(m => [[`rx ${m.port}`, m.rxPowerDbm], [`tx ${m.port}`, m.txPowerDbm]] as [string, number | null][]).filter(([, v]) => v !== null))
    expect([...got.keys()].sort()).toEqual([...wanted.keys()].filter(key => !(key in not)).sort())
    for (const [key, value] of got) expect(value, key).toBeCloseTo(wanted.get(key)!, 2)
  })

  test('edgeosolt yields the light of the subscribers that are there; of those away LibreNMS shows 0 dBm, a whole milliwatt', async () => {
    const { modules, expected } = await read('edgeosolt')
    const serial = (oid: string) => String.fromCharCode(...oid.split('.').slice(-12).map(Number))
    const wanted = expected.filter(l => l.sensor_current !== 0).map(l => [l.sensor_oid.includes('.6.2.1.9.') ? 'rx' : 'tx', serial(l.sensor_oid), l.sensor_current] as const)
    expect(wanted.length).toBeGreaterThan(20)
    const units = new Map(modules.filter(m => m.kind === 'onu').map(m => [m.port, m]))
    for (const [side, port, value] of wanted) expect(side === 'rx' ? units.get(port)?.rxPowerDbm : units.get(port)?.txPowerDbm, `${side} ${port}`).toBe(value)
    expect([...units.values()].flatMap(m => [m.rxPowerDbm, m.txPowerDbm]).filter(v => v !== null)).toHaveLength(wanted.length)
    expect(units.get('UBNTe4f9f753')).toMatchObject({ label: '38690_profil_5', part: 'NanoG', serial: 'UBNTe4f9f753' })
    expect(modules.filter(m => m.kind === 'port').map(m => [m.port, m.vendor, m.part])).toContainEqual(['pon1', 'UBNT', 'UF-GP-B+'])
  })

  test('dlink-dgs1250_28x has light where LibreNMS finds none; the device says the same a second time in dBm', async () => {
    const { modules, expected } = await read('dlink-dgs1250_28x')
    expect(expected).toEqual([])
    expect(modules).toHaveLength(1)
    // Columns 31 and 36 hold -30103 and -39794: dBm times ten thousand.
    expect(modules[0]).toMatchObject({ port: 'eth1/0/28', rxPowerDbm: -3.979, txPowerDbm: -3.01, temperatureC: 45.769, voltageV: 3.24, biasMa: 6 })
    expect(modules[0]!.rxLimits!.lowAlarm).toBeCloseTo(-17.01, 1)
    expect(modules[0]!.txLimits).toEqual({ lowAlarm: expect.closeTo(-8, 1), lowWarn: expect.closeTo(-7.5, 1), highWarn: expect.closeTo(2.5, 1), highAlarm: expect.closeTo(3, 1) })
  })

  test('linksys-ss_lgs318p has no light, and tells the power of its ports', async () => {
    const { modules, expected, poe } = await read('linksys-ss_lgs318p')
    expect([expected, modules]).toEqual([[], []])
    expect(poe!.ports.filter(p => p.powerW).map(p => [p.port, p.admin, p.powerW])).toEqual([['gi14', 'on', 4.5], ['gi15', 'on', 5.7], ['gi16', 'on', 4.8]])
    expect(poe!.ports).toHaveLength(18)
  })

  test('the modules\' own limits count in their order only', async () => {
    const { modules: hp, sensors } = await read('procurve')
    expect(hp.find(m => m.port === 'A1')).toMatchObject({ rxLimits: { lowAlarm: expect.closeTo(-16.4, 1), lowWarn: expect.closeTo(-15.41, 1), highWarn: 0, highAlarm: expect.closeTo(1, 1) }, wavelengthNm: 1310, part: 'J9151A', gate: 'up' })
    expect(sensors.filter(s => s.kind === 'fan').map(s => s.status)).toEqual(['ok'])
    await running!.close()
    const { modules: eltex } = await read('eltex-mes23xx_mes2324b')
    // Warning and alarm are both 0 dBm there, and 2147483647 on the other port.
    expect(eltex.map(m => [m.port, m.gate, m.rxLimits, m.vendor, m.serial])).toEqual([['te1/0/1', 'up', null, 'TP-LINK', '2206324001316'], ['te1/0/3', 'disabled', null, 'OEM', 'GS2201190388']])
    expect(eltex[0]!.txLimits).toEqual({ lowAlarm: -9.3, lowWarn: -8.969, highWarn: -3.02, highAlarm: -2.69 })
    await running!.close()
    const { modules: huawei } = await read('vrp_5720')
    expect(huawei[0]).toMatchObject({ rxLimits: { lowAlarm: -12.69, lowWarn: -10.69, highWarn: 0.49, highAlarm: 2.5 }, vendor: 'HUAWEI', serial: 'J267C042885', biasMa: 5.232, lanes: 1 })
  })

  test('sensors are what the devices say of themselves', async () => {
    const seen: Record<string, unknown> = {}
    for (const name of ['ciscosb_sx550x-24f', 'dlink-dgs1250_28x', 'eltex-mes23xx_mes2324b', 'jetstream_t2600g-28ts', 'snr', 'routeros', 'edgeosolt']) {
      const { sensors } = await read(name)
      seen[name] = sensors.map(s => `${s.kind} ${s.name} ${s.value} ${s.status}`)
      await running!.close()
    }
    expect(seen).toMatchInlineSnapshot(`
      {
        "ciscosb_sx550x-24f": [
          "cpu CPU 9 unknown",
        ],
        "dlink-dgs1250_28x": [
          "cpu CPU 22 unknown",
          "memory Memory 50.3 unknown",
          "temperature Temperature 30 ok",
          "fan Right Fan 1 null ok",
          "power_supply Power 1 null ok",
        ],
        "edgeosolt": [
          "temperature Temperature 1 47.25 unknown",
          "temperature Temperature 2 50.25 unknown",
          "temperature Temperature 3 47 unknown",
          "fan Fan 1 6852 unknown",
          "fan Fan 2 6801 unknown",
          "fan Fan 3 6826 unknown",
          "cpu CPU 1 5 unknown",
          "cpu CPU 2 6 unknown",
          "cpu CPU 3 5 unknown",
          "cpu CPU 4 4 unknown",
          "memory Physical memory 49.7 unknown",
        ],
        "eltex-mes23xx_mes2324b": [
          "cpu CPU 7 unknown",
          "temperature Temperature 41 ok",
          "power_supply Main power supply null ok",
          "power_supply Redundant power supply null ok",
        ],
        "jetstream_t2600g-28ts": [
          "cpu CPU 27 unknown",
          "memory Memory 68 unknown",
        ],
        "routeros": [
          "temperature Temperature 33 unknown",
          "voltage Voltage 15.4 unknown",
          "cpu CPU 1 21 unknown",
          "cpu CPU 2 0 unknown",
          "cpu CPU 3 0 unknown",
          "cpu CPU 4 0 unknown",
          "memory main memory 41.5 unknown",
        ],
        "snr": [
          "cpu CPU 15 unknown",
          "memory Memory 46.3 unknown",
          "temperature Temperature 32 unknown",
        ],
      }
    `)
  })
})
