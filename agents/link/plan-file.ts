/** The last plan on disk, sealed: an agent that starts while its server is away goes on with it. See docs/decisions/agent-link.md. */
import { createCipheriv, createDecipheriv, createPrivateKey, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../lib/log.js'
import type { ServerMessage } from '../../server/contract/agent-link.js'
import { parseServerMessage } from './handshake.js'

export type PlanMessage = Extract<ServerMessage, { type: 'plan' }>
export interface PlanFile {
  /** Null when there is none, or none that this agent can open. */
  read (): PlanMessage | null
  /** To be written soon; plans that come close together are written once. */
  keep (plan: PlanMessage): void
  /** The agent is no longer wanted: nothing of its plan stays. */
  remove (): Promise<void>
  /** What was to be kept is on the disk. */
  close (): Promise<void>
}
export interface PlanFileOptions { folder: string, agentId: string, privateKeyPem: string, log: Log, writeAfterMs?: number }

const MAGIC = Buffer.from('KPLAN1\n')
const SALT_BYTES = 16
const IV_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = MAGIC.length + SALT_BYTES + IV_BYTES + TAG_BYTES

/** The agent's own key opens its plan: another key, after a new enrolment, does not. HKDF (RFC 5869). */
const keyFrom = (privateKeyPem: string, salt: Buffer) =>
  Buffer.from(hkdfSync('sha256', createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' }), salt, 'kalancha plan', 32))

type Owner = Pick<PlanFileOptions, 'agentId' | 'privateKeyPem'>

function seal (plan: PlanMessage, { agentId, privateKeyPem }: Owner): Buffer {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyFrom(privateKeyPem, salt), iv).setAAD(Buffer.from(agentId))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(plan), 'utf8'), cipher.final()])
  return Buffer.concat([MAGIC, salt, iv, cipher.getAuthTag(), sealed])
}

/** @throws Error when the bytes are not whole, not sealed by this agent, or hold no plan of this version. */
function unseal (bytes: Buffer, { agentId, privateKeyPem }: Owner): PlanMessage {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a plan')
  const [salt, iv, tag] = [MAGIC.length, MAGIC.length + SALT_BYTES, HEAD_BYTES - TAG_BYTES].map((at, i) => bytes.subarray(at, at + [SALT_BYTES, IV_BYTES, TAG_BYTES][i]!)) as [Buffer, Buffer, Buffer]
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(privateKeyPem, salt), iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(agentId)).setAuthTag(tag)
  const message = parseServerMessage(Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]))
  if (message?.type !== 'plan') throw new Error('not a plan of this version')
  return message
}

/** After a power cut it is the old file or the new one. */
async function replace (file: string, bytes: Buffer) {
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally { await handle.close() }
  await rename(`${file}.new`, file)
}

export function openPlanFile (o: PlanFileOptions): PlanFile {
  const file = join(o.folder, 'plan.sealed')
  let next: PlanMessage | null = null
  let timer: NodeJS.Timeout | null = null
  let writing = Promise.resolve()

  function write () {
    if (timer) clearTimeout(timer)
    timer = null
    writing = writing.then(async () => {
      const plan = next
      next = null
      if (plan) await replace(file, seal(plan, o))
    }).catch(err => o.log.error({ err }, 'the plan could not be kept: without its server this agent could not start again'))
    return writing
  }

  return {
    read () {
      if (!existsSync(file)) return null
      try { return unseal(readFileSync(file), o) } catch (err) {
        o.log.warn({ reason: (err as Error).message }, 'the kept plan cannot be opened; waiting for the server')
        return null
      }
    },
    keep (plan) {
      next = plan
      timer ??= setTimeout(write, o.writeAfterMs ?? 500)
    },
    async remove () {
      next = null
      await write()
      await Promise.all([rm(file, { force: true }), rm(`${file}.new`, { force: true })])
    },
    close: write
  }
}
