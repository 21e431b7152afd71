import Value from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { Credential, type Device, DeviceCreate, deviceKinds, DeviceUpdate } from '../../../../server/contract/inventory.js'
import { createOf, credentialOf, draftFaults, draftOf, type DeviceDraft, emptyDraft, noCredential, updateOf } from './draft.js'

const named = (change: Partial<DeviceDraft>): DeviceDraft => ({ ...emptyDraft(change.kind ?? 'camera'), name: 'Вхід', address: '192.0.2.7', ...change })

describe('the device form', () => {
  it.each(deviceKinds)('gives the server a %s that the contract takes, as new and as changed', kind => {
    const draft = named({ kind, mainPath: '/main' })
    expect(Value.Errors(DeviceCreate, createOf(draft))).toEqual([])
    expect(Value.Errors(DeviceUpdate, updateOf(draft))).toEqual([])
  })
  it('comes back from the server as it went', () => {
    const drafts = [
      named({ onvif: false, rtspPort: 8554, mainPath: '/main', subPath: '/sub', pull: 'on_demand', client: 'ffmpeg' }),
      named({ onvifPort: 8443, onvifTls: true, certificate: 'ab'.repeat(32) }),
      named({ kind: 'switch', snmpVersion: '3', snmpPort: 1161, bulk: false, pollS: 30, statusS: 5, note: 'a\nb' }),
      named({ kind: 'host', check: 'http', checkPort: 8081, checkTls: true, checkPath: '/health', statuses: '200 204', checkS: 15 }),
      named({ kind: 'host', check: 'tcp', checkPort: 22 })
    ]
    for (const draft of drafts) expect(draftOf(createOf(draft) as unknown as Device)).toEqual({ ...draft })
  })
  it('sends no group of a switch and no port without a parent', () => {
    const made = createOf(named({ kind: 'switch', groupId: 'g', parentPort: 'gi1/0/1' }))
    expect([made.groupId, made.parentPort]).toEqual([null, null])
  })
  it('takes a certificate as openssl prints it', () => {
    const made = createOf(named({ onvifTls: true, certificate: Array(32).fill('AB').join(':') }))
    expect(made).toMatchObject({ camera: { onvif: { certificateSha256: 'ab'.repeat(32) } } })
  })
})

describe('a credential', () => {
  it('is absent while nothing was entered', () => {
    for (const kind of ['password', 'community', 'snmpv3'] as const) expect(credentialOf(kind, noCredential)).toBeUndefined()
  })
  it('of SNMPv3 carries what its level needs and no more', () => {
    const full = { ...noCredential, user: 'kalancha', authKey: 'long enough', privKey: 'also long enough' }
    const sent = (['noAuthNoPriv', 'authNoPriv', 'authPriv'] as const).map(level => credentialOf('snmpv3', { ...full, level })!)
    expect(sent.map(c => Object.keys(c).length)).toEqual([3, 5, 7])
    for (const credential of sent) expect(Value.Check(Credential, credential)).toBe(true)
  })
})

describe('what the form says before the server is asked', () => {
  const says = (change: Partial<DeviceDraft>) => draftFaults(named(change))
  it('nothing about a good device', () => {
    expect([says({}), says({ kind: 'switch' }), says({ kind: 'host' })]).toEqual([{}, {}, {}])
  })
  it('names and addresses are needed, an address is no URL', () => {
    expect(says({ name: ' ', address: '' })).toEqual({ name: 'required', address: 'required' })
    for (const address of ['rtsp://192.0.2.7/x', '192.0.2.7:554', '192.0.2.0/24']) expect(says({ address })).toEqual({ address: 'address_with_port' })
    expect(says({ address: '2001:db8::1' })).toEqual({})
  })
  it('a camera without ONVIF needs a path, and paths begin with a slash', () => {
    expect(says({ onvif: false })).toEqual({ 'camera.rtsp.mainPath': 'camera_unusable' })
    expect(says({ subPath: 'sub' })).toEqual({ 'camera.rtsp.subPath': 'path_invalid' })
  })
  it('keys of SNMPv3 have eight characters', () => {
    expect(says({ kind: 'switch', snmpVersion: '3', credential: { ...noCredential, user: 'u', authKey: 'short' } })).toEqual({ 'credential.authKey': 'too_short', 'credential.privKey': 'required' })
  })
  it('statuses are HTTP statuses', () => {
    expect(says({ kind: 'host', check: 'http', statuses: '200, 999' })).toEqual({ 'host.check.statuses': 'out_of_range' })
  })
})
