import { connect, createServer, type Server, type Socket } from 'node:net'
import { Authorizer, utf8Bytes } from '../digest/authorizer.js'
import { chooseChallenge, parseChallenges } from '../digest/challenges.js'
import { originOf, pathOf, type RtspTarget } from './client.js'
import { parseMessage } from './interleaved.js'

const MAX_MESSAGE_BYTES = 512 * 1024
const HEADER_END = '\r\n\r\n'

/**
 * A door on loopback for one client that must not be told the password (ffmpeg: its arguments can be read in `ps`): it
 * asks for `/`, and the camera is asked for the real path with the right answer to its challenge. The address is the
 * target's: an answer that sends the client elsewhere ends the connection.
 */
export async function openAuthProxy (target: RtspTarget): Promise<{ port: number, close (): void }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(inner => {
    // One client, once.
    server.close()
    const outer = connect({ host: target.host, port: target.port, noDelay: true })
    for (const socket of [inner, outer]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => { inner.destroy(); outer.destroy() })
    }
    relay(inner, outer, target)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close () {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

interface Pending { text: string, attempts: number }

function relay (inner: Socket, outer: Socket, target: RtspTarget) {
  const origin = originOf(target)
  let authorizer: Authorizer | null = null
  let pending: Pending | null = null
  let playing = false
  let asked = Buffer.alloc(0)
  let answered: Buffer = Buffer.alloc(0)

  const ask = (text: string) => outer.write(rewrite(text, origin, target.path, authorizer), 'latin1')
  inner.on('data', (chunk: Buffer) => {
    // Receiver reports of the playing client; what it says as text gets its authorization.
    if (playing && chunk[0] === 0x24) return void outer.write(chunk)
    asked = Buffer.concat([asked, chunk])
    if (asked.length > MAX_MESSAGE_BYTES) return inner.destroy()
    for (let end = asked.indexOf(HEADER_END); end >= 0; end = asked.indexOf(HEADER_END)) {
      const text = asked.toString('latin1', 0, end)
      asked = asked.subarray(end + 4)
      pending = { text, attempts: 0 }
      ask(text)
    }
  })
  outer.on('data', (chunk: Buffer) => {
    if (playing) {
      if (!inner.write(chunk)) { outer.pause(); inner.once('drain', () => outer.resume()) }
      return
    }
    answered = Buffer.concat([answered, chunk])
    if (answered.length > MAX_MESSAGE_BYTES) return outer.destroy()
    for (let size = messageSize(answered); size > 0 && !playing; size = messageSize(answered)) {
      const message = answered.subarray(0, size)
      answered = answered.subarray(size)
      answer(message)
    }
    if (playing && answered.length) { inner.write(answered); answered = Buffer.alloc(0) }
  })

  function answer (bytes: Buffer) {
    const { status, headers } = parse(bytes)
    if (status >= 300 && status < 400) return outer.destroy()
    if (status === 401 && pending && pending.attempts++ < 2 && target.login) {
      const challenge = chooseChallenge(parseChallenges(headers.get('www-authenticate') ?? []))
      if (challenge) {
        authorizer = new Authorizer(challenge, target.login, authorizer)
        return ask(pending.text)
      }
    }
    if (status === 200 && pending?.text.startsWith('PLAY ')) playing = true
    inner.write(bytes)
  }
}

function parse (bytes: Buffer) {
  try {
    return parseMessage(bytes.toString('latin1', 0, bytes.indexOf(HEADER_END) + 2), '')
  } catch {
    return { status: 0, headers: new Map<string, string[]>() }
  }
}

/** 0 while incomplete. */
function messageSize (bytes: Buffer): number {
  const end = bytes.indexOf(HEADER_END)
  if (end < 0) return 0
  const body = Number(/\r\ncontent-length[ \t]*:[ \t]*(\d{1,9})/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? 0)
  return bytes.length >= end + 4 + body ? end + 4 + body : 0
}

function rewrite (text: string, origin: string, realPath: string, authorizer: Authorizer | null): string {
  const lines = text.split('\r\n')
  const [method = '', url = ''] = lines[0]!.split(' ')
  const path = pathOf(url, '/')
  const real = origin + (path === '/' ? realPath : path)
  const rest = lines.slice(1).filter(line => !/^authorization:/i.test(line))
  if (authorizer) rest.push(`Authorization: ${utf8Bytes(authorizer.header(method, real))}`)
  return [`${method} ${path === '/' ? utf8Bytes(real) : real} RTSP/1.0`, ...rest, '', ''].join('\r\n')
}
