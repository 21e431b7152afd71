/** Between the collector and its poller process: validated on both sides, since a process can be half dead. */
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Id } from '../../server/contract/common.js'
import { PlanDevice } from '../../server/contract/agent-link.js'
import { Observation, type PortObservation as PortSchema } from '../../server/contract/health.js'

export type PortObservation = Static<typeof PortSchema>

export const ToPoller = Type.Union([
  /** What changed in the plan; secrets travel here and nowhere else. */
  Type.Object({ type: Type.Literal('plan'), upsert: Type.Array(PlanDevice, { maxItems: 20_000 }), remove: Type.Array(Id, { maxItems: 20_000 }) }),
  Type.Object({ type: Type.Literal('poll'), deviceId: Id })
])
export type ToPoller = Static<typeof ToPoller>

export const FromPoller = Type.Union([
  Type.Object({ type: Type.Literal('observation'), observation: Observation }),
  /** Names of the numbers that `samples` of this device will carry, until sent again. */
  Type.Object({ type: Type.Literal('series'), deviceId: Id, names: Type.Array(Type.String({ maxLength: 160 }), { maxItems: 20_000 }) }),
  /** NaN is a gap. */
  Type.Object({ type: Type.Literal('samples'), deviceId: Id, at: Type.Integer({ minimum: 0 }), values: Type.Unsafe<Float64Array>({}) }),
  /** Numbers that bring their names with them: they come seldom. */
  Type.Object({ type: Type.Literal('numbers'), deviceId: Id, at: Type.Integer({ minimum: 0 }), names: Type.Array(Type.String({ maxLength: 160 }), { maxItems: 20_000 }), values: Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: 20_000 }) }),
  Type.Object({ type: Type.Literal('alive') })
])
export type FromPoller = Static<typeof FromPoller>

const toPoller = Compile(ToPoller)
const fromPoller = Compile(FromPoller)
export const asToPoller = (message: unknown): ToPoller | null => toPoller.Check(message) ? message : null
export const asFromPoller = (message: unknown): FromPoller | null => fromPoller.Check(message) ? message : null
