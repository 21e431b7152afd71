/** The other walls of the `alert` benchmark, in a process of their own. Arguments: address, count; the session's cookie in KALANCHA_BENCH_COOKIE. */
import { io } from 'socket.io-client'
import type { WallEvents } from '../../server/contract/wall.js'
import type { FromWalls, Heard } from './alert-messages.js'

const [origin, count] = [process.argv[2]!, Number(process.argv[3])]
const cookie = process.env.KALANCHA_BENCH_COOKIE!
const tell = (message: FromWalls) => process.send!(message)
let joined = 0
const heard = new Map<string, Heard>()

function onEvents ({ events }: WallEvents) {
  const now = Date.now()
  for (const { change } of events) {
    if (change.kind !== 'alarm' || change.alarm.condition !== 'port_down') continue
    const { id, deviceId, subject, raisedAt, clearedAt } = change.alarm
    const key = `${id} ${clearedAt === null}`
    const known = heard.get(key)
    if (known) {
      // Told again when the number of the devices behind it changes.
      if (known.heardAt.length < count) known.heardAt.push(now)
      continue
    }
    const first: Heard = { alarmId: id, deviceId: deviceId!, port: subject, raised: clearedAt === null, seenAt: clearedAt ?? raisedAt, heardAt: [now] }
    heard.set(key, first)
    tell({ type: 'heard', ...first })
  }
}

for (let i = 0; i < count; i++) {
  const socket = io(`${origin}/wall`, { transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: { cookie, origin } })
  socket.on('connect', () => socket.emit('join', { after: null }))
  socket.on('snapshot', () => { if (++joined === count) tell({ type: 'joined' }) })
  socket.on('events', onEvents)
  socket.on('connect_error', err => { throw err })
}
process.on('message', () => tell({ type: 'all', heard: [...heard.values()] }))
process.on('disconnect', () => process.exit())
