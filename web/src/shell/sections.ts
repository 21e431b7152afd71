/** The parts of the application in the navigation; a person sees those that the authorization table allows. */
import { IconBell, IconDeviceCctv, IconLayoutGrid } from '@tabler/icons-react'

export const sections = [
  { to: '/', key: 'wall', icon: IconLayoutGrid, needs: ['wall.read'] },
  { to: '/alarms', key: 'alarms', icon: IconBell, needs: ['alarm.read'] },
  { to: '/devices', key: 'devices', icon: IconDeviceCctv, needs: ['device.read'] }
] as const
