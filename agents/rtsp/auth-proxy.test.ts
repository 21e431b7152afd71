import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { Authorizer } from '../digest/authorizer.js'
import { parseChallenges } from '../digest/challenges.js'
import { openAuthProxy } from './auth-proxy.js'

const login = { username: 'Олена', password: 'пароль' }

it('asks for a path and answers a challenge in any alphabet, byte for byte as UTF-8, and tells the client neither', async () => {
  const asked: string[] = []
  const camera = createServer((socket: Socket) => socket.on('data', bytes => {
    asked.push(bytes.toString('utf8'))
    const known = asked.at(-1)!.includes('Authorization')
    socket.write(known ? 'RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n' : 'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n')
  })).listen(0, '127.0.0.1')
  await once(camera, 'listening')
  const { port } = camera.address() as AddressInfo
  const door = await openAuthProxy({ host: '127.0.0.1', port, path: '/вулиця', login })
  const client = connect(door.port, '127.0.0.1')
  client.write(`OPTIONS rtsp://127.0.0.1:${door.port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n`)
  const [answer] = await once(client, 'data') as [Buffer]
  client.destroy()
  door.close()
  await new Promise(resolve => camera.close(resolve))

  const uri = `rtsp://127.0.0.1:${port}/вулиця`
  expect(asked.map(text => text.split('\r\n')[0])).toEqual(Array(2).fill(`OPTIONS ${uri} RTSP/1.0`))
  expect(asked[1]).toContain(`Authorization: ${new Authorizer(parseChallenges(['Digest realm="r", nonce="n"'])[0]!, login).header('OPTIONS', uri)}`)
  expect(answer.toString()).toMatch(/^RTSP\/1\.0 200/)
})
