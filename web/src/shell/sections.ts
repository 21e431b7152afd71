/** The parts of the application in the navigation; a person sees those that the authorization table allows. */
import { IconBell, IconDeviceCctv, IconLayoutGrid, IconPlayerPlay, IconRoute, IconSettings } from '@tabler/icons-react'

export const sections = [
  { to: '/', key: 'wall', icon: IconLayoutGrid, needs: ['wall.read'] },
  { to: '/playback', key: 'playback', icon: IconPlayerPlay, needs: ['video.playback'] },
  { to: '/alarms', key: 'alarms', icon: IconBell, needs: ['alarm.read'] },
  { to: '/devices', key: 'devices', icon: IconDeviceCctv, needs: ['device.read'] },
  { to: '/network', key: 'network', icon: IconRoute, needs: ['plant.read'] },
  { to: '/admin', key: 'admin', icon: IconSettings, needs: ['device.write', 'site.write', 'agent.read', 'user.read', 'audit.read', 'settings.write'] }
] as const
