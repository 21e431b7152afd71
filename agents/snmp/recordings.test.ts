import { afterEach, expect, test } from 'vitest'
import { readRecordings, recordingsFolder } from '../../fixtures/snmp/recordings.js'
import { type SimulatedSwitch, startSwitch } from '../../fixtures/snmp/switch.js'
import { options, pollOnce } from './test-kit.js'

interface ExpectedPort {
  ifIndex: number, ifName: string | null, ifDescr: string | null, ifAlias: string | null, ifType: string | null, ifAdminStatus: string | null
  ifOperStatus: string | null, ifSpeed: number | null, ifPhysAddress: string | null
}
const folder = recordingsFolder()
if (!folder) console.log('recordings.test: skipped, there is no ../shared/data/snmp')

let running: SimulatedSwitch | null = null
afterEach(async () => {
  await running?.close()
  running = null
})
const plain = (text: string | null) => (text ?? '').replace(/[_-]/g, '').toLowerCase()

for (const recording of folder ? readRecordings(folder) : []) {
  for (const [way, bulk, version] of [['GETBULK', true, '2c'], ['GETNEXT', false, '2c']] as const) {
    test(`${recording.name} yields its ports by ${way}`, async () => {
      running = await startSwitch({ snmprec: recording.snmprec })
      const { out } = await pollOnce(options(running.host, running.port, { version }), bulk)
      const ports = new Map(out.of('ports')[0]!.ports.map(port => [port.ifIndex, port]))
      const { ports: expected, device } = recording.expected as { ports: ExpectedPort[], device: { sysDescr: string, sysObjectID: string } }
      expect(out.of('identity')[0]).toMatchObject({ sysObjectId: device.sysObjectID.replace(/^\./, ''), description: expect.stringContaining(device.sysDescr.split('\n')[0]!) })
      for (const want of expected) {
        const got = ports.get(want.ifIndex)
        expect(got, `port ${want.ifIndex}`).toBeDefined()
        if (!got) continue
        const where = `${want.ifIndex} ${want.ifName}`
        // Samples are named after ports, so the second port of a name is told apart by its ifIndex.
        const taken = [...ports.values()].some(port => port.ifIndex < got.ifIndex && port.name === want.ifName)
        expect(got.name, where).toBe(taken ? `${want.ifName} #${want.ifIndex}` : want.ifName)
        if (want.ifAlias !== null && want.ifAlias !== want.ifDescr) expect(got.alias, where).toBe(want.ifAlias)
        if (want.ifAdminStatus !== null) expect(got.admin, where).toBe(want.ifAdminStatus)
        if (want.ifOperStatus !== null) expect(plain(got.oper), where).toBe(plain(want.ifOperStatus))
        if (want.ifSpeed !== null) expect(got.speedBps, where).toBe(want.ifSpeed)
        if (want.ifPhysAddress !== null) expect(got.mac?.replaceAll(':', ''), where).toBe(want.ifPhysAddress)
        if (want.ifType === 'ethernetCsmacd') expect(got.type, where).toBe(6)
      }
    })
  }
}
