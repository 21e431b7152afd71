/** The authorization table: every action of the system and the roles that may do it. Nothing is allowed that does not stand here. */
import { type Role, roles } from '../contract/people.js'

const everyone: readonly Role[] = roles
const watchers: readonly Role[] = ['administrator', 'shift_lead', 'operator', 'technician', 'footage_registrar', 'footage_approver']

const permissions = {
  /** Own account: who am I, log out, own sessions, password, language. */
  'self.manage': everyone,
  'user.read': ['administrator', 'auditor'],
  'user.write': ['administrator'],
  'session.manage_any': ['administrator'],
  'group.read': ['administrator', 'shift_lead', 'operator', 'technician', 'footage_registrar', 'footage_approver', 'auditor'],
  'group.write': ['administrator'],
  'site.read': watchers,
  'site.write': ['administrator', 'technician'],
  'device.read': watchers,
  'device.write': ['administrator'],
  'device.credential.write': ['administrator'],
  'device.test': ['administrator', 'technician'],
  'device.import': ['administrator'],
  'discovery.read': ['administrator'],
  'discovery.write': ['administrator'],
  'agent.read': ['administrator', 'technician'],
  'agent.write': ['administrator'],
  'health.read': watchers,
  'alarm.read': watchers,
  'alarm.acknowledge': ['administrator', 'shift_lead', 'operator', 'technician'],
  'video.live': watchers,
  /** Recorded footage: playback and stills. */
  'video.playback': watchers,
  'mask.write': ['administrator'],
  /** Sees what lies behind a camera's masks. */
  'mask.see_through': ['administrator', 'shift_lead', 'footage_registrar', 'footage_approver'],
  /** Turn a camera's head, go to its presets, start and stop its tours. */
  'ptz.control': ['administrator', 'shift_lead', 'operator', 'technician'],
  /** Presets, home and tours themselves. */
  'ptz.preset.write': ['administrator', 'shift_lead', 'technician'],
  'clip.create': ['administrator', 'shift_lead', 'operator', 'footage_registrar', 'footage_approver'],
  'bookmark.write': watchers,
  /** Also those of others. */
  'bookmark.write_any': ['administrator', 'shift_lead'],
  /** Where and how sensitively motion is looked for. */
  'motion.write': ['administrator', 'technician'],
  /** At which light of an optical port people are told. */
  'light_limit.write': ['administrator', 'technician'],
  /** Let a camera's picture be learned anew. */
  'integrity.reset': ['administrator', 'technician'],
  /** Are the cameras as they should be: tells which have weak passwords, so not everybody's. */
  'compliance.read': ['administrator', 'shift_lead', 'technician'],
  'firmware.approve': ['administrator'],
  /** Let factory logins be tried at cameras. */
  'login_check.write': ['administrator'],
  'recording.read': watchers,
  /** Have an absence filled from the camera's own card. */
  'recording.refill': ['administrator', 'shift_lead', 'operator', 'technician', 'footage_registrar'],
  'lock.read': [...watchers, 'auditor'],
  'lock.create': ['administrator', 'shift_lead', 'footage_registrar', 'footage_approver'],
  'lock.release': ['administrator', 'footage_registrar', 'footage_approver'],
  'recording.write': ['administrator'],
  /** What cameras report, and the rules that make alarms of it. */
  'camera_event.read': watchers,
  'event_rule.read': ['administrator', 'shift_lead'],
  'event_rule.write': ['administrator', 'shift_lead'],
  /** The passive fibre plant, and OTDR traces of it. */
  'plant.read': ['administrator', 'shift_lead', 'operator', 'technician'],
  'plant.write': ['administrator', 'technician'],
  'wall.read': watchers,
  'layout.write': watchers,
  /** Layouts that everyone sees. */
  'layout.share': ['administrator', 'shift_lead'],
  'audit.read': ['administrator', 'auditor'],
  'settings.read': everyone,
  'settings.write': ['administrator'],
  'metrics.read': ['administrator']
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof permissions

export const allowed = (held: readonly Role[], permission: Permission) =>
  held.some(role => (permissions[permission] as readonly Role[]).includes(role))
export const permissionsOf = (held: readonly Role[]) =>
  (Object.keys(permissions) as Permission[]).filter(p => allowed(held, p))
