/** Turns a one-time token into an agent with its own key. */
import { createPublicKey } from 'node:crypto'
import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { hashToken, newId } from '../../lib/ids.js'
import { AGENT_PROTOCOL, type EnrolAnswer, type EnrolRequest } from '../contract/agent-link.js'
import { recordAudit, systemWho } from '../identity/audit.js'
import { invalidField, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Store, Writer } from '../store/store.js'
import { type Announce, appendWallEvent, forEveryWall } from '../store/wall-events.js'

type Token = Schema['enrolmentTokens']['$inferSelect']
export interface EnrolmentDeps { store: Store, clock: Clock, announce: Announce, cut: (agentId: string, message: string) => void }

/** The same text for unknown, used and expired: a stranger learns nothing. */
const refusedToken = () => new ServiceProblem('forbidden', 'token_refused', 'The token is unknown, used or older than 24 hours: ask an administrator for a new one.')

export class Enrolment {
  constructor (private readonly deps: EnrolmentDeps) {}

  async enrol (request: EnrolRequest, ip: string): Promise<EnrolAnswer> {
    if (request.protocol !== AGENT_PROTOCOL) throw new ServiceProblem('conflict', 'protocol', `The agent speaks protocol ${request.protocol}, this server ${AGENT_PROTOCOL}: upgrade the older one.`)
    const publicKey = ed25519Pem(request.publicKey)
    const { store, clock, announce } = this.deps
    const now = clock.now()
    const done = await store.transaction(async tx => {
      const { enrolmentTokens, agents } = tx.t
      const tokenHash = hashToken(request.token)
      const [token] = await tx.update(enrolmentTokens).set({ usedAt: now })
        .where(and(eq(enrolmentTokens.tokenHash, tokenHash), isNull(enrolmentTokens.usedAt), gt(enrolmentTokens.expiresAt, now))).returning()
      if (!token) return { again: await this.#askedAgain(tx, tokenHash, publicKey) }
      const replaced = token.embedded ? await this.#renewEmbedded(tx, publicKey, request) : null
      const row = replaced ?? (await tx.insert(agents).values({
        id: newId(), name: await freeName(tx, token.name), embedded: token.embedded, publicKey, version: request.version, protocol: request.protocol, enrolledAt: now, committedSeq: 0
      }).returning())[0]!
      await recordAudit(tx, now, { ...systemWho, ip }, 'agent.enrol', { kind: 'agent', id: row.id }, { name: row.name, tokenBy: token.createdBy, version: request.version })
      const event = await appendWallEvent(tx, now, { kind: 'agent', agentId: row.id, name: row.name, status: 'offline' }, forEveryWall)
      return { row, events: [event], replaced: replaced !== null }
    })
    if ('again' in done) return done.again!
    if (done.replaced) this.deps.cut(done.row.id, 'The embedded agent was enrolled anew.')
    announce(done.events)
    return { agentId: done.row.id, name: done.row.name }
  }

  /** The answer was lost on the way: whoever holds the token and the very key that it made may have it again. */
  async #askedAgain (tx: Writer, tokenHash: string, publicKey: string): Promise<EnrolAnswer> {
    const { enrolmentTokens, agents } = tx.t
    const [token] = await tx.select().from(enrolmentTokens).where(eq(enrolmentTokens.tokenHash, tokenHash))
    const [row] = await tx.select().from(agents).where(and(eq(agents.publicKey, publicKey), isNull(agents.revokedAt)))
    if (!token?.usedAt || !row || row.enrolledAt < token.usedAt) throw refusedToken()
    return { agentId: row.id, name: row.name }
  }

  /** There is one embedded agent: when its folder was lost it gets a new key, and keeps its id and devices. */
  async #renewEmbedded (tx: Writer, publicKey: string, { version, protocol }: EnrolRequest) {
    const { agents } = tx.t
    const [row] = await tx.update(agents).set({ publicKey, version, protocol, enrolledAt: this.deps.clock.now() }).where(and(eq(agents.embedded, true), isNull(agents.revokedAt))).returning()
    return row ?? null
  }
}

/** `name`, or `name 2`, `name 3`... when it was taken since the token was made. */
async function freeName (tx: Writer, name: Token['name']) {
  const { agents } = tx.t
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name.slice(0, 110)} ${n}`
    const [taken] = await tx.select({ id: agents.id }).from(agents).where(eq(agents.name, candidate))
    if (!taken) return candidate
  }
}

/** In one spelling, so that equal keys are equal texts. */
function ed25519Pem (pem: string) {
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key.export({ type: 'spki', format: 'pem' }) as string
  } catch { /* said below */ }
  throw invalidField('/publicKey', 'bad_key', 'The public key must be an Ed25519 key in SPKI PEM.')
}
