/** What the cells of a row mean: a device in, a device out. Names of sites, groups, agents and parents are looked up elsewhere. Pure. */
import type { CameraSettings, Credential, Device, DeviceCreate, HostSettings, ImportColumn, SwitchSettings } from '../contract/inventory.js'
import type { Cells } from './csv.js'
import { faultsOf } from './device-rules.js'

export interface RowFault { column: ImportColumn, code: string, message: string }
/** A row understood. The references in `device` are null until they are looked up. */
export interface Draft { device: DeviceCreate, enabled: boolean, site: string, group: string, agent: string, parent: string }

type Reading = ReturnType<typeof reading>
function reading (cells: Cells, faults: RowFault[]) {
  const fault = (column: ImportColumn, code: string, message: string) => { faults.push({ column, code, message }) }
  const raw = (column: ImportColumn) => cells[column] ?? ''
  const text = (column: ImportColumn, max: number) => {
    const value = raw(column)
    if (value.length > max) fault(column, 'too_long', `At most ${max} characters.`)
    return value.slice(0, max)
  }
  function integer (column: ImportColumn, min: number, max: number): number | undefined
  function integer (column: ImportColumn, min: number, max: number, missing: number): number
  function integer (column: ImportColumn, min: number, max: number, missing?: number) {
    const value = raw(column)
    if (value === '') return missing
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    fault(column, 'out_of_range', `A whole number from ${min} to ${max} is needed.`)
    return missing ?? min
  }
  const oneOf = <const T extends string, D>(column: ImportColumn, values: readonly T[], missing: D): T | D => {
    const value = raw(column)
    if (value === '') return missing
    const found = values.find(v => v.toLowerCase() === value.toLowerCase())
    if (found === undefined) fault(column, 'unknown_value', `One of these is needed: ${values.join(', ')}.`)
    return found ?? missing
  }
  const flag = <D>(column: ImportColumn, missing: D) => {
    const value = oneOf(column, ['yes', 'no', 'true', 'false', '1', '0'], null)
    return value === null ? missing : value === 'yes' || value === 'true' || value === '1'
  }
  const path = (column: ImportColumn) => {
    const value = text(column, 1000)
    if (value !== '' && !value.startsWith('/')) fault(column, 'path_invalid', 'A path begins with a slash; address and port have their own columns.')
    return value.startsWith('/') ? value : null
  }
  return { fault, raw, text, integer, port: (column: ImportColumn, missing: number) => integer(column, 1, 65535, missing), oneOf, flag, path }
}

const optional = <K extends string, V>(key: K, value: V | undefined) => (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }

function cameraOf (r: Reading): CameraSettings {
  const certificate = r.text('onvif_certificate', 64).toLowerCase()
  if (certificate !== '' && !/^[0-9a-f]{64}$/.test(certificate)) r.fault('onvif_certificate', 'unknown_value', 'The SHA-256 of the certificate is needed: 64 hex digits.')
  const port = r.integer('onvif_port', 1, 65535)
  return {
    onvif: port === undefined ? null : { port, ...optional('tls', r.flag('onvif_tls', undefined)), ...optional('certificateSha256', certificate || undefined) },
    rtsp: { port: r.port('rtsp_port', 554), mainPath: r.path('main_path'), subPath: r.path('sub_path') },
    pull: r.oneOf('pull', ['always', 'on_demand'], 'always'),
    ...optional('client', r.oneOf('client', ['auto', 'ffmpeg'], undefined))
  }
}

const switchOf = (r: Reading): SwitchSettings => ({
  snmpVersion: r.oneOf('snmp_version', ['1', '2c', '3'], '2c'), port: r.port('snmp_port', 161),
  ...optional('bulk', r.flag('snmp_bulk', undefined)), ...optional('intervalS', r.integer('interval_s', 5, 3600))
})

function hostOf (r: Reading): HostSettings {
  const interval = optional('intervalS', r.integer('interval_s', 5, 3600))
  const method = r.oneOf('check', ['icmp', 'tcp', 'http', 'https'], 'icmp')
  if (method === 'icmp') return { check: { method }, ...interval }
  if (method === 'tcp') {
    if (r.raw('check_port') === '') r.fault('check_port', 'required', 'The TCP check needs a port.')
    return { check: { method, port: r.port('check_port', 1) }, ...interval }
  }
  const tls = method === 'https'
  const statuses = r.text('check_statuses', 100).split(/[\s,;|]+/).filter(Boolean)
  if (statuses.length > 20 || statuses.some(s => !/^[1-5]\d\d$/.test(s))) r.fault('check_statuses', 'out_of_range', 'HTTP statuses from 100 to 599 with spaces between, at most 20.')
  return { check: { method: 'http', port: r.port('check_port', tls ? 443 : 80), tls, path: r.path('check_path') ?? '/', statuses: statuses.map(Number) }, ...interval }
}

const passwordColumns: readonly ImportColumn[] = ['username', 'password']
const communityColumns: readonly ImportColumn[] = ['community']
const v3Columns: readonly ImportColumn[] = ['snmp_user', 'snmp_auth', 'snmp_auth_key', 'snmp_priv', 'snmp_priv_key']

/** A secret in a column that this device does not use is a mistake, never silently dropped. */
function credentialOf (r: Reading, use: readonly ImportColumn[]): Credential | undefined {
  for (const column of [...passwordColumns, ...communityColumns, ...v3Columns]) {
    if (!use.includes(column) && r.raw(column) !== '') r.fault(column, 'not_for_this_device', 'This device does not use this column: leave it empty.')
  }
  if (!use.some(column => r.raw(column) !== '')) return undefined
  if (use === communityColumns) return { kind: 'community', community: r.text('community', 128) }
  if (use === passwordColumns) {
    if (r.raw('password') === '') r.fault('password', 'credential_incomplete', 'There is a user name without a password: give both or neither.')
    return { kind: 'password', username: r.text('username', 64), password: r.text('password', 256) }
  }
  return v3Of(r)
}

function v3Of (r: Reading): Credential {
  const key = (column: ImportColumn) => {
    const value = r.text(column, 128)
    if (value !== '' && value.length < 8) r.fault(column, 'too_short', 'SNMPv3 keys have at least 8 characters (RFC 3414).')
    return value || undefined
  }
  const user = r.text('snmp_user', 64)
  if (user === '') r.fault('snmp_user', 'required', 'The SNMPv3 user is missing.')
  const authKey = key('snmp_auth_key')
  const privKey = key('snmp_priv_key')
  const authProtocol = r.oneOf('snmp_auth', ['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'], authKey ? 'sha256' : undefined)
  const privProtocol = r.oneOf('snmp_priv', ['des', 'aes', 'aes256b', 'aes256r'], privKey ? 'aes' : undefined)
  const level = privKey || privProtocol ? 'authPriv' : authKey || authProtocol ? 'authNoPriv' : 'noAuthNoPriv'
  return { kind: 'snmpv3', user, level, ...optional('authProtocol', authProtocol), ...optional('authKey', authKey), ...optional('privProtocol', privProtocol), ...optional('privKey', privKey) }
}

/** Columns by the pointer that the common rules give. */
const columnOfField: Record<string, ImportColumn> = {
  '/name': 'name', '/address': 'address', '/groupId': 'group', '/note': 'note', '/parentPort': 'parent_port',
  '/camera/rtsp/mainPath': 'main_path', '/camera/rtsp/subPath': 'sub_path', '/host/check/path': 'check_path',
  '/credential/authProtocol': 'snmp_auth', '/credential/authKey': 'snmp_auth_key', '/credential/privProtocol': 'snmp_priv', '/credential/privKey': 'snmp_priv_key'
}

export function draftOf (cells: Cells): { draft: Draft | null, faults: RowFault[] } {
  const faults: RowFault[] = []
  const r = reading(cells, faults)
  const kind = r.oneOf('kind', ['camera', 'switch', 'host'], null)
  if (kind === null && r.raw('kind') === '') r.fault('kind', 'required', 'camera, switch or host is needed.')
  if (r.raw('name') === '') r.fault('name', 'required', 'Give the device a name.')
  if (r.raw('address') === '') r.fault('address', 'required', 'The address is missing.')
  const parent = r.text('parent', 253)
  const common = {
    name: r.text('name', 120), address: r.text('address', 253), note: r.text('note', 2000),
    siteId: null, groupId: null, agentId: null, parentId: null, parentPort: r.text('parent_port', 120) || null
  }
  const names = { site: r.text('site', 120), group: r.text('group', 120), agent: r.text('agent', 120), parent }
  const enabled = r.flag('enabled', true)
  if (kind === null) return { draft: null, faults }

  const device: DeviceCreate = kind === 'camera'
    ? { kind, ...common, camera: cameraOf(r), ...optional('credential', credentialOf(r, passwordColumns)) }
    : kind === 'switch' ? switchDevice(r, common) : { kind, ...common, host: hostOf(r), ...optional('credential', credentialOf(r, passwordColumns)) }
  if (names.group !== '' && kind !== 'camera') r.fault('group', 'group_only_for_cameras', 'Only cameras belong to a camera group.')
  // What the common rules find beyond the cells' own faults. The parent is only a name as yet.
  for (const { field, code, message } of faultsOf({ ...device, parentPort: parent === '' ? device.parentPort : null })) {
    const column = columnOfField[field] ?? 'kind'
    if (!faults.some(f => f.column === column)) faults.push({ column, code, message })
  }
  for (const column of ['site', 'group', 'agent', 'parent', 'parent_port'] as const) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(r.raw(column)) && !faults.some(f => f.column === column)) r.fault(column, 'control_character', 'Contains a character that cannot be stored.')
  }
  return { draft: { device, enabled, ...names }, faults }
}

function switchDevice (r: Reading, common: Omit<Extract<DeviceCreate, { kind: 'switch' }>, 'kind' | 'switch' | 'credential'>): DeviceCreate {
  const settings = switchOf(r)
  return { kind: 'switch', ...common, switch: settings, ...optional('credential', credentialOf(r, settings.snmpVersion === '3' ? v3Columns : communityColumns)) }
}

const yesNo = (flag: boolean | undefined) => flag === undefined ? '' : flag ? 'yes' : 'no'
const numberText = (n: number | undefined) => n === undefined ? '' : String(n)

/** The row of a device, without its secrets: user names stay out too, for a user name alone could not be imported again. */
export function cellsOf (device: Device, parent: string): Cells {
  const { camera, switch: asSwitch, host } = device
  const check = host?.check
  return {
    kind: device.kind, name: device.name, site: device.siteName ?? '', group: device.groupName ?? '', address: device.address, agent: device.agentName ?? '',
    parent, parent_port: parent === '' ? '' : device.parentPort ?? '', note: device.note, enabled: yesNo(device.enabled),
    ...(camera ? {
      onvif_port: numberText(camera.onvif?.port), onvif_tls: yesNo(camera.onvif?.tls), onvif_certificate: camera.onvif?.certificateSha256 ?? '',
      rtsp_port: String(camera.rtsp.port), main_path: camera.rtsp.mainPath ?? '', sub_path: camera.rtsp.subPath ?? '', pull: camera.pull, client: camera.client ?? ''
    } : {}),
    ...(asSwitch ? { snmp_version: asSwitch.snmpVersion, snmp_port: String(asSwitch.port), snmp_bulk: yesNo(asSwitch.bulk), interval_s: numberText(asSwitch.intervalS) } : {}),
    ...(host ? { interval_s: numberText(host.intervalS) } : {}),
    ...(check ? { check: check.method === 'http' && check.tls ? 'https' : check.method } : {}),
    ...(check && check.method !== 'icmp' ? { check_port: String(check.port) } : {}),
    ...(check?.method === 'http' ? { check_path: check.path, check_statuses: check.statuses.join(' ') } : {})
  }
}
