/** Who this agent is: a key pair made here, and the id that the server gave for a one-time token. */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { AGENT_PROTOCOL, EnrolAnswer, type EnrolRequest } from '../../server/contract/agent-link.js'
import { Id, Name } from '../../server/contract/common.js'
import { writeDurably } from './numbers.js'
import { postJson } from './post.js'
import { AGENT_VERSION } from './version.js'

const Identity = Type.Object({ agentId: Id, name: Name })
export type Identity = Static<typeof Identity> & { privateKeyPem: string }

/** The server answered, and it will not enrol us. */
export class EnrolmentRefused extends Error {
  override name = 'EnrolmentRefused'
  constructor (readonly kind: string, message: string) { super(message) }
}

const files = (dataDir: string) => ({ key: join(dataDir, 'agent.key'), identity: join(dataDir, 'identity.json') })

/** Null before enrolment. Throws when the files are damaged. */
export function readIdentity (dataDir: string): Identity | null {
  const { key, identity } = files(dataDir)
  if (!existsSync(identity)) return null
  const value: unknown = JSON.parse(readFileSync(identity, 'utf8'))
  if (!Value.Check(Identity, value)) throw new Error(`${identity} is damaged: remove the folder and enrol again with a new token`)
  return { ...value, privateKeyPem: readFileSync(key, 'utf8') }
}

/** The key is kept from the first attempt on, so that an answer lost on the way can be asked for again with the same token. */
function ownKey (dataDir: string) {
  const { key } = files(dataDir)
  if (!existsSync(key)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeDurably(key, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 0o600)
  }
  return readFileSync(key, 'utf8')
}

export interface Enrolment { url: string, token: string, name?: string, dataDir: string, serverCertFile?: string | null }

/** Turns a one-time token into an identity. EnrolmentRefused: another token is needed; any other error: try again. */
export async function enrol ({ url, token, name, dataDir, serverCertFile }: Enrolment): Promise<Identity> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const privateKeyPem = ownKey(dataDir)
  const publicKey = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }) as string
  const request: EnrolRequest = { token, publicKey, name, version: AGENT_VERSION, protocol: AGENT_PROTOCOL }
  const { status, body } = await postJson({ url: new URL('/api/v1/agents/enrol', url), serverCertFile, json: request })
  if (status === 200 || status === 201) {
    if (!Value.Check(EnrolAnswer, body)) throw new Error('The server answered the enrolment with something else')
    const identity = { agentId: body.agentId, name: body.name }
    writeDurably(files(dataDir).identity, `${JSON.stringify(identity, null, 2)}\n`, 0o600)
    return { ...identity, privateKeyPem }
  }
  const problem = body as { kind?: unknown, detail?: unknown } | null
  const detail = typeof problem?.detail === 'string' ? problem.detail : `HTTP ${status}`
  if (status >= 400 && status < 500 && status !== 429 && status !== 408) throw new EnrolmentRefused(String(problem?.kind ?? status), detail)
  throw new Error(`The server could not enrol this agent: ${detail}`)
}

/**
 * Keeps a second agent out of the same folder: two would tear each other's spool. Rejects when it is taken.
 * An abstract socket, because the kernel lets go of it however the process ends.
 */
export function holdFolder (dataDir: string): Promise<{ release (): void }> {
  const name = `\0kalancha-agent-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 32)}`
  const holder = createServer(socket => socket.destroy())
  return new Promise((done, reject) => {
    holder.once('error', (err: NodeJS.ErrnoException) => reject(err.code === 'EADDRINUSE' ? new Error(`Another agent already works in ${dataDir}`) : err))
    holder.listen(name, () => { holder.unref(); done({ release: () => holder.close() }) })
  })
}
