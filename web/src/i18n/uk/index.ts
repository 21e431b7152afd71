import { admin } from './admin.js'
import { adminPeople } from './admin-people.js'
import { alarms } from './alarms.js'
import { common } from './common.js'
import { compliance } from './compliance.js'
import { devices } from './devices.js'
import { events } from './events.js'
import { playback } from './playback.js'
import { ptz } from './ptz.js'
import { recording } from './recording.js'
import { session } from './session.js'
import { wall } from './wall.js'

export const uk = { ...common, ...session, ...wall, ...alarms, ...devices, ...compliance, ...events, ...playback, ...ptz, ...recording, ...admin, ...adminPeople }
