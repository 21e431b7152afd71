/** What a good picture of a camera is like, and the last that was not good; a technician lets it be learned anew. */
import Type from 'typebox'
import type { AgentCommands } from '../agents/commands.js'
import type { Clock } from '../../lib/clock.js'
import { VisionPictures } from '../contract/agent-link.js'
import { Id } from '../contract/common.js'
import { type Actor, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const ASK_MS = 10_000
interface Camera { name: string, groupId: string | null, agentId: string | null, enabled: boolean }
export interface IntegrityDeps { store: Store, clock: Clock, commands: AgentCommands, camera: (id: string) => Promise<Camera | null> }

export function integrityRoutes (app: App, { store, clock, commands, camera }: IntegrityDeps) {
  const tags = ['video']
  async function watched (actor: Actor, id: string): Promise<Camera & { agentId: string }> {
    const found = await camera(id)
    if (!found || !seesCamera(actor, found.groupId)) throw notFound('camera')
    if (!found.enabled) throw new ServiceProblem('gone', 'camera_disabled', 'The camera is disabled.')
    if (!found.agentId) throw new ServiceProblem('unavailable', 'no_agent', 'No agent looks after this camera.')
    return { ...found, agentId: found.agentId }
  }

  app.get('/devices/:id/integrity', {
    config: { access: { permission: 'video.live' } }, schema: { tags, summary: 'The reference picture of this part of the day, and the picture of the last fault (JPEG, base64)', params: ById, response: { 200: VisionPictures } }
  }, async request => {
    const actor = actorOf(request)
    const { id } = request.params
    const { agentId, name } = await watched(actor, id)
    const pictures = await commands.run<'vision_pictures'>(agentId, { name: 'vision_pictures', deviceId: id }, { timeoutMs: ASK_MS })
    await store.transaction(tx => recordAudit(tx, clock.now(), actor, 'video.integrity_pictures', { kind: 'device', id }, { name, reference: pictures.reference?.at ?? null, event: pictures.event?.at ?? null }))
    return pictures
  })

  app.post('/devices/:id/integrity/reset', {
    config: { access: { permission: 'integrity.reset' } }, schema: { tags, summary: 'The camera watches something else on purpose: learn its picture anew', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const actor = actorOf(request)
    const { id } = request.params
    const { agentId, name } = await watched(actor, id)
    await commands.run<'vision_reset'>(agentId, { name: 'vision_reset', deviceId: id }, { timeoutMs: ASK_MS })
    await store.transaction(tx => recordAudit(tx, clock.now(), actor, 'integrity.reset', { kind: 'device', id }, { name }))
    return reply.code(204).send(null)
  })
}
