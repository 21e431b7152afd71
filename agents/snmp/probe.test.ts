import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSwitchModel } from '../../fixtures/snmp/model.js'
import { startSwitch } from '../../fixtures/snmp/switch.js'
import { systemClock } from '../../lib/clock.js'
import { probeSnmp, readProbeAnswer } from './probe.js'

const start = () => startSwitch({ model: createSwitchModel({ name: 'found', ports: 1, clock: systemClock, description: 'A switch' }), community: 'second' })

test('a switch is found with whichever community it takes', async () => {
  const device = await start()
  expect(await probeSnmp(device.host, device.port, ['first', 'second'], 2000)).toEqual({ version: '2c', sysDescr: 'A switch', sysName: 'found', sysObjectId: '1.3.6.1.4.1.8072.3.2.10' })
  await device.close()
  expect(await probeSnmp(device.host, device.port, ['second'], 2000)).toBeNull()
})
test('silence, strangers and garbage find nothing', async () => {
  const device = await start()
  device.faults.silent = true
  expect(await probeSnmp(device.host, device.port, ['second'], 100)).toBeNull()
  device.faults.silent = false
  device.faults.otherSource = true
  expect(await probeSnmp(device.host, device.port, ['second'], 100)).toBeNull()
  device.faults.otherSource = false
  device.faults.answerCommunity = 'third'
  expect(await probeSnmp(device.host, device.port, ['second'], 100)).toBeNull()
  device.faults.garbage = Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])
  expect(await probeSnmp(device.host, device.port, ['second'], 100)).toBeNull()
  await device.close()
})
test('no bytes make the reader throw', () => {
  const ids = new Map([[1, { version: '2c' as const, community: 'x' }]])
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
    readProbeAnswer(Buffer.from([0x30, bytes.length & 0x7f, ...bytes]), ids)
    return readProbeAnswer(Buffer.from(bytes), ids) === null
  }))
})
