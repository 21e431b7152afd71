/** The wall behind the real door: session cookie, same origin, and the end of a session. */
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { expect, test } from 'vitest'
import { comesFromOurPages } from '../http/same-origin.js'
import { cookieRules } from '../http/session-cookie.js'
import { socketGate } from '../http/socket-gate.js'
import { openTestApp } from '../http/test-app.js'
import { ServiceProblem } from '../problems.js'
import { createWall, WALL_PATH } from '../wall/wall.js'
import { JumpingClock, log } from './story.js'

const heard = (socket: Socket, name: string) => new Promise<unknown>(resolve => { socket.once(name, resolve) })

test('signed in: a snapshot; signed out: dropped; from another site: refused', async () => {
  const clock = new JumpingClock()
  const t = await openTestApp({ clock, routes: (_api, { upgrades }) => upgrades.leave(WALL_PATH) })
  const admit = socketGate({ gate: t.identity.sessions, cookie: cookieRules(false), publicUrl: null, proxies: 0 })
  const wall = await createWall(t.store, clock, log, {
    authenticate: request => admit(request).catch((err: unknown) => { if (err instanceof ServiceProblem) return null; throw err }),
    sameOrigin: request => comesFromOurPages({ method: 'GET', upgrade: true, headers: request.headers, publicUrl: null }),
    agentStatus: () => 'online', serverVersion: '1'
  })
  t.identity.onActorChanged(wall.actorChanged)
  wall.attach(t.app.server)
  await t.app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(t.app.server.address() as AddressInfo).port}`
  const connect = (cookie: string, origin = url) => io(`${url}/wall`, { transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: { cookie, origin } })
  const operator = await t.signIn({ roles: ['operator'] })
  const socket = connect(operator.headers.cookie!)
  await heard(socket, 'connect')
  socket.emit('join', { after: null })
  expect(await heard(socket, 'snapshot')).toMatchObject({ seq: 0, devices: [], serverVersion: '1' })
  const evil = connect(operator.headers.cookie!, 'http://evil.example')
  expect(await heard(evil, 'connect_error')).toBeInstanceOf(Error)
  const dropped = heard(socket, 'disconnect')
  await t.identity.sessions.end({ userId: operator.userId, login: 'x', roles: ['operator'], allGroups: true, groupIds: [], sessionId: operator.sessionId, ip: '' }, operator.sessionId)
  await dropped
  const again = connect(operator.headers.cookie!)
  expect((await heard(again, 'connect_error') as Error).message).toBe('unauthenticated')
  for (const s of [socket, evil, again]) s.disconnect()
  await wall.close()
  await t.close()
})
