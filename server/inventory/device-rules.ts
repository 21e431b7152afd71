/** What makes a device's description usable, and when two descriptions mean the same device. Pure. */
import ipaddr from 'ipaddr.js'
import type { Static, TSchema } from 'typebox'
import Value from 'typebox/value'
import { CameraSettings, type Credential, type DeviceCreate, type DeviceKind, HostSettings, SwitchSettings } from '../contract/inventory.js'
import { ServiceProblem } from '../problems.js'

/** `field` is a JSON pointer into DeviceCreate. */
export interface Fault { field: string, code: string, message: string }

export function refuse (faults: Fault[]) {
  const [first] = faults
  if (first) throw new ServiceProblem('invalid', first.code, first.message, faults)
}

/**
 * The one spelling of an address: dotted IPv4, RFC 5952 IPv6, lower-case DNS name without its last dot. Null when it is none
 * of them, for example `192.0.2.1:554` or `10.0.0.256`, or names no single host (multicast, broadcast, 0.0.0.0).
 */
export function normalizeAddress (given: string): string | null {
  const text = given.trim().toLowerCase()
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return singleHost(ipaddr.IPv4.parse(text))
  if (text.includes(':')) return ipaddr.IPv6.isValid(text) ? singleHost(ipaddr.IPv6.parse(text)) : null
  const name = text.replace(/\.$/, '')
  if (name.length === 0 || name.length > 253) return null
  const labels = name.split('.')
  // A last label of digits is a mistyped IPv4 address (WHATWG URL, "ends in a number").
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!)) return null
  return labels.every(label => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) ? name : null
}

function singleHost (address: ipaddr.IPv4 | ipaddr.IPv6) {
  const range = address.range()
  return range === 'unspecified' || range === 'multicast' || range === 'broadcast' ? null : address.toString()
}

export interface Settings { camera?: CameraSettings, switch?: SwitchSettings, host?: HostSettings }
export const settingsOf = (device: { kind: DeviceKind } & Settings): Settings =>
  device.kind === 'camera' ? { camera: device.camera! } : device.kind === 'switch' ? { switch: device.switch! } : { host: device.host! }

const known = <T extends TSchema>(schema: T, value: Static<T>) => Value.Clean(schema, structuredClone(value)) as Static<T>
/** Without properties that the schemas do not know: a request may carry some, and they would be kept and sent to the agent. */
export function knownSettingsOf (device: { kind: DeviceKind } & Settings): Settings {
  if (device.kind === 'camera') return { camera: known(CameraSettings, device.camera!) }
  return device.kind === 'switch' ? { switch: known(SwitchSettings, device.switch!) } : { host: known(HostSettings, device.host!) }
}

/** Address must be normalized. A recorder with many cameras at one address tells them apart by path. */
export function identityKeyOf (kind: DeviceKind, address: string, settings: Settings) {
  if (kind === 'camera') return `camera:${address}:${settings.camera!.rtsp.port}:${settings.camera!.rtsp.mainPath ?? ''}`
  if (kind === 'switch') return `switch:${address}:${settings.switch!.port}`
  const check = settings.host!.check
  if (check.method === 'icmp') return `host:${address}:icmp`
  return check.method === 'tcp' ? `host:${address}:tcp:${check.port}` : `host:${address}:http:${check.port}:${check.path}`
}

export const searchTextOf = (name: string, address: string) => `${name} ${address}`.toLowerCase()
/** User name of a credential, which people may see. */
export const userOf = (credential: Credential) =>
  credential.kind === 'password' ? credential.username || null : credential.kind === 'snmpv3' ? credential.user : null

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f\u007f]|\p{Surrogate}/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlsInNote = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Surrogate}/u
/** Control characters and halves of surrogate pairs, which PostgreSQL cannot store and no screen shows. Line ends are well in a note. */
export function unstorable (value: unknown, field = '', inNote = false): Fault[] {
  if (typeof value === 'string') {
    return (inNote ? controlsInNote : controls).test(value) ? [{ field, code: 'control_character', message: 'Contains a character that cannot be stored.' }] : []
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => key === 'credential' ? [] : unstorable(inner, `${field}/${key}`, key === 'note'))
}

const fault = (field: string, code: string, message: string): Fault => ({ field, code, message })

/** Everything wrong with a description by itself; what it refers to is checked against the database. */
export function faultsOf (device: DeviceCreate): Fault[] {
  const faults = unstorable(device)
  if (normalizeAddress(device.address) === null) faults.push(fault('/address', 'address_invalid', 'Not an IPv4 or IPv6 address of one host or a DNS name. A port belongs in its own field.'))
  if (device.name.trim() === '') faults.push(fault('/name', 'name_blank', 'Give the device a name.'))
  if (device.groupId !== null && device.kind !== 'camera') faults.push(fault('/groupId', 'group_only_for_cameras', 'Only cameras belong to a camera group.'))
  if (device.parentPort !== null && device.parentId === null) faults.push(fault('/parentPort', 'port_without_parent', 'A port needs the device that it is on.'))
  if (device.kind === 'camera' && device.camera.onvif === null && device.camera.rtsp.mainPath === null) {
    faults.push(fault('/camera/rtsp/mainPath', 'camera_unusable', 'A camera needs ONVIF or the path of its main stream.'))
  }
  if (device.credential) faults.push(...credentialFaults(device, device.credential))
  return faults
}

/** What kind of credential a device can use. */
export const credentialKindFor = (device: { kind: DeviceKind } & Settings): Credential['kind'] =>
  device.kind !== 'switch' ? 'password' : device.switch!.snmpVersion === '3' ? 'snmpv3' : 'community'

export function credentialFaults (device: { kind: DeviceKind } & Settings, credential: Credential): Fault[] {
  const needed = credentialKindFor(device)
  if (credential.kind !== needed) {
    const what = { password: 'a user name and password', community: 'a community', snmpv3: 'an SNMPv3 user' }[needed]
    return [fault('/credential', 'credential_kind', `This device needs ${what}.`)]
  }
  if (credential.kind !== 'snmpv3' || credential.level === 'noAuthNoPriv') return []
  const faults: Fault[] = []
  if (!credential.authProtocol) faults.push(fault('/credential/authProtocol', 'credential_incomplete', 'This security level needs an authentication protocol.'))
  if (!credential.authKey) faults.push(fault('/credential/authKey', 'credential_incomplete', 'This security level needs an authentication key of 8 characters or more.'))
  if (credential.level !== 'authPriv') return faults
  if (!credential.privProtocol) faults.push(fault('/credential/privProtocol', 'credential_incomplete', 'This security level needs a privacy protocol.'))
  if (!credential.privKey) faults.push(fault('/credential/privKey', 'credential_incomplete', 'This security level needs a privacy key of 8 characters or more.'))
  return faults
}

/** True when `id` would stand behind itself. A loop that is already there further up ends the walk too. */
export function standsBehindItself (id: string, parentId: string | null, parentOf: (id: string) => string | null) {
  const seen = new Set<string>()
  for (let at = parentId; at !== null && !seen.has(at); at = parentOf(at)) {
    if (at === id) return true
    seen.add(at)
  }
  return false
}
