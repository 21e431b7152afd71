/**
 * Is the picture that a camera sends one of the place that it watches? Pure: what is remembered, one look, and now. See docs/decisions/integrity.md.
 * A fault must be seen in two looks to count and be gone for two to be over.
 */
import type { PictureFault } from '../../server/contract/health.js'
import { BLOCKS, difference, likeness, type Statistics } from './statistics.js'

export const limits = {
  blackP98: 45, blackMean: 28, blackDeviation: 9,
  whiteMean: 210, whiteMedian: 226,
  /** Of the reference's detail and contrast. */
  coveredDetail: 0.35, coveredDeviation: 12,
  blurredDetail: 0.5, blurredDeviation: 0.55,
  movedLikeness: 0.35,
  noiseGrain: 4, noiseOfReference: 3,
  greySaturation: 1.5, colourfulSaturation: 4,
  /** Grey levels; a living sensor's blocks never stand this still from one look to the next. */
  frozenMost: 0.06,
  looksToRaise: 2, looksToClear: 2,
  /** Looks without a fault until a picture becomes the reference of its time of day. */
  looksToLearn: 3,
  /** Share of a new good look in the reference: slow changes of season and light are followed. */
  learnShare: 0.02
} as const

export interface Reference { at: number, looks: number, detail: number, deviation: number, grain: number, saturation: number, edges: number[] }
export interface Suspicion { since: number, looks: number, on: boolean, calm: number }
export interface VisionMemory {
  /** By part of the day: what a good picture is like then. */
  references: Record<string, Reference>
  /** Looks in a row that agree with each other while a reference is learned. */
  learning: Reference | null
  faults: Partial<Record<PictureFault, Suspicion>>
}
export const newVision = (): VisionMemory => ({ references: {}, learning: null, faults: {} })

/** Night, morning, day and evening by the clocks of the place: light falls differently, and infrared has no colour. */
export const partOfDay = (hour: number) => hour < 5 ? 'night' : hour < 9 ? 'morning' : hour < 16 ? 'day' : hour < 21 ? 'evening' : 'night'

const referenceOf = (s: Statistics, at: number): Reference => ({ at, looks: 1, detail: s.detail, deviation: s.deviation, grain: s.grain, saturation: s.saturation, edges: [...s.edges] })
const blend = (old: number, now: number) => old + (now - old) * limits.learnShare
const blended = (r: Reference, s: Statistics): Reference => ({
  ...r, looks: r.looks + 1, detail: blend(r.detail, s.detail), deviation: blend(r.deviation, s.deviation), grain: blend(r.grain, s.grain), saturation: blend(r.saturation, s.saturation), edges: r.edges.map((e, i) => blend(e, s.edges[i]!))
})

/** That of this part of the day, else any: a view is the same by night. */
export const nearest = (m: VisionMemory, part: string): Reference | null => m.references[part] ?? Object.values(m.references)[0] ?? null

/** What one look shows by itself. Black also stands still and has no detail: it is told alone, and so is white. */
export function faultsOf (s: Statistics, before: Statistics | null, reference: Reference | null): PictureFault[] {
  if (s.p98 < limits.blackP98 && s.mean < limits.blackMean && s.deviation < limits.blackDeviation) return ['black']
  if (s.mean > limits.whiteMean && s.median > limits.whiteMedian) return ['overexposed']
  const found: PictureFault[] = []
  if (before && difference(s, before).most < limits.frozenMost) found.push('frozen')
  if (s.grain > limits.noiseGrain && s.grain > (reference?.grain ?? 1) * limits.noiseOfReference) return [...found, 'noise']
  if (!reference) return found
  const detail = s.detail / Math.max(0.5, reference.detail)
  if (s.deviation < limits.coveredDeviation && detail < limits.coveredDetail && reference.deviation > limits.coveredDeviation * 1.5) return [...found, 'covered']
  if (detail < limits.blurredDetail && s.deviation > reference.deviation * limits.blurredDeviation) return [...found, 'blurred']
  if (likeness(s.edges, Float32Array.from(reference.edges)) < limits.movedLikeness) found.push('moved')
  if (reference.saturation > limits.colourfulSaturation && s.saturation < limits.greySaturation) found.push('colour_loss')
  return found
}

/** A new reference grows out of looks that agree; one that exists follows slowly. */
function learn (m: VisionMemory, s: Statistics, part: string, at: number): Pick<VisionMemory, 'references' | 'learning'> {
  const own = m.references[part]
  if (own) return { references: { ...m.references, [part]: blended(own, s) }, learning: null }
  const agrees = m.learning !== null && likeness(s.edges, Float32Array.from(m.learning.edges)) > 0.7
  const learning = agrees ? blended(m.learning!, s) : referenceOf(s, at)
  return learning.looks >= limits.looksToLearn ? { references: { ...m.references, [part]: { ...learning, at } }, learning: null } : { references: m.references, learning }
}

function count (before: Suspicion | undefined, seen: boolean, at: number): Suspicion | undefined {
  if (seen) {
    const looks = (before?.looks ?? 0) + 1
    return { since: before?.since ?? at, looks, on: before?.on || looks >= limits.looksToRaise, calm: 0 }
  }
  if (!before?.on) return undefined
  const calm = before.calm + 1
  return calm >= limits.looksToClear ? undefined : { ...before, looks: 0, calm }
}

export interface Look { memory: VisionMemory, faults: PictureFault[], changed: boolean }

/** `before` is the picture of the look before, null after a pause. Colour by night is no fault's business. */
export function look (m: VisionMemory, s: Statistics, before: Statistics | null, part: string, at: number): Look {
  const reference = nearest(m, part)
  const seen = faultsOf(s, before, reference).filter(f => f !== 'colour_loss' || part === 'day' || m.references[part] !== undefined)
  const faults: VisionMemory['faults'] = {}
  for (const fault of new Set([...Object.keys(m.faults) as PictureFault[], ...seen])) {
    const next = count(m.faults[fault], seen.includes(fault), at)
    if (next) faults[fault] = next
  }
  const on = (all: VisionMemory['faults']) => (Object.keys(all) as PictureFault[]).filter(f => all[f]?.on).sort()
  const was = on(m.faults)
  const is = on(faults)
  const good = seen.length === 0 && Object.keys(faults).length === 0 && s.edges.length === BLOCKS
  return { memory: { ...m, faults, ...(good ? learn(m, s, part, at) : { references: m.references, learning: null }) }, faults: is, changed: was.join() !== is.join() }
}
