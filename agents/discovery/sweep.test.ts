import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { makeLog } from '../../lib/log.js'
import type { DiscoveryProgress } from '../../server/contract/agent-link.js'
import type { DiscoverCommand } from '../commands.js'
import { addressesOf } from './cidr.js'
import { discover, kindOf, type Probes } from './sweep.js'

const log = makeLog('test', 'silent')
const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0)) await clean() })
async function listen (address: string) {
  const server = createServer(s => s.destroy())
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  cleanUps.push(() => new Promise(resolve => server.close(resolve)))
  return (server.address() as AddressInfo).port
}
const command = (over: Partial<Omit<DiscoverCommand, 'ports'>> & { ports?: Partial<DiscoverCommand['ports']> }): DiscoverCommand =>
  ({ name: 'discover', cidr: '127.77.0.0/29', probesPerS: 1000, communities: ['public'], ...over, ports: { onvif: [], rtsp: [], snmp: [], http: [], ...over.ports } })
async function sweep (c: DiscoverCommand, probes: Probes, signal = new AbortController().signal) {
  const progress: DiscoveryProgress[] = []
  return { ...await discover(c, { onProgress: p => progress.push(p), signal, log }, probes), progress }
}
const nobody = async () => new Map<string, number | null>()

describe('a range', () => {
  it('is its host addresses, whatever bits stand behind the prefix', () => {
    expect(addressesOf('192.0.2.9/29')).toEqual([9, 10, 11, 12, 13, 14].map(n => `192.0.2.${n}`))
    expect(addressesOf('192.0.2.9/32')).toEqual(['192.0.2.9'])
    expect(addressesOf('192.0.2.8/31')).toEqual(['192.0.2.8', '192.0.2.9'])
    expect(addressesOf('255.255.240.0/20')).toHaveLength(4094)
  })
  it.each(['10.0.0.0/19', '0.0.0.0/0', '2001:db8::/120', '10.0.0.0', 'x/24', '10.0.0.0/33', ''])('%s is refused', cidr => expect(() => addressesOf(cidr)).toThrow())
})

describe('a sweep', () => {
  it('finds open ports by real connections and pings by fping, and reports progress up to the end', async () => {
    const rtsp = await listen('127.77.0.2')
    const http = await listen('127.77.0.3')
    const { findings, progress } = await sweep(command({ ports: { rtsp: [1, rtsp], http: [http] } }), {})
    const found = Object.fromEntries(findings.map(f => [f.address, f]))
    expect(found['127.77.0.2']).toMatchObject({ kind: 'camera', rtspPort: rtsp, httpPort: null, icmp: true })
    expect(found['127.77.0.3']).toMatchObject({ kind: 'host', rtspPort: null, httpPort: http, icmp: true })
    expect(progress[0]).toEqual({ done: 0, total: 6, findings: [] })
    expect(progress.at(-1)).toMatchObject({ done: 6, total: 6, findings })
  })
  it('asks SNMP and ONVIF, survives a probe that throws, and bounds what devices say', async () => {
    const probes: Probes = {
      ping: nobody, tcp: async () => { throw new Error('refused') },
      async snmp (address, port, communities) {
        if (address.endsWith('.1')) throw new Error('garbage')
        return address.endsWith('.2') && port === 1161 ? { version: '2c', sysDescr: `${communities[0]}${'x'.repeat(9000)}`, sysName: 'sw', sysObjectId: '1.3' } : null
      },
      onvifUnicast: async address => address.endsWith('.3') ? { port: 8000, path: '/onvif/device_service', name: 'cam', hardware: 'h' } : null,
      onvifHttp: async (address, port) => address.endsWith('.4') ? { path: '/x', name: String(port), hardware: '' } : null
    }
    const { findings } = await sweep(command({ ports: { snmp: [161, 1161], onvif: [80] } }), probes)
    expect(findings.map(f => [f.address, f.kind]).sort()).toEqual([['127.77.0.2', 'switch'], ['127.77.0.3', 'camera'], ['127.77.0.4', 'camera']])
    const snmp = findings.find(f => f.kind === 'switch')!.snmp!
    expect([snmp.port, snmp.sysDescr.length]).toEqual([1161, 500])
    expect(findings.map(f => f.onvif?.port).sort()).toEqual([80, 8000, undefined])
  })
  it('ends at once when it is cancelled', async () => {
    const cancel = new AbortController()
    let asked = 0
    const probes: Probes = { ping: nobody, async tcp () { if (++asked === 3) cancel.abort(); throw new Error('refused') } }
    await expect(sweep(command({ cidr: '127.77.16.0/20', ports: { rtsp: [554] } }), probes, cancel.signal)).rejects.toThrow()
    expect(asked).toBeLessThan(70)
  })
  it('takes what answers for what it is', () => {
    const snmp = { port: 161, version: '2c' as const, sysDescr: '', sysName: '', sysObjectId: '' }
    expect(kindOf({ onvif: null, rtspPort: 554, snmp })).toBe('camera')
    expect(kindOf({ onvif: null, rtspPort: null, snmp })).toBe('switch')
    expect(kindOf({ onvif: null, rtspPort: null, snmp: null })).toBe('host')
  })
})
