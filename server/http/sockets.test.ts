/** WebSockets share one HTTP server: Fastify's routes, raw handlers by path, socket.io. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Client, openTestApp, type TestApp } from './test-app.js'

let t: TestApp
let host = ''
let operator: Client
let leader: Client
const raw = new WebSocketServer({ noServer: true })
let wall: Server

beforeAll(async () => {
  t = await openTestApp({
    routes (api, { upgrades }) {
      api.get('/echo', { websocket: true, config: { access: { permission: 'video.live' } } }, (socket, request) => {
        socket.send(`hello ${request.actor!.login}`)
        socket.on('message', data => socket.send(data.toString()))
      })
      upgrades.handle('/agent/v1', (request, socket, head) => raw.handleUpgrade(request, socket, head, ws => ws.send('raw')))
      upgrades.leave('/socket.io/')
    }
  })
  wall = new Server(t.app.server, { path: '/socket.io', transports: ['websocket'], destroyUpgrade: false, serveClient: false })
  wall.of('/wall').on('connection', socket => socket.emit('greeting', 'wall'))
  await t.app.listen({ host: '127.0.0.1', port: 0 })
  host = `127.0.0.1:${(t.app.server.address() as AddressInfo).port}`
  operator = await t.signIn({ login: 'op', roles: ['operator'] })
  leader = await t.signIn({ login: 'boss', roles: ['leadership'] })
})
afterAll(async () => {
  // Not wall.close(), which would wait for the whole server before the server is told to close.
  wall.disconnectSockets(true)
  const left = new WebSocket(`ws://${host}/agent/v1`)
  await once(left, 'message')
  await Promise.all([once(left, 'close'), t.close()])
})

const dial = (path: string, headers: Record<string, string>) => new WebSocket(`ws://${host}${path}`, { headers: { origin: `http://${host}`, ...headers } })
const firstMessage = async (ws: WebSocket) => String((await once(ws, 'message') as [Buffer])[0])
const closing = async (ws: WebSocket) => ((await once(ws, 'close')) as [number, Buffer]).map(String)
/** The HTTP status with which an upgrade was refused. */
async function refusal (ws: WebSocket) {
  ws.on('error', () => {})
  const [, answer] = await once(ws, 'unexpected-response') as [unknown, { statusCode: number }]
  ws.terminate()
  return answer.statusCode
}
const cookieOf = (client: Client) => ({ cookie: client.headers.cookie! })

it('a route\'s socket knows who it is', async () => {
  const ws = dial('/api/v1/echo', cookieOf(operator))
  expect(await firstMessage(ws)).toBe('hello op')
  ws.send('there')
  expect(await firstMessage(ws)).toBe('there')
  ws.close()
})

it('is closed with a code that a browser can read', async () => {
  expect(await closing(dial('/api/v1/echo', {}))).toEqual(['4401', 'signed_out'])
  expect(await closing(dial('/api/v1/echo', { cookie: 'kalancha=forged' }))).toEqual(['4401', 'signed_out'])
  expect(await closing(dial('/api/v1/echo', cookieOf(leader)))).toEqual(['4403', 'forbidden'])
})

it('is not opened at all from another site', async () => {
  expect(await refusal(dial('/api/v1/echo', { ...cookieOf(operator), origin: 'https://evil.example' }))).toBe(403)
})

it('raw handlers and socket.io are left alone', async () => {
  const agent = new WebSocket(`ws://${host}/agent/v1?x=1`)
  expect(await firstMessage(agent)).toBe('raw')
  agent.close()
  const socket = io(`http://${host}/wall`, { path: '/socket.io', transports: ['websocket'] })
  const greeting = await new Promise(resolve => socket.on('greeting', resolve))
  expect(greeting).toBe('wall')
  socket.close()
})

it('a socket to nowhere is refused and does not hang', async () => {
  expect(await refusal(dial('/agent/v2', {}))).toBe(404)
  expect(await refusal(dial('/api/v1/users', {}))).toBe(401)
})

it('a plain request that only claims to be an upgrade gets no further than any other', async () => {
  const answer = await t.app.inject({ url: '/api/v1/users', headers: { upgrade: 'websocket', origin: `http://${host}`, host } })
  expect(answer.statusCode).toBe(401)
})
