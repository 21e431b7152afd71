/** Sites, devices, credentials, CSV import, discovery. */
import Type, { type Static } from 'typebox'
import { Address, Id, Name, Note, Nullable, PageOf, TcpPort, TimeMs } from './common.js'
import { DeviceStateView } from './health.js'

export const SiteWrite = Type.Object({
  name: Name,
  address: Type.Optional(Type.String({ maxLength: 300 })),
  latitude: Nullable(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: Nullable(Type.Number({ minimum: -180, maximum: 180 })),
  note: Type.Optional(Note)
})
export type SiteWrite = Static<typeof SiteWrite>
export const Site = Type.Object({
  id: Id, name: Name, address: Type.String(), latitude: Nullable(Type.Number()), longitude: Nullable(Type.Number()),
  note: Type.String(),
  /** Only the devices that the reader may see. */
  deviceCount: Type.Integer()
})
export type Site = Static<typeof Site>
/** DELETE /sites/:id refuses while devices are there, unless it is told where they go. */
export const SiteRemoveQuery = Type.Object({ moveTo: Type.Optional(Id) }, { additionalProperties: false })

export const deviceKinds = ['camera', 'switch', 'host'] as const
export const DeviceKind = Type.Enum([...deviceKinds])
export type DeviceKind = (typeof deviceKinds)[number]

const RtspPath = Type.String({ maxLength: 1000, pattern: '^/' })

/** How to talk to a camera. With neither onvif nor rtsp paths it cannot be used: at least one is needed. */
export const CameraSettings = Type.Object({
  /** Null for a plain RTSP camera. `port` is the ONVIF HTTP(S) port. */
  onvif: Nullable(Type.Object({
    port: TcpPort,
    tls: Type.Optional(Type.Boolean({ default: false })),
    /** SHA-256 of the camera's certificate, hex; without it a CA must vouch. */
    certificateSha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' }))
  })),
  /** RTSP port and paths; with ONVIF, paths left null are asked from the camera. */
  rtsp: Type.Object({
    port: TcpPort,
    mainPath: Nullable(RtspPath),
    subPath: Nullable(RtspPath)
  }),
  /** `always` keeps the sub-stream pulled so that stream health is measured; `on_demand` only for viewers. */
  pull: Type.Enum(['always', 'on_demand']),
  /** Force ffmpeg as the client; otherwise ours with ffmpeg as automatic fallback. */
  client: Type.Optional(Type.Enum(['auto', 'ffmpeg']))
}, { additionalProperties: false })
export type CameraSettings = Static<typeof CameraSettings>

export const SwitchSettings = Type.Object({
  snmpVersion: Type.Enum(['1', '2c', '3']),
  port: TcpPort,
  /** A few old agents break on GETBULK. */
  bulk: Type.Optional(Type.Boolean({ default: true })),
  /** Seconds between polls. */
  intervalS: Type.Optional(Type.Integer({ minimum: 5, maximum: 3600, default: 60 })),
  /** Seconds between looks at the port statuses alone, so that a link down is seen soon. */
  statusIntervalS: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600, default: 10 })),
  /** Seconds between readings of optical modules, sensors and power over Ethernet. */
  hardwareIntervalS: Type.Optional(Type.Integer({ minimum: 10, maximum: 86_400, default: 300 }))
}, { additionalProperties: false })
export type SwitchSettings = Static<typeof SwitchSettings>

export const HostSettings = Type.Object({
  check: Type.Union([
    Type.Object({ method: Type.Literal('icmp') }),
    Type.Object({ method: Type.Literal('tcp'), port: TcpPort }),
    Type.Object({
      method: Type.Literal('http'), port: TcpPort, tls: Type.Boolean(),
      path: Type.String({ maxLength: 1000, pattern: '^/' }),
      /** Accepted statuses; empty means any 2xx or 3xx. */
      statuses: Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { maxItems: 20 })
    })
  ]),
  intervalS: Type.Optional(Type.Integer({ minimum: 5, maximum: 3600, default: 30 }))
}, { additionalProperties: false })
export type HostSettings = Static<typeof HostSettings>

/** Secrets of a device; they travel in, sealed at once, and only ever out to its agent. */
export const Credential = Type.Union([
  Type.Object({ kind: Type.Literal('password'), username: Type.String({ maxLength: 64 }), password: Type.String({ maxLength: 256 }) }),
  Type.Object({ kind: Type.Literal('community'), community: Type.String({ minLength: 1, maxLength: 128 }) }),
  Type.Object({
    kind: Type.Literal('snmpv3'), user: Type.String({ minLength: 1, maxLength: 64 }),
    level: Type.Enum(['noAuthNoPriv', 'authNoPriv', 'authPriv']),
    authProtocol: Type.Optional(Type.Enum(['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'])),
    authKey: Type.Optional(Type.String({ minLength: 8, maxLength: 128 })),
    privProtocol: Type.Optional(Type.Enum(['des', 'aes', 'aes256b', 'aes256r'])),
    privKey: Type.Optional(Type.String({ minLength: 8, maxLength: 128 }))
  })
])
export type Credential = Static<typeof Credential>

const DeviceCommon = {
  name: Name,
  siteId: Nullable(Id),
  /** Camera group; limits who sees the camera. Only cameras have one. */
  groupId: Nullable(Id),
  address: Address,
  agentId: Nullable(Id),
  /** The device through which this one is reached; when that is down, this one is unreachable. */
  parentId: Nullable(Id),
  /** Name of the parent's port it hangs on (ifName). */
  parentPort: Nullable(Type.String({ maxLength: 120 })),
  note: Type.Optional(Note)
}
export const DeviceCreate = Type.Union([
  Type.Object({ kind: Type.Literal('camera'), ...DeviceCommon, camera: CameraSettings, credential: Type.Optional(Credential) }),
  Type.Object({ kind: Type.Literal('switch'), ...DeviceCommon, switch: SwitchSettings, credential: Type.Optional(Credential) }),
  Type.Object({ kind: Type.Literal('host'), ...DeviceCommon, host: HostSettings, credential: Type.Optional(Credential) })
])
export type DeviceCreate = Static<typeof DeviceCreate>

/** Every field optional; kind never changes. Credentials go through their own route. */
export const DeviceUpdate = Type.Object({
  name: Type.Optional(Name),
  siteId: Type.Optional(Nullable(Id)),
  groupId: Type.Optional(Nullable(Id)),
  address: Type.Optional(Address),
  agentId: Type.Optional(Nullable(Id)),
  parentId: Type.Optional(Nullable(Id)),
  parentPort: Type.Optional(Nullable(Type.String({ maxLength: 120 }))),
  note: Type.Optional(Note),
  enabled: Type.Optional(Type.Boolean()),
  camera: Type.Optional(CameraSettings),
  switch: Type.Optional(SwitchSettings),
  host: Type.Optional(HostSettings)
}, { minProperties: 1, additionalProperties: false })
export type DeviceUpdate = Static<typeof DeviceUpdate>

/** What a person sees of a device: never its credential, only whether there is one. */
export const Device = Type.Object({
  id: Id,
  kind: DeviceKind,
  name: Name,
  siteId: Nullable(Id), siteName: Nullable(Type.String()),
  groupId: Nullable(Id), groupName: Nullable(Type.String()),
  address: Type.String(),
  agentId: Nullable(Id), agentName: Nullable(Type.String()),
  parentId: Nullable(Id), parentName: Nullable(Type.String()), parentPort: Nullable(Type.String()),
  note: Type.String(),
  enabled: Type.Boolean(),
  hasCredential: Type.Boolean(),
  /** User name of the credential, where it has one. */
  credentialUser: Nullable(Type.String()),
  /** The stored credential cannot be opened (another key, or altered): the agent gets none until it is replaced. */
  credentialProblem: Type.Optional(Type.Enum(['wrong_key', 'damaged'])),
  camera: Type.Optional(CameraSettings), switch: Type.Optional(SwitchSettings), host: Type.Optional(HostSettings),
  state: DeviceStateView,
  createdAt: TimeMs, updatedAt: TimeMs
})
export type Device = Static<typeof Device>

export const DevicePage = PageOf(Device)
export type DevicePage = Static<typeof DevicePage>
/** Test a stored device: with its stored credential, or with this one, which is not kept. */
export const DeviceTestRequest = Type.Object({ credential: Type.Optional(Credential) }, { additionalProperties: false })
export type DeviceTestRequest = Static<typeof DeviceTestRequest>

export const DeviceQuery = Type.Object({
  kind: Type.Optional(DeviceKind),
  /** One state or several with commas between. */
  state: Type.Optional(Type.String({ maxLength: 60 })),
  siteId: Type.Optional(Id), groupId: Type.Optional(Id), agentId: Type.Optional(Id), parentId: Type.Optional(Id),
  enabled: Type.Optional(Type.Boolean()),
  /** Every word must occur in the name or the address. */
  q: Type.Optional(Type.String({ maxLength: 120 })),
  /** `state` puts the worst first, `createdAt` the newest. */
  sort: Type.Optional(Type.Enum(['name', 'address', 'state', 'createdAt'])),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 }))
})
export type DeviceQuery = Static<typeof DeviceQuery>

/** Columns of the CSV file; `kind`, `name` and `address` are required, the others may be absent. */
export const importColumns = [
  'kind', 'name', 'site', 'group', 'address', 'agent', 'parent', 'parent_port', 'note', 'enabled',
  'onvif_port', 'onvif_tls', 'onvif_certificate', 'rtsp_port', 'main_path', 'sub_path', 'pull', 'client',
  'snmp_version', 'snmp_port', 'snmp_bulk', 'community', 'snmp_user', 'snmp_auth', 'snmp_auth_key', 'snmp_priv', 'snmp_priv_key',
  'check', 'check_port', 'check_path', 'check_statuses', 'interval_s', 'username', 'password'
] as const
export type ImportColumn = (typeof importColumns)[number]
/** Most devices in one file. */
export const MAX_IMPORT_ROWS = 10_000

/**
 * CSV import (header required, columns in any order, `,` `;` or tab, BOM tolerated). `check` is icmp, tcp, http or https.
 * A file without the column `agent` gives everything to the only agent, when there is exactly one.
 * Unknown site and group names are created when `createMissing`; unknown agents and parents are errors
 * (a parent may be an earlier or later row of the same file).
 */
export const ImportRequest = Type.Object({
  csv: Type.String({ maxLength: 8_000_000 }),
  createMissing: Type.Boolean()
})
export type ImportRequest = Static<typeof ImportRequest>
export const ImportRow = Type.Object({
  /** Line in the file, header is 1. */
  line: Type.Integer(),
  kind: Type.String(), name: Type.String(), address: Type.String(), site: Type.String(), group: Type.String(),
  errors: Type.Array(Type.Object({ column: Type.String(), code: Type.String(), message: Type.String() }))
})
export type ImportRow = Static<typeof ImportRow>
export const ImportPreview = Type.Object({
  rows: Type.Array(ImportRow),
  total: Type.Integer(), invalid: Type.Integer(),
  /** Faults of the file as a whole: no header, unknown column, too many rows. */
  errors: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
  newSites: Type.Array(Type.String()), newGroups: Type.Array(Type.String())
})
export type ImportPreview = Static<typeof ImportPreview>
export const ImportResult = Type.Object({ created: Type.Integer() })

export const DiscoveryRange = Type.Object({ id: Id, cidr: Type.String(), agentId: Nullable(Id), note: Type.String(), createdAt: TimeMs, createdBy: Type.String() })
export type DiscoveryRange = Static<typeof DiscoveryRange>
/** At most a /20 (4,096 addresses). */
export const DiscoveryRangeWrite = Type.Object({ cidr: Type.String({ maxLength: 50 }), agentId: Nullable(Id), note: Type.Optional(Note) })
export type DiscoveryRangeWrite = Static<typeof DiscoveryRangeWrite>

/** What an agent found at an address: evidence, never a device yet. */
export const Finding = Type.Object({
  address: Type.String({ maxLength: 64 }),
  kind: DeviceKind,
  /** Open or answering ports by protocol. */
  onvif: Nullable(Type.Object({ port: TcpPort, path: Type.String({ maxLength: 500 }), name: Type.String({ maxLength: 200 }), hardware: Type.String({ maxLength: 200 }) })),
  rtspPort: Nullable(TcpPort),
  snmp: Nullable(Type.Object({ port: TcpPort, version: Type.Enum(['1', '2c', '3']), sysDescr: Type.String({ maxLength: 500 }), sysName: Type.String({ maxLength: 200 }), sysObjectId: Type.String({ maxLength: 200 }) })),
  httpPort: Nullable(TcpPort),
  icmp: Type.Boolean()
})
export type Finding = Static<typeof Finding>
export const Suggestion = Type.Object({
  id: Id, agentId: Id, finding: Finding, firstSeenAt: TimeMs, lastSeenAt: TimeMs,
  status: Type.Enum(['new', 'dismissed', 'added']), deviceId: Nullable(Id)
})
export type Suggestion = Static<typeof Suggestion>
export const SuggestionQuery = Type.Object({ status: Type.Optional(Suggestion.properties.status), agentId: Type.Optional(Id) })
export type SuggestionQuery = Static<typeof SuggestionQuery>

const Ports = Type.Optional(Type.Array(TcpPort, { maxItems: 8, uniqueItems: true }))
/** POST /discovery/runs. Communities are tried in this run only and kept nowhere. */
export const DiscoveryRunStart = Type.Object({
  rangeId: Id,
  /** Needed where the range is not bound to an agent. */
  agentId: Type.Optional(Id),
  probesPerS: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
  communities: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 8 })),
  ports: Type.Optional(Type.Object({ onvif: Ports, rtsp: Ports, snmp: Ports, http: Ports }, { additionalProperties: false }))
}, { additionalProperties: false })
export type DiscoveryRunStart = Static<typeof DiscoveryRunStart>
