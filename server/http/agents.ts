/** Agents: list, rename, revoke, enrolment. */
import Type from 'typebox'
import type { Enrolment } from '../agents/enrolment.js'
import type { AgentRegistry } from '../agents/registry.js'
import { Agent, EnrolAnswer, EnrolmentToken, EnrolRequest } from '../contract/agent-link.js'
import { Id, Name } from '../contract/common.js'
import { actorOf, type App, guessable } from './route.js'

const ById = Type.Object({ id: Id })
const Named = Type.Object({ name: Name }, { additionalProperties: false })

/** `app` carries the prefix /api/v1. */
export function agentRoutes (app: App, { registry, enrolment }: { registry: AgentRegistry, enrolment: Enrolment }) {
  app.get('/agents', {
    config: { access: { permission: 'agent.read' } },
    schema: { tags: ['agents'], summary: 'Agents and how they are', response: { 200: Type.Array(Agent) } }
  }, request => registry.list(actorOf(request)))

  app.patch('/agents/:id', {
    config: { access: { permission: 'agent.write' } },
    schema: { tags: ['agents'], summary: 'Rename an agent', params: ById, body: Named, response: { 200: Agent } }
  }, request => registry.rename(actorOf(request), request.params.id, request.body.name))

  app.post('/agents/:id/revoke', {
    config: { access: { permission: 'agent.write' } },
    schema: { tags: ['agents'], summary: 'Revoke an agent for ever; its connections are cut at once', params: ById, response: { 200: Agent } }
  }, request => registry.revoke(actorOf(request), request.params.id))

  app.post('/agents/tokens', {
    config: { access: { permission: 'agent.write' } },
    schema: { tags: ['agents'], summary: 'Make a one-time token for a new agent; shown once, good for 24 hours', body: Named, response: { 201: EnrolmentToken } }
  }, async (request, reply) => reply.code(201).send(await registry.createToken(actorOf(request), request.body.name)))

  app.post('/agents/enrol', {
    config: { access: 'agent', ...guessable },
    bodyLimit: 16 * 1024,
    schema: { tags: ['agents'], summary: 'For an agent: turn a one-time token into an identity', body: EnrolRequest, response: { 200: EnrolAnswer } }
  }, request => enrolment.enrol(request.body, request.ip))
}
