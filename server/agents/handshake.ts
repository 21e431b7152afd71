/** The server's side of opening a socket: challenge, proof, verdict. The same for the link and for media. */
import { randomBytes, verify } from 'node:crypto'
import Compile from 'typebox/compile'
import type { RawData, WebSocket } from 'ws'
import { AGENT_PROTOCOL, AgentMessage, type ServerMessage, signedText } from '../contract/agent-link.js'

const HANDSHAKE_DEADLINE_MS = 10_000

export type LinkPurpose = 'link' | 'media' | 'footage'
export type Hello = Extract<AgentMessage, { type: 'hello' }>
export type Refusal = Omit<Extract<ServerMessage, { type: 'refused' }>, 'type'>
export interface KnownAgent { id: string, name: string, publicKey: string, revokedAt: number | null, committedSeq: number }

const checkAgentMessage = Compile(AgentMessage)
/** Null when it is not JSON or no message of this protocol; `raw` is for the few that can be saved in part. */
export function parseAgentMessage (data: RawData): { message: AgentMessage | null, raw: unknown } {
  try {
    const raw: unknown = JSON.parse(String(data))
    return { message: checkAgentMessage.Check(raw) ? raw : null, raw }
  } catch { return { message: null, raw: null } }
}

export const send = (socket: WebSocket, message: ServerMessage) => { if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message)) }

/** Says why and closes; the socket is gone a second later even if the other side does not play along. */
export function refuse (socket: WebSocket, { reason, message }: Refusal) {
  send(socket, { type: 'refused', reason, message })
  socket.close(4403, reason)
  setTimeout(() => socket.terminate(), 1000).unref()
}

/** Waits for the agent's proof. Null when the peer spoke nonsense, nothing, or left. */
export function askForHello (socket: WebSocket): Promise<{ nonce: string, hello: Hello } | Refusal | null> {
  const nonce = randomBytes(32).toString('base64url')
  return new Promise(resolve => {
    const finish = (answer: { nonce: string, hello: Hello } | Refusal | null) => {
      clearTimeout(timer)
      socket.off('message', onMessage)
      socket.off('close', onClose)
      resolve(answer)
    }
    const timer = setTimeout(() => finish(null), HANDSHAKE_DEADLINE_MS)
    const onClose = () => finish(null)
    const onMessage = (data: RawData) => {
      const { message, raw } = parseAgentMessage(data)
      // Another version may have another hello: its number is all that must be readable.
      const protocol = (raw as { type?: unknown, protocol?: unknown } | null)?.protocol
      if ((raw as { type?: unknown } | null)?.type === 'hello' && typeof protocol === 'number' && protocol !== AGENT_PROTOCOL) return finish(wrongProtocol(protocol))
      finish(message?.type === 'hello' ? { nonce, hello: message } : null)
    }
    socket.on('message', onMessage)
    socket.on('close', onClose)
    send(socket, { type: 'challenge', nonce, protocol: AGENT_PROTOCOL })
  })
}

const wrongProtocol = (theirs: number): Refusal => ({ reason: 'protocol', message: theirs > AGENT_PROTOCOL
  ? `This agent is newer (protocol ${theirs}) than the server (${AGENT_PROTOCOL}): upgrade the server.`
  : `This agent is older (protocol ${theirs}) than the server (${AGENT_PROTOCOL}): upgrade the agent.` })

/** The verdict on a proof, from what the registry knows. */
export function judgeHello (purpose: LinkPurpose, nonce: string, hello: Hello, known: KnownAgent | null): Refusal | null {
  if (!known) return { reason: 'unknown_agent', message: 'The server does not know this agent: enrol it again with a new token.' }
  if (!signatureFits(signedText(purpose, nonce, hello.agentId), known.publicKey, hello.signature)) return { reason: 'bad_signature', message: 'The signature does not fit the key that this agent enrolled with.' }
  if (known.revokedAt !== null) return { reason: 'revoked', message: `The agent "${known.name}" was revoked by an administrator.` }
  return null
}

function signatureFits (text: string, publicKeyPem: string, signature: string) {
  try { return verify(null, Buffer.from(text), publicKeyPem, Buffer.from(signature, 'base64')) } catch { return false }
}
