/** The screens of the administration and who sees them; the server asks again at every request. */
import {
  IconBellRinging, IconBuildingCommunity, IconCamera, IconDeviceDesktopAnalytics, IconFileImport, IconHistory, IconLock, IconLogin2, IconPlayerRecord, IconPercentage, IconRadar2, IconSettings, IconStack2, IconUsers
} from '@tabler/icons-react'

export const adminSections = [
  { to: '/admin/devices', key: 'devices', icon: IconCamera, needs: 'device.read' },
  { to: '/admin/import', key: 'import', icon: IconFileImport, needs: 'device.import' },
  { to: '/admin/discovery', key: 'discovery', icon: IconRadar2, needs: 'discovery.read' },
  { to: '/admin/sites', key: 'sites', icon: IconBuildingCommunity, needs: 'site.read' },
  { to: '/admin/groups', key: 'groups', icon: IconStack2, needs: 'group.read' },
  { to: '/admin/agents', key: 'agents', icon: IconDeviceDesktopAnalytics, needs: 'agent.read' },
  { to: '/admin/recording', key: 'recording', icon: IconPlayerRecord, needs: 'recording.read' },
  { to: '/admin/events', key: 'events', icon: IconBellRinging, needs: 'event_rule.read' },
  { to: '/admin/locks', key: 'locks', icon: IconLock, needs: 'lock.read' },
  { to: '/admin/availability', key: 'availability', icon: IconPercentage, needs: 'recording.read' },
  { to: '/admin/users', key: 'users', icon: IconUsers, needs: 'user.read' },
  { to: '/admin/sessions', key: 'sessions', icon: IconLogin2, needs: 'session.manage_any' },
  { to: '/admin/audit', key: 'audit', icon: IconHistory, needs: 'audit.read' },
  { to: '/admin/settings', key: 'settings', icon: IconSettings, needs: 'settings.read' }
] as const
