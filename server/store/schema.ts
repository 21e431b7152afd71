/**
 * Every table of the *facts* database. Ids are UUIDv7 made in the application, times are ms since the epoch (UTC),
 * units are in the names. A secret is stored as a hash (tokens, passwords) or sealed (device credentials), never plain.
 */
import { sql } from 'drizzle-orm'
import type { AgentMessage } from '../contract/agent-link.js'
import type { Failure, PortObservation, StreamView } from '../contract/health.js'
import type { CameraSettings, Finding, HostSettings, SwitchSettings } from '../contract/inventory.js'
import type { Role } from '../contract/people.js'
import type { WallChange } from '../contract/wall.js'
import type { Columns } from './columns.js'
import { defineComplianceTables } from './schema-compliance.js'
import { definePlantTables } from './schema-plant.js'
import { defineHardwareTables } from './schema-hardware.js'
import { defineRecordingTables } from './schema-recording.js'

export interface DeviceSettings { camera?: CameraSettings, switch?: SwitchSettings, host?: HostSettings }
export type AgentStatus = Omit<Extract<AgentMessage, { type: 'status' }>, 'type'>

export function defineSchema (c: Columns) {
  /** Centre-wide settings: `centre` { name, timeZone }, `setup_completed_at`. */
  const settings = c.table('settings', { key: c.text('key').primaryKey(), value: c.json<unknown>('value').notNull() })

  const users = c.table('users', {
    id: c.text('id').primaryKey(),
    /** As typed; unique without regard to case through login_key. */
    login: c.text('login').notNull(),
    loginKey: c.text('login_key').notNull(),
    displayName: c.text('display_name').notNull(),
    roles: c.json<Role[]>('roles').notNull(),
    allGroups: c.bool('all_groups').notNull(),
    language: c.text('language').notNull(),
    /** argon2id PHC string; null until the invitation is accepted. */
    passwordHash: c.text('password_hash'),
    disabledAt: c.int('disabled_at'),
    createdAt: c.int('created_at').notNull(),
    lastLoginAt: c.int('last_login_at'),
    failedLogins: c.int('failed_logins').notNull().default(0),
    lockedUntil: c.int('locked_until')
  }, t => [c.unique('users_login').on(t.loginKey)])

  /** One-time links: first administrator (`setup`, no user), invitation and password reset. */
  const links = c.table('one_time_links', {
    /** SHA-256 of the token, hex. */
    tokenHash: c.text('token_hash').primaryKey(),
    purpose: c.text('purpose').notNull(),
    userId: c.text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    createdAt: c.int('created_at').notNull(),
    expiresAt: c.int('expires_at').notNull(),
    usedAt: c.int('used_at')
  })

  const sessions = c.table('sessions', {
    id: c.text('id').primaryKey(),
    tokenHash: c.text('token_hash').notNull(),
    userId: c.text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
    createdAt: c.int('created_at').notNull(),
    lastSeenAt: c.int('last_seen_at').notNull(),
    expiresAt: c.int('expires_at').notNull(),
    ip: c.text('ip').notNull(),
    userAgent: c.text('user_agent').notNull()
  }, t => [c.unique('sessions_token').on(t.tokenHash), c.index('sessions_user').on(t.userId)])

  /** Append-only hash chain: hash = SHA-256(prev_hash + canonical JSON of the row). */
  const audit = c.table('audit', {
    seq: c.int('seq').primaryKey(),
    at: c.int('at').notNull(),
    userId: c.text('user_id'),
    login: c.text('login').notNull(),
    ip: c.text('ip').notNull(),
    action: c.text('action').notNull(),
    subjectKind: c.text('subject_kind').notNull(),
    subjectId: c.text('subject_id').notNull(),
    details: c.json<unknown>('details').notNull(),
    prevHash: c.text('prev_hash').notNull(),
    hash: c.text('hash').notNull()
  }, t => [c.index('audit_at').on(t.at)])

  const cameraGroups = c.table('camera_groups', {
    id: c.text('id').primaryKey(), name: c.text('name').notNull(), note: c.text('note').notNull()
  }, t => [c.unique('camera_groups_name').on(t.name)])

  const userGroups = c.table('user_camera_groups', {
    userId: c.text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
    groupId: c.text('group_id').notNull().references(() => cameraGroups.id, { onDelete: 'cascade' })
  }, t => [c.primaryKey({ columns: [t.userId, t.groupId] })])

  const sites = c.table('sites', {
    id: c.text('id').primaryKey(),
    name: c.text('name').notNull(),
    address: c.text('address').notNull(),
    /** WGS 84 degrees. */
    latitude: c.real('latitude'),
    longitude: c.real('longitude'),
    note: c.text('note').notNull()
  }, t => [c.unique('sites_name').on(t.name)])

  const agents = c.table('agents', {
    id: c.text('id').primaryKey(),
    name: c.text('name').notNull(),
    /** Started by the server itself as a child process. */
    embedded: c.bool('embedded').notNull(),
    /** SPKI PEM, Ed25519. */
    publicKey: c.text('public_key').notNull(),
    version: c.text('version').notNull(),
    protocol: c.int('protocol').notNull(),
    enrolledAt: c.int('enrolled_at').notNull(),
    revokedAt: c.int('revoked_at'),
    lastSeenAt: c.int('last_seen_at'),
    /** Agent's clock minus the server's. */
    clockOffsetMs: c.real('clock_offset_ms'),
    /** Highest batch committed; a batch at or below it is acknowledged and ignored. */
    committedSeq: c.int('committed_seq').notNull().default(0),
    status: c.json<AgentStatus | null>('status')
  }, t => [c.unique('agents_name').on(t.name)])

  const enrolmentTokens = c.table('enrolment_tokens', {
    tokenHash: c.text('token_hash').primaryKey(),
    /** Name the agent will get. */
    name: c.text('name').notNull(),
    embedded: c.bool('embedded').notNull(),
    createdBy: c.text('created_by').notNull(),
    createdAt: c.int('created_at').notNull(),
    expiresAt: c.int('expires_at').notNull(),
    usedAt: c.int('used_at')
  })

  const devices = c.table('devices', {
    id: c.text('id').primaryKey(),
    kind: c.text('kind').$type<'camera' | 'switch' | 'host'>().notNull(),
    name: c.text('name').notNull(),
    /** Lower-cased name and address, for search in both dialects and any alphabet. */
    searchText: c.text('search_text').notNull(),
    siteId: c.text('site_id').references(() => sites.id, { onDelete: 'set null' }),
    groupId: c.text('group_id').references(() => cameraGroups.id, { onDelete: 'set null' }),
    address: c.text('address').notNull(),
    /** `camera:192.0.2.7:554:/main`, `switch:192.0.2.1:161`: what makes two entries of one agent the same device. Behind another agent the same private address is another device. */
    identityKey: c.text('identity_key').notNull(),
    agentId: c.text('agent_id').references(() => agents.id, { onDelete: 'set null' }),
    parentId: c.text('parent_id'),
    parentPort: c.text('parent_port'),
    note: c.text('note').notNull(),
    enabled: c.bool('enabled').notNull(),
    settings: c.json<DeviceSettings>('settings').notNull(),
    createdAt: c.int('created_at').notNull(),
    updatedAt: c.int('updated_at').notNull()
  }, t => [c.unique('devices_agent_identity').on(t.agentId, t.identityKey), c.unique('devices_identity').on(t.identityKey).where(sql`${t.agentId} is null`), c.index('devices_agent').on(t.agentId), c.index('devices_parent').on(t.parentId), c.index('devices_name').on(t.name)])

  /** AES-256-GCM, key outside the database, device id as associated data. */
  const credentials = c.table('device_credentials', {
    deviceId: c.text('device_id').primaryKey().references(() => devices.id, { onDelete: 'cascade' }),
    sealed: c.text('sealed').notNull(),
    /** Shown to people; not a secret. */
    username: c.text('username'),
    updatedAt: c.int('updated_at').notNull(),
    /** How guessable the password is, told once, when it was sealed: `good`, `weak` ...; null while nobody has looked. */
    strength: c.text('strength')
  })

  const discoveryRanges = c.table('discovery_ranges', {
    id: c.text('id').primaryKey(), cidr: c.text('cidr').notNull(),
    agentId: c.text('agent_id').references(() => agents.id, { onDelete: 'cascade' }),
    note: c.text('note').notNull(), createdAt: c.int('created_at').notNull(), createdBy: c.text('created_by').notNull()
  })

  const suggestions = c.table('discovery_suggestions', {
    id: c.text('id').primaryKey(),
    agentId: c.text('agent_id').notNull().references(() => agents.id, { onDelete: 'cascade' }),
    address: c.text('address').notNull(),
    finding: c.json<Finding>('finding').notNull(),
    firstSeenAt: c.int('first_seen_at').notNull(), lastSeenAt: c.int('last_seen_at').notNull(),
    status: c.text('status').notNull(),
    deviceId: c.text('device_id').references(() => devices.id, { onDelete: 'set null' })
  }, t => [c.unique('suggestions_address').on(t.agentId, t.address)])

  /** What the server holds true about a device; `memory` is the judge's own (dwell counters, last facts). */
  const deviceStates = c.table('device_states', {
    deviceId: c.text('device_id').primaryKey().references(() => devices.id, { onDelete: 'cascade' }),
    state: c.text('state').notNull(),
    since: c.int('since').notNull(),
    observedAt: c.int('observed_at'),
    reason: c.json<Failure | null>('reason'),
    causeDeviceId: c.text('cause_device_id'),
    rttMs: c.real('rtt_ms'),
    clockOffsetMs: c.real('clock_offset_ms'),
    streams: c.json<StreamView[]>('streams').notNull(),
    identity: c.json<Record<string, string | null> | null>('identity'),
    memory: c.json<unknown>('memory').notNull()
  })

  const ports = c.table('ports', {
    deviceId: c.text('device_id').notNull().references(() => devices.id, { onDelete: 'cascade' }),
    ifIndex: c.int('if_index').notNull(),
    name: c.text('name').notNull(),
    port: c.json<PortObservation>('port').notNull(),
    since: c.int('since').notNull()
  }, t => [c.primaryKey({ columns: [t.deviceId, t.ifIndex] })])

  const stateHistory = c.table('state_history', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id').notNull().references(() => devices.id, { onDelete: 'cascade' }),
    at: c.int('at').notNull(),
    from: c.text('from_state'),
    to: c.text('to_state').notNull(),
    reason: c.json<Failure | null>('reason'),
    causeDeviceId: c.text('cause_device_id')
  }, t => [c.index('state_history_device').on(t.deviceId, t.at)])

  /** Kept after its device is gone, hence the copied names. */
  const alarms = c.table('alarms', {
    id: c.text('id').primaryKey(),
    deviceId: c.text('device_id'),
    deviceName: c.text('device_name').notNull(),
    deviceKind: c.text('device_kind'),
    agentId: c.text('agent_id'),
    groupId: c.text('group_id'),
    siteName: c.text('site_name'),
    /** Lower-cased device, site and subject, for search in both dialects and any alphabet. */
    searchText: c.text('search_text').notNull().default(''),
    /** deviceId, or agentId for an agent's own alarm. */
    sourceId: c.text('source_id').notNull(),
    condition: c.text('condition').notNull(),
    subject: c.text('subject').notNull(),
    severity: c.text('severity').notNull(),
    raisedAt: c.int('raised_at').notNull(),
    clearedAt: c.int('cleared_at'),
    acknowledgedAt: c.int('acknowledged_at'),
    acknowledgedBy: c.text('acknowledged_by'),
    acknowledgeComment: c.text('acknowledge_comment'),
    failure: c.json<Failure | null>('failure'),
    affectedCount: c.int('affected_count').notNull().default(0)
  }, t => [
    c.unique('alarms_one_open').on(t.sourceId, t.condition, t.subject).where(sql`cleared_at is null`),
    c.index('alarms_raised').on(t.raisedAt), c.index('alarms_device').on(t.deviceId, t.raisedAt)
  ])

  const layouts = c.table('layouts', {
    id: c.text('id').primaryKey(), name: c.text('name').notNull(),
    ownerId: c.text('owner_id').references(() => users.id, { onDelete: 'cascade' }),
    shared: c.bool('shared').notNull(), grid: c.int('grid').notNull(),
    cells: c.json<(string | null)[]>('cells').notNull(), updatedAt: c.int('updated_at').notNull()
  })

  /** One row, id 1: the wall's gap-free sequence, bumped in the transaction that writes the event. */
  const wallClock = c.table('wall_clock', { id: c.int('id').primaryKey(), seq: c.int('seq').notNull() })
  const wallEvents = c.table('wall_events', {
    seq: c.int('seq').primaryKey(), at: c.int('at').notNull(),
    /** Camera group the event belongs to, null for everyone; filters what a reader gets. */
    groupId: c.text('group_id'), isCamera: c.bool('is_camera').notNull(),
    change: c.json<WallChange>('change').notNull()
  })

  /** The numbers of one poll. On SQLite this lives in the *samples* file. `names` is a JSON array, `numbers` Float64 little-endian, NaN is absent. */
  const samples = c.table('samples', {
    deviceId: c.text('device_id').notNull(), at: c.int('at').notNull(),
    /** Hash of the names, into series_names. */
    namesKey: c.text('names_key').notNull(), numbers: c.bytes('numbers').notNull()
  }, t => [c.index('samples_device').on(t.deviceId, t.at)])
  const seriesNames = c.table('series_names', { key: c.text('key').primaryKey(), names: c.json<string[]>('names').notNull() })

  return {
    settings, users, links, sessions, audit, cameraGroups, userGroups, sites, agents, enrolmentTokens, devices, credentials,
    discoveryRanges, suggestions, deviceStates, ports, stateHistory, alarms, layouts, wallClock, wallEvents, samples, seriesNames,
    ...defineRecordingTables(c), ...defineComplianceTables(c),
    ...defineHardwareTables(c, () => devices.id),
    ...definePlantTables(c, { siteId: sites.id, deviceId: devices.id })
  }
}

export type Schema = ReturnType<typeof defineSchema>
