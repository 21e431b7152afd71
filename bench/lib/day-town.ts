/** The cameras of a simulated day, and the media converter that two of them hang on: ids and addresses as JSON arguments, faults as lines on stdin. */
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { renderClip } from '../../fixtures/rtsp/render.js'
import { startRtspServer } from '../../fixtures/rtsp/server.js'

export interface TownArguments { cameras: { id: string, address: string }[], port: number, user: string, password: string, converter: { address: string, port: number } }
/** `away`: nothing listens. `silent`: the line takes everything and gives nothing. `stalled`: the camera answers and sends no picture. `locked`: another password. */
export type TownFault = { id: string, state: 'well' | 'away' | 'silent' | 'stalled' | 'locked' }

const { cameras, port, user, password, converter } = JSON.parse(process.argv[2]!) as TownArguments
/** A picture each two seconds, all of them key frames: the day has no more of them than it needs. */
const clip = { ...await renderClip({ scene: 'drift', title: '', codec: 'h264', width: 192, height: 108, fps: 1, bitrateKbps: 16, seconds: 10 }, join(tmpdir(), 'kalancha-bench-clips')), fps: 0.5 }
const town = new Map(await Promise.all(cameras.map(async ({ id, address }) => {
  const users = { [user]: password }
  return [id, { users, server: await startRtspServer({ host: address, port, users, streams: { '/main': clip } }) }] as const
})))

const sockets = new Set<Socket>()
const listen = () => new Promise<Server>(resolve => {
  const server = createServer(socket => { sockets.add(socket); socket.on('error', () => {}).on('close', () => sockets.delete(socket)) })
  server.listen(converter.port, converter.address, () => resolve(server))
})
let box: Server | null = await listen()

async function set ({ id, state }: TownFault) {
  if (id === 'converter') {
    if (state === 'well') box ??= await listen()
    else {
      box?.close()
      box = null
      for (const socket of sockets) socket.destroy()
    }
    return
  }
  const { users, server } = town.get(id)!
  await server.refuse(state === 'away')
  server.faults.stall = state === 'silent' || state === 'stalled'
  server.faults.hang = state === 'silent'
  users[user] = state === 'locked' ? `${password} no more` : password
  // A camera whose password was set anew ends what was open.
  if (state === 'locked') { await server.refuse(true); await server.refuse(false) }
}
createInterface({ input: process.stdin }).on('line', line => { void set(JSON.parse(line) as TownFault).then(() => console.log('{"done":true}')) }).on('close', () => process.exit(0))
// A conversation that has begun is ended before time goes on; one with a dead line never ends.
Object.assign(globalThis, { holdsTheDay: () => [...town.values()].some(({ server }) => { const { connections, playing } = server.counts(); return !server.faults.hang && connections > playing }) })
console.log('{"ready":true}')
