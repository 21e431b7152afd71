/** The walls of fanout.ts, in a process of their own. Tells its parent when each round has reached every wall. */
import { io } from 'socket.io-client'
import type { WallEvents } from '../../server/contract/wall.js'

const [url, count] = [process.argv[2]!, Number(process.argv[3])]
let joined = 0
let round: { seq: number, at: string[] } = { seq: 0, at: [] }

function onEvents ({ events }: WallEvents) {
  const at = process.hrtime.bigint().toString()
  const seq = events.at(-1)?.seq
  if (seq === undefined) return
  if (seq !== round.seq) round = { seq, at: [] }
  round.at.push(at)
  if (round.at.length === count) process.send!({ seq, at: round.at })
}

for (let i = 0; i < count; i++) {
  const socket = io(`${url}/wall`, { transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: { cookie: 'bench' } })
  socket.on('connect', () => socket.emit('join', { after: null }))
  socket.on('snapshot', () => { if (++joined === count) process.send!({ joined }) })
  socket.on('events', onEvents)
  socket.on('connect_error', err => { throw err })
}
process.on('disconnect', () => process.exit())
