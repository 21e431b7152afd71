/** The agent's side of opening a socket to the server: `/agent/v1` for the link, `/agent/v1/media` for video. */
import { createPrivateKey, sign } from 'node:crypto'
import Compile from 'typebox/compile'
import { type RawData, WebSocket } from 'ws'
import { keepAlive } from '../../lib/heartbeat.js'
import { newId } from '../../lib/ids.js'
import { AGENT_PROTOCOL, type AgentMessage, MAX_LINK_MESSAGE_BYTES, ServerMessage, signedText } from '../../server/contract/agent-link.js'
import { pinnedTls } from './pinned-tls.js'
import { AGENT_VERSION } from './version.js'

export type RefusalReason = Extract<ServerMessage, { type: 'refused' }>['reason']
type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** The server said no, in its own words. */
export class LinkRefused extends Error {
  override name = 'LinkRefused'
  constructor (readonly reason: RefusalReason, message: string) { super(message) }
}

/** Which server, and who we are to it. */
export interface LinkTarget {
  /** `http(s)://host[:port]`, as given to --server. */
  url: string
  agentId: string
  /** PKCS #8 PEM, Ed25519. */
  privateKeyPem: string
  /** One a run of the agent; tells a reconnect from a copy of the agent's folder. */
  bootId?: string
  /** PEM file of the only certificate to accept, for a server with a certificate of its own making. */
  serverCertFile?: string | null
}
export interface OpenLink {
  socket: WebSocket
  welcome: Welcome
  /** Messages that came since the welcome, then each as it comes. Call once. */
  listen (onMessage: (data: RawData, isBinary: boolean) => void): void
}

const checkServerMessage = Compile(ServerMessage)
/** Null when it is not a message of this protocol. */
export function parseServerMessage (data: RawData): ServerMessage | null {
  try {
    const message: unknown = JSON.parse(String(data))
    return checkServerMessage.Check(message) ? message : null
  } catch { return null }
}

const paths = { link: '/agent/v1', media: '/agent/v1/media', footage: '/agent/v1/footage' } as const

function socketUrl (server: string, purpose: keyof typeof paths) {
  const url = new URL(server)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`The server's address must begin with http:// or https://, not ${url.protocol}`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.pathname = paths[purpose]
  url.search = ''
  return url
}

/**
 * Dials, proves the key and waits for the welcome. Rejects with LinkRefused when the server said no, with another Error
 * when it could not be reached or did not speak the protocol. Redirects are not followed. The heartbeat runs already.
 */
export function openLink (target: LinkTarget, purpose: keyof typeof paths, { signal, deadlineMs = 10_000 }: { signal?: AbortSignal, deadlineMs?: number } = {}): Promise<OpenLink> {
  const socket = new WebSocket(socketUrl(target.url, purpose), {
    followRedirects: false, perMessageDeflate: false, maxPayload: MAX_LINK_MESSAGE_BYTES, handshakeTimeout: deadlineMs, ...pinnedTls(target),
    // Footage is gigabytes, and masking (RFC 6455 10.3) guards proxies against scripts in browsers, which we are not.
    ...(purpose === 'footage' && { generateMask: (mask: Buffer) => { mask.fill(0) } })
  })
  return new Promise((resolve, reject) => {
    const early: [RawData, boolean][] = []
    const settle = (finish: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      socket.off('message', onMessage)
      socket.off('close', onClose)
      finish()
    }
    const fail = (err: Error) => settle(() => { socket.terminate(); reject(err) })
    const aborted = () => fail(new Error('The connection was given up'))
    const timer = setTimeout(() => fail(new Error(`The server did not finish the handshake in ${deadlineMs} ms`)), deadlineMs)
    const onClose = (code: number) => fail(new Error(`The server closed the connection during the handshake (${code})`))
    function welcomed (welcome: Welcome) {
      keepAlive(socket)
      const keep = (data: RawData, isBinary: boolean) => { early.push([data, isBinary]) }
      socket.on('message', keep)
      resolve({ socket, welcome, listen (handle) {
        socket.off('message', keep)
        for (const [data, isBinary] of early.splice(0)) handle(data, isBinary)
        socket.on('message', handle)
      } })
    }
    function onMessage (data: RawData) {
      const message = parseServerMessage(data)
      if (message?.type === 'challenge') socket.send(JSON.stringify(hello(target, purpose, message.nonce)))
      else if (message?.type === 'refused') fail(new LinkRefused(message.reason, message.message))
      else if (message?.type === 'welcome') settle(() => welcomed(message))
      else fail(new Error('The server does not speak the agent protocol'))
    }
    socket.on('error', fail)
    socket.on('message', onMessage)
    socket.on('close', onClose)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted)
  })
}

function hello (target: LinkTarget, purpose: string, nonce: string): AgentMessage {
  const signature = sign(null, Buffer.from(signedText(purpose, nonce, target.agentId)), createPrivateKey(target.privateKeyPem)).toString('base64')
  return { type: 'hello', agentId: target.agentId, signature, version: AGENT_VERSION, protocol: AGENT_PROTOCOL, bootId: target.bootId ?? newId() }
}
