import Compile from 'typebox/compile'
import Type from 'typebox'
import { Observation, SampleSet } from '../contract/health.js'
import { TimeMs } from '../contract/common.js'
import type { Batch } from './batch-queue.js'

const checkEnvelope = Compile(Type.Object({
  type: Type.Literal('batch'), seq: Type.Integer({ minimum: 1 }), sentAt: TimeMs,
  observations: Type.Array(Type.Unknown(), { maxItems: 5000 }), samples: Type.Array(Type.Unknown(), { maxItems: 5000 })
}))
const checkObservation = Compile(Observation)
const checkSamples = Compile(SampleSet)

/**
 * What can be used of a batch that breaks the contract. Refusing it whole would stop its agent for ever, since an agent
 * sends an unacknowledged batch again until it is taken. Null when it is no batch at all.
 */
export function salvageBatch (raw: unknown): { batch: Batch, lost: number } | null {
  if (!checkEnvelope.Check(raw)) return null
  const observations = raw.observations.filter((o): o is Observation => checkObservation.Check(o))
  const samples = raw.samples.filter((s): s is SampleSet => checkSamples.Check(s))
  return { batch: { type: 'batch', seq: raw.seq, sentAt: raw.sentAt, observations, samples }, lost: raw.observations.length + raw.samples.length - observations.length - samples.length }
}
