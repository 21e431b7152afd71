/** The device form as flat text and switches, and its way to and from what the server takes. Pure. */
import type { CameraSettings, Credential, Device, DeviceCreate, DeviceKind, DeviceUpdate, HostSettings, SwitchSettings } from '../../../../server/contract/inventory.js'

type Num = number | ''
type SnmpUser = Extract<Credential, { kind: 'snmpv3' }>
export type SnmpLevel = SnmpUser['level']
export type AuthProtocol = NonNullable<SnmpUser['authProtocol']>
export type PrivProtocol = NonNullable<SnmpUser['privProtocol']>

export interface CredentialDraft {
  username: string, password: string, community: string
  user: string, level: SnmpLevel, authProtocol: AuthProtocol, authKey: string, privProtocol: PrivProtocol, privKey: string
}
export interface DeviceDraft {
  kind: DeviceKind, name: string, address: string, note: string
  siteId: string | null, groupId: string | null, agentId: string | null, parentId: string | null, parentPort: string
  onvif: boolean, onvifPort: Num, onvifTls: boolean, certificate: string, rtspPort: Num, mainPath: string, subPath: string, pull: CameraSettings['pull'], client: NonNullable<CameraSettings['client']>
  snmpVersion: SwitchSettings['snmpVersion'], snmpPort: Num, bulk: boolean, pollS: Num, statusS: Num, hardwareS: Num
  check: HostSettings['check']['method'], checkPort: Num, checkTls: boolean, checkPath: string, statuses: string, checkS: Num
  credential: CredentialDraft
}
/** Changes several fields at once. */
export type Change = (change: Partial<DeviceDraft>) => void

export const noCredential: CredentialDraft = { username: '', password: '', community: '', user: '', level: 'authPriv', authProtocol: 'sha256', authKey: '', privProtocol: 'aes', privKey: '' }
export const emptyDraft = (kind: DeviceKind): DeviceDraft => ({
  kind, name: '', address: '', note: '', siteId: null, groupId: null, agentId: null, parentId: null, parentPort: '',
  onvif: true, onvifPort: 80, onvifTls: false, certificate: '', rtspPort: 554, mainPath: '', subPath: '', pull: 'always', client: 'auto',
  snmpVersion: '2c', snmpPort: 161, bulk: true, pollS: 60, statusS: 10, hardwareS: 300,
  check: 'icmp', checkPort: 80, checkTls: false, checkPath: '/', statuses: '', checkS: 30,
  credential: noCredential
})

export function draftOf (device: Device): DeviceDraft {
  const { kind, name, address, note, siteId, groupId, agentId, parentId, parentPort, camera, switch: sw, host } = device
  const draft: DeviceDraft = { ...emptyDraft(kind), name, address, note, siteId, groupId, agentId, parentId, parentPort: parentPort ?? '' }
  if (camera) {
    Object.assign(draft, { onvif: camera.onvif !== null, rtspPort: camera.rtsp.port, mainPath: camera.rtsp.mainPath ?? '', subPath: camera.rtsp.subPath ?? '', pull: camera.pull, client: camera.client ?? 'auto' })
    if (camera.onvif) Object.assign(draft, { onvifPort: camera.onvif.port, onvifTls: camera.onvif.tls ?? false, certificate: camera.onvif.certificateSha256 ?? '' })
  }
  if (sw) Object.assign(draft, { snmpVersion: sw.snmpVersion, snmpPort: sw.port, bulk: sw.bulk ?? true, pollS: sw.intervalS ?? 60, statusS: sw.statusIntervalS ?? 10, hardwareS: sw.hardwareIntervalS ?? 300 })
  if (host) {
    const { check } = host
    Object.assign(draft, { check: check.method, checkS: host.intervalS ?? 30 })
    if (check.method !== 'icmp') draft.checkPort = check.port
    if (check.method === 'http') Object.assign(draft, { checkTls: check.tls, checkPath: check.path, statuses: check.statuses.join(' ') })
  }
  return draft
}

const statusesOf = (text: string) => text.split(/[\s,;]+/).filter(Boolean)
const fingerprint = (text: string) => text.replace(/[:\s]/g, '').toLowerCase()
const path = (text: string) => text.trim() === '' ? null : text.trim()

const cameraOf = (d: DeviceDraft): CameraSettings => ({
  onvif: d.onvif ? { port: Number(d.onvifPort), tls: d.onvifTls, ...(d.onvifTls && d.certificate.trim() !== '' ? { certificateSha256: fingerprint(d.certificate) } : {}) } : null,
  rtsp: { port: Number(d.rtspPort), mainPath: path(d.mainPath), subPath: path(d.subPath) }, pull: d.pull, client: d.client
})
const switchOf = (d: DeviceDraft): SwitchSettings => ({ snmpVersion: d.snmpVersion, port: Number(d.snmpPort), bulk: d.bulk, intervalS: Number(d.pollS), statusIntervalS: Number(d.statusS), hardwareIntervalS: Number(d.hardwareS) })
function hostOf (d: DeviceDraft): HostSettings {
  const intervalS = Number(d.checkS)
  if (d.check === 'icmp') return { check: { method: 'icmp' }, intervalS }
  const port = Number(d.checkPort)
  return { check: d.check === 'tcp' ? { method: 'tcp', port } : { method: 'http', port, tls: d.checkTls, path: d.checkPath, statuses: statusesOf(d.statuses).map(Number) }, intervalS }
}

type CredentialKind = Credential['kind']
export const credentialKindOf = (d: Pick<DeviceDraft, 'kind' | 'snmpVersion'>): CredentialKind => d.kind !== 'switch' ? 'password' : d.snmpVersion === '3' ? 'snmpv3' : 'community'

/** Undefined while nothing was entered. */
export function credentialOf (kind: CredentialKind, c: CredentialDraft): Credential | undefined {
  if (kind === 'password') return c.username === '' && c.password === '' ? undefined : { kind, username: c.username, password: c.password }
  if (kind === 'community') return c.community === '' ? undefined : { kind, community: c.community }
  if (c.user === '' && c.authKey === '' && c.privKey === '') return undefined
  const authentication = c.level === 'noAuthNoPriv' ? {} : { authProtocol: c.authProtocol, ...(c.authKey === '' ? {} : { authKey: c.authKey }) }
  const privacy = c.level === 'authPriv' ? { privProtocol: c.privProtocol, ...(c.privKey === '' ? {} : { privKey: c.privKey }) } : {}
  return { kind, user: c.user, level: c.level, ...authentication, ...privacy }
}

const commonOf = (d: DeviceDraft) => ({
  name: d.name.trim(), address: d.address.trim(), note: d.note, siteId: d.siteId, agentId: d.agentId, parentId: d.parentId,
  groupId: d.kind === 'camera' ? d.groupId : null, parentPort: d.parentId === null || d.parentPort.trim() === '' ? null : d.parentPort.trim()
})

export function createOf (d: DeviceDraft): DeviceCreate {
  const credential = credentialOf(credentialKindOf(d), d.credential)
  const common = { ...commonOf(d), ...(credential ? { credential } : {}) }
  if (d.kind === 'camera') return { kind: 'camera', ...common, camera: cameraOf(d) }
  return d.kind === 'switch' ? { kind: 'switch', ...common, switch: switchOf(d) } : { kind: 'host', ...common, host: hostOf(d) }
}
/** Everything but the kind, which never changes, and the credential, which has a route of its own. */
export const updateOf = (d: DeviceDraft): DeviceUpdate =>
  ({ ...commonOf(d), ...(d.kind === 'camera' ? { camera: cameraOf(d) } : d.kind === 'switch' ? { switch: switchOf(d) } : { host: hostOf(d) }) })

export type DraftFault = 'required' | 'path_invalid' | 'out_of_range' | 'camera_unusable' | 'certificate_invalid' | 'too_short' | 'address_with_port'

const inRange = (value: Num, min: number, max: number): DraftFault | undefined => value === '' ? 'required' : value >= min && value <= max ? undefined : 'out_of_range'
const portFault = (value: Num) => inRange(value, 1, 65_535)
const pathFault = (value: string): DraftFault | undefined => value.trim() !== '' && !value.trim().startsWith('/') ? 'path_invalid' : undefined

/** What can be told without asking the server. Keys are paths into DeviceCreate. */
export function draftFaults (d: DeviceDraft): Record<string, DraftFault> {
  const faults: Record<string, DraftFault | undefined> = {
    name: d.name.trim() === '' ? 'required' : undefined,
    address: d.address.trim() === '' ? 'required' : /^(\w+:\/\/.*|[\d.]+:\d+|.*\/.*)$/.test(d.address.trim()) ? 'address_with_port' : undefined,
    ...(d.kind === 'camera' ? cameraFaults(d) : d.kind === 'switch' ? switchFaults(d) : hostFaults(d)),
    ...credentialFaults(credentialKindOf(d), d.credential)
  }
  return Object.fromEntries(Object.entries(faults).filter((entry): entry is [string, DraftFault] => entry[1] !== undefined))
}
const cameraFaults = (d: DeviceDraft) => ({
  'camera.onvif.port': d.onvif ? portFault(d.onvifPort) : undefined,
  'camera.onvif.certificateSha256': d.onvif && d.onvifTls && d.certificate.trim() !== '' && !/^[0-9a-f]{64}$/.test(fingerprint(d.certificate)) ? 'certificate_invalid' as const : undefined,
  'camera.rtsp.port': portFault(d.rtspPort),
  'camera.rtsp.mainPath': pathFault(d.mainPath) ?? (!d.onvif && d.mainPath.trim() === '' ? 'camera_unusable' as const : undefined),
  'camera.rtsp.subPath': pathFault(d.subPath)
})
const switchFaults = (d: DeviceDraft) => ({ 'switch.port': portFault(d.snmpPort), 'switch.intervalS': inRange(d.pollS, 5, 3600), 'switch.statusIntervalS': inRange(d.statusS, 1, 3600) })
const hostFaults = (d: DeviceDraft) => ({
  'host.check.port': d.check === 'icmp' ? undefined : portFault(d.checkPort),
  'host.check.path': d.check !== 'http' ? undefined : d.checkPath.trim() === '' ? 'required' as const : pathFault(d.checkPath),
  'host.check.statuses': d.check === 'http' && (statusesOf(d.statuses).length > 20 || statusesOf(d.statuses).some(s => !/^[1-5]\d\d$/.test(s))) ? 'out_of_range' as const : undefined,
  'host.intervalS': inRange(d.checkS, 5, 3600)
})

export function credentialFaults (kind: CredentialKind, c: CredentialDraft): Record<string, DraftFault> {
  const credential = credentialOf(kind, c)
  if (credential?.kind !== 'snmpv3') return {}
  const key = (value: string): DraftFault | undefined => value === '' ? 'required' : value.length < 8 ? 'too_short' : undefined
  const found = {
    'credential.user': c.user === '' ? 'required' as const : undefined,
    'credential.authKey': c.level === 'noAuthNoPriv' ? undefined : key(c.authKey),
    'credential.privKey': c.level === 'authPriv' ? key(c.privKey) : undefined
  }
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, DraftFault] => entry[1] !== undefined))
}

/** Paths of every field of the form, so that the server's word finds its place. */
export const draftFields = [
  'name', 'address', 'note', 'siteId', 'groupId', 'agentId', 'parentId', 'parentPort', 'camera.onvif.port', 'camera.onvif.certificateSha256', 'camera.rtsp.port', 'camera.rtsp.mainPath', 'camera.rtsp.subPath',
  'switch.port', 'switch.intervalS', 'switch.statusIntervalS', 'host.check.port', 'host.check.path', 'host.check.statuses', 'host.intervalS',
  'credential', 'credential.username', 'credential.password', 'credential.community', 'credential.user', 'credential.authKey', 'credential.privKey'
] as const
