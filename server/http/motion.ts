/** Motion detection of a camera that reports none. */
import Type from 'typebox'
import type { Motion } from '../cameras/motion.js'
import { Id } from '../contract/common.js'
import { CameraMotion, MotionLevels, MotionWrite } from '../contract/motion.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const config = { access: { permission: 'motion.write' } } as const
const tags = ['devices']

/** `app` carries the prefix /api/v1. */
export function motionRoutes (app: App, motion: Motion) {
  app.get('/devices/:id/motion', { config, schema: { tags, summary: 'Where and how sensitively motion is looked for', params: ById, response: { 200: CameraMotion } } },
    request => motion.get(actorOf(request), request.params.id))
  app.put('/devices/:id/motion', { config, schema: { tags, summary: 'Set it; the agent follows at once', params: ById, body: MotionWrite, response: { 200: CameraMotion } } },
    request => motion.set(actorOf(request), request.params.id, request.body))
  app.get('/devices/:id/motion/levels', { config, schema: { tags, summary: 'How much moved in the last seconds, for tuning', params: ById, response: { 200: MotionLevels } } },
    request => motion.levels(actorOf(request), request.params.id))
}
