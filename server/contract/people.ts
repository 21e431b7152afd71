/** Users, roles, sessions, camera groups. */
import Type, { type Static } from 'typebox'
import { Id, Language, Name, Nullable, PageQuery, TimeMs } from './common.js'

export const roles = [
  'administrator', 'shift_lead', 'operator', 'technician', 'footage_registrar',
  'footage_approver', 'requester', 'auditor', 'leadership'
] as const
export const Role = Type.Enum([...roles])
export type Role = (typeof roles)[number]

const Login = Type.String({ minLength: 2, maxLength: 64, pattern: '^[A-Za-z0-9._@+-]+$' })
const Password = Type.String({ minLength: 1, maxLength: 256 })

export const User = Type.Object({
  id: Id,
  login: Login,
  displayName: Name,
  roles: Type.Array(Role),
  /** Sees every camera group, also those made later. */
  allGroups: Type.Boolean(),
  groupIds: Type.Array(Id),
  language: Language,
  disabledAt: Nullable(TimeMs),
  createdAt: TimeMs,
  lastLoginAt: Nullable(TimeMs)
})
export type User = Static<typeof User>

/** Who is asking, with what they may do: the answer to GET /session. */
export const Me = Type.Object({
  user: User,
  sessionId: Id,
  /** Names from the authorization table, see server/identity/permissions.ts. */
  permissions: Type.Array(Type.String()),
  centre: Type.Object({ name: Type.String(), timeZone: Type.String() })
})
export type Me = Static<typeof Me>

export const SetupRequest = Type.Object({
  token: Type.String({ minLength: 20, maxLength: 200 }),
  login: Login, displayName: Name, password: Password, language: Type.Optional(Language)
})
export type SetupRequest = Static<typeof SetupRequest>
export const LoginRequest = Type.Object({ login: Type.String({ minLength: 1, maxLength: 64 }), password: Password })
export type LoginRequest = Static<typeof LoginRequest>
export const PasswordChange = Type.Object({ current: Password, next: Password })
export type PasswordChange = Static<typeof PasswordChange>
/** Accepts a one-time link for a new user or a reset. */
export const InvitationAccept = Type.Object({ token: Type.String({ minLength: 20, maxLength: 200 }), password: Password })
export type InvitationAccept = Static<typeof InvitationAccept>
/** The link is shown once; only its hash is kept. */
export const Invitation = Type.Object({ url: Type.String(), expiresAt: TimeMs })
export type Invitation = Static<typeof Invitation>

export const UserCreate = Type.Object({
  login: Login, displayName: Name, roles: Type.Array(Role, { minItems: 1, uniqueItems: true }),
  allGroups: Type.Boolean(), groupIds: Type.Array(Id, { uniqueItems: true }), language: Type.Optional(Language)
})
export type UserCreate = Static<typeof UserCreate>
export const UserUpdate = Type.Object({
  displayName: Type.Optional(Name),
  roles: Type.Optional(Type.Array(Role, { minItems: 1, uniqueItems: true })),
  allGroups: Type.Optional(Type.Boolean()),
  groupIds: Type.Optional(Type.Array(Id, { uniqueItems: true })),
  language: Type.Optional(Language),
  disabled: Type.Optional(Type.Boolean())
}, { minProperties: 1, additionalProperties: false })
export type UserUpdate = Static<typeof UserUpdate>

export const Session = Type.Object({
  id: Id, userId: Id, login: Type.String(), createdAt: TimeMs, lastSeenAt: TimeMs, expiresAt: TimeMs,
  ip: Type.String(), userAgent: Type.String(), current: Type.Boolean()
})
export type Session = Static<typeof Session>

export const CameraGroup = Type.Object({ id: Id, name: Name, note: Type.String(), cameraCount: Type.Integer() })
export type CameraGroup = Static<typeof CameraGroup>
export const CameraGroupWrite = Type.Object({ name: Name, note: Type.Optional(Type.String({ maxLength: 2000 })) })
export type CameraGroupWrite = Static<typeof CameraGroupWrite>

/** GET /setup: true until the first administrator exists. */
export const SetupState = Type.Object({ needed: Type.Boolean() })
export const UserCreated = Type.Object({ user: User, invitation: Invitation })
export const PreferencesWrite = Type.Object({ language: Language })

/** `timeZone` is a name of the IANA time zone database, for example Europe/Kyiv. */
export const Centre = Type.Object({ name: Name, timeZone: Type.String({ maxLength: 60, pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$' }) })
export type Centre = Static<typeof Centre>
export const Settings = Type.Object({ centre: Centre })
export type Settings = Static<typeof Settings>
export const SettingsWrite = Type.Object({ centre: Type.Partial(Centre, { minProperties: 1, additionalProperties: false }) }, { additionalProperties: false })
export type SettingsWrite = Static<typeof SettingsWrite>

export const AuditEntry = Type.Object({
  seq: Type.Integer(), at: TimeMs, userId: Nullable(Id), login: Type.String(), ip: Type.String(),
  action: Type.String(), subjectKind: Type.String(), subjectId: Type.String(),
  details: Type.Unknown(), hash: Type.String()
})
export type AuditEntry = Static<typeof AuditEntry>
/** Newest first. `action` is a whole name or its beginning: `user.` finds user.create, user.update ... */
export const AuditQuery = Type.Object({
  ...PageQuery.properties,
  action: Type.Optional(Type.String({ maxLength: 60 })),
  userId: Type.Optional(Id),
  from: Type.Optional(TimeMs),
  to: Type.Optional(TimeMs)
})
export type AuditQuery = Static<typeof AuditQuery>
/** `brokenAt` is the number of the first entry that does not fit its predecessor. */
export const AuditVerdict = Type.Object({ ok: Type.Boolean(), checked: Type.Integer(), brokenAt: Nullable(Type.Integer()) })
