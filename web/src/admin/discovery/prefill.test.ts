import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../server/contract/inventory.js'
import { draftOfSuggestion, nameOf } from './prefill.js'

const seen = (change: Partial<Finding>): Finding => ({ address: '192.0.2.9', kind: 'host', onvif: null, rtspPort: null, snmp: null, httpPort: null, icmp: true, ...change })
const onvif = { port: 8000, path: '/onvif/device_service', name: 'Vhid%20%D0%BF%D1%96%D0%B2%D0%BD%D1%96%D1%87', hardware: 'DS-1' }
const snmp = { port: 1161, version: '1' as const, sysDescr: 'x', sysName: 'core', sysObjectId: '1.3' }

describe('a suggestion becomes a form', () => {
  it('of a camera with its ports and its own name', () => {
    expect(draftOfSuggestion({ agentId: 'a', finding: seen({ kind: 'camera', onvif, rtspPort: 8554 }) })).toMatchObject({ kind: 'camera', onvif: true, onvifPort: 8000, rtspPort: 8554, agentId: 'a', name: 'Vhid північ', address: '192.0.2.9' })
    expect(draftOfSuggestion({ agentId: 'a', finding: seen({ kind: 'camera', rtspPort: 554 }) })).toMatchObject({ onvif: false, name: '192.0.2.9' })
  })
  it('of a switch with its version, without GETBULK where there is none', () => {
    expect(draftOfSuggestion({ agentId: 'a', finding: seen({ kind: 'switch', snmp }) })).toMatchObject({ snmpVersion: '1', snmpPort: 1161, bulk: false, name: 'core' })
  })
  it('of a host with what answers', () => {
    expect(draftOfSuggestion({ agentId: 'a', finding: seen({ httpPort: 443 }) })).toMatchObject({ check: 'http', checkPort: 443, checkTls: true })
    expect(draftOfSuggestion({ agentId: 'a', finding: seen({}) })).toMatchObject({ check: 'icmp' })
  })
  it('keeps a name that only looks percent-encoded', () => {
    expect(nameOf(seen({ onvif: { ...onvif, name: '100%' } }))).toBe('100%')
  })
})
