import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseProfile, profileFor, profilesFolder } from './profiles.js'

const good = { name: 'Maker', source: 'a recording', sysObjectIds: ['1.3.6.1.4.1.99999'], optics: [{ index: 'ifIndex', rxPower: { oid: '1.3.6.1.4.1.99999.1', scale: 0.01 } }] }
const parse = (change: Record<string, unknown>) => () => parseProfile('maker.json', JSON.stringify({ ...good, ...change }))

describe('a profile', () => {
  test('is understood, or its fault is named with file and field', () => {
    expect(parse({})()).toEqual(good)
    expect(parse({ optics: [{ index: 'ifIndex', rxPower: { oid: '1.3.6.1.*.4.*.9' } }] })).toThrow('maker.json: /optics/0/rxPower/oid')
    expect(parse({ optics: [{ index: 'port', rxPower: { oid: '1.3' } }] })).toThrow('/optics/0/index')
    expect(parse({ optics: [{ index: 'ifIndex', rxPower: { oid: '1.3', unit: 'dBmW' } }] })).toThrow('/optics/0/rxPower/unit')
    expect(parse({ sysObjectIds: ['Maker'] })).toThrow('/sysObjectIds/0')
    expect(parse({ colour: 'green' })).toThrow('maker.json: ')
    expect(() => parseProfile('maker.json', '{ "name": ')).toThrow(/^maker.json: /)
  })
  const files = readdirSync(profilesFolder()).sort()
  test.each(files)('%s is good', file => {
    expect(parseProfile(file, readFileSync(join(profilesFolder(), file), 'utf8')).name).not.toBe('')
  })
  test('no two are for the same device', () => {
    const ids = files.flatMap(file => parseProfile(file, readFileSync(join(profilesFolder(), file), 'utf8')).sysObjectIds)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the profile of a device', () => {
  test('is the one with the longest beginning, in whole numbers', () => {
    expect(['1.3.6.1.4.1.9.1.1208', '1.3.6.1.4.1.9.6.1.1001.24.8', '1.3.6.1.4.1.171.10.165.1.1', '1.3.6.1.4.1.171.10.76.1', '1.3.6.1.4.1.41112.1.5'].map(id => profileFor(id).name))
      .toEqual(['Cisco IOS, IOS-XE, NX-OS, IOS-XR', 'Cisco Small Business', 'D-Link DGS-1250', 'D-Link', 'Ubiquiti UFiber line terminals'])
    expect(['1.3.6.1.4.1.41112.1.50', '1.3.6.1.4.1.149881', null].map(id => profileFor(id).name)).toEqual(['Every device', 'Every device', 'Every device'])
  })
  test('keeps of the general one what it does not replace', () => {
    const mikrotik = profileFor('1.3.6.1.4.1.14988.1')
    expect(mikrotik.sensors!.map(s => s.kind)).toEqual(['temperature', 'temperature', 'voltage', 'fan', 'fan', 'power_supply', 'power_supply', 'cpu', 'memory'])
    expect(mikrotik.entitySensors?.oid).toBe('1.3.6.1.2.1.99.1.1.1')
    expect(mikrotik.poe).toMatchObject({ budget: { oid: '1.3.6.1.2.1.105.1.3.1.1.2' }, power: { scale: 0.1 }, port: 'ifIndex' })
  })
})
