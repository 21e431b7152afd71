/**
 * Is the picture that a camera sends one of the place that it watches? Pure: what is remembered, one look, and now. See docs/decisions/integrity.md.
 * What a passing lorry also does must be seen for longer than a lorry stands; anything else in two looks. Gone for two, it is over.
 */
import type { PictureFault } from '../../server/contract/health.js'
import { bestShift, BLOCKS, lightLikeness, likeness, lostShare, type Statistics, stillShare } from './statistics.js'

const limits = {
  blackLit: 0.015, blackMean: 32,
  whiteMean: 190, whiteShare: 0.45,
  /** Flat where there were edges. */
  coveredLost: 0.85, coveredContrast: 45,
  /** Less fine detail than the broad one explains; or nearly none of it under the old contrast. */
  blurredFine: 0.7, blurredSharpness: 0.85, blurredHard: 0.5, blurredContrast: 0.6,
  /** The old picture, found again so many blocks away and so much more alike there; or not found at all. */
  movedBlocks: 2, movedGain: 0.12, movedGainFromAfar: 0.3, movedLikeness: 0.5, searchBelow: 0.75,
  noiseGrain: 2, noiseOfReference: 2.5, noiseSharpness: 1.4,
  greySaturation: 0.5, colourfulSaturation: 2, sameLight: 0.35, lightMargin: 0.05,
  /** A living sensor's grain leaves two fifths of the cells unmoved at most; of a frozen one the encoder's rate control moves half. */
  frozenStill: 0.45,
  looksToRaise: 2, looksToRaiseFrozen: 4, looksToRaiseSlow: 6, looksToClear: 2,
  /** Looks without a fault until a picture becomes the reference of its time of day. */
  looksToLearn: 3,
  /** Share of a new good look in the reference: slow changes of season and light are followed. */
  learnShare: 0.02
} as const
/** What something that stops in front of the lens for a minute does too. */
const slow: readonly PictureFault[] = ['covered', 'blurred', 'moved']

export interface Reference { at: number, looks: number, fine: number, broad: number, contrast: number, grain: number, saturation: number, edges: number[], tones: number[] }
interface Suspicion { since: number, looks: number, on: boolean, calm: number }
export interface VisionMemory {
  /** By part of the day, and apart where infrared makes it grey: what a good picture is like then. */
  references: Record<string, Reference>
  /** Looks in a row that agree with each other while a reference is learned. */
  learning: Reference | null
  faults: Partial<Record<PictureFault, Suspicion>>
}
export const newVision = (): VisionMemory => ({ references: {}, learning: null, faults: {} })

/** Night, morning, day and evening by the clocks of the place: light falls differently, and infrared has no colour. */
export const partOfDay = (hour: number) => hour < 5 ? 'night' : hour < 9 ? 'morning' : hour < 16 ? 'day' : hour < 21 ? 'evening' : 'night'

const isGrey = (s: Pick<Statistics, 'saturation'>) => s.saturation < limits.greySaturation
/** The name under which such a look is learned. */
const nameOf = (part: string, s: Statistics) => isGrey(s) ? `${part}_grey` : part

const referenceOf = (s: Statistics, at: number): Reference => ({ at, looks: 1, fine: s.fine, broad: s.broad, contrast: s.contrast, grain: s.grain, saturation: s.saturation, edges: [...s.edges], tones: [...s.tones] })
const blend = (old: number, now: number) => old + (now - old) * limits.learnShare
const blended = (r: Reference, s: Statistics): Reference => ({
  ...r, looks: r.looks + 1, fine: blend(r.fine, s.fine), broad: blend(r.broad, s.broad), contrast: blend(r.contrast, s.contrast), grain: blend(r.grain, s.grain), saturation: blend(r.saturation, s.saturation),
  edges: r.edges.map((e, i) => blend(e, s.edges[i]!)), tones: r.tones.map((e, i) => blend(e, s.tones[i]!))
})

/** The good picture that this one is most like: dusk is between two of them, and each day's at another hour. */
function closest (references: readonly Reference[], s: Statistics): { reference: Reference, alike: number } | null {
  let best: { reference: Reference, alike: number } | null = null
  for (const reference of references) {
    const alike = likeness(reference.edges, s.edges)
    if (!best || alike > best.alike) best = { reference, alike }
  }
  return best
}

/** A grey picture under the light of a colourful one; infrared throws its own light. */
function lostColour (m: VisionMemory, s: Statistics, part: string): boolean {
  if (!isGrey(s) || part !== 'day') return false
  const best = (references: Reference[]) => Math.max(-1, ...references.map(r => lightLikeness(r.tones, s.tones)))
  const all = Object.values(m.references)
  const colourful = best(all.filter(r => r.saturation > limits.colourfulSaturation))
  return colourful > limits.sameLight && colourful > best(all.filter(isGrey)) + limits.lightMargin
}

function isMoved (reference: Reference, s: Statistics, alike: number, isOwn: boolean): boolean {
  if (alike > limits.searchBelow) return false
  const shift = bestShift(reference.edges, s.edges)
  const far = Math.max(Math.abs(shift.dx), Math.abs(shift.dy)) >= limits.movedBlocks
  if (far && shift.likeness - alike > (isOwn ? limits.movedGain : limits.movedGainFromAfar)) return true
  return isOwn && alike < limits.movedLikeness
}

/** What one look shows by itself. Where there is nothing to see (black, white, covered, blurred) nothing moves either: that is told alone. */
function faultsOf (m: VisionMemory, s: Statistics, before: Statistics | null, part: string): PictureFault[] {
  if (s.lit < limits.blackLit && s.mean < limits.blackMean) return ['black']
  if (s.mean > limits.whiteMean || s.white > limits.whiteShare) return ['overexposed']
  const found: PictureFault[] = []
  if (before && stillShare(s, before) > limits.frozenStill) found.push('frozen')
  const known = closest(Object.values(m.references), s)
  if (!known) return found
  const { reference, alike } = known
  /** Whether a picture of this hour and light is known; the first dusk is not held against a camera. */
  const isOwn = m.references[nameOf(part, s)] !== undefined || (isGrey(s) && m.references[part] !== undefined && part === 'day')
  const fine = s.fine / Math.max(0.2, reference.fine)
  const sharpness = fine / (s.broad / Math.max(0.2, reference.broad))
  if (s.grain > limits.noiseGrain && s.grain > reference.grain * limits.noiseOfReference && sharpness > limits.noiseSharpness) return [...found, 'noise']
  if (s.contrast < limits.coveredContrast && lostShare(reference.edges, s.edges) > limits.coveredLost) return ['covered']
  if (isOwn && fine < limits.blurredFine && sharpness < limits.blurredSharpness) return ['blurred']
  if (isOwn && fine < limits.blurredHard && s.contrast > reference.contrast * limits.blurredContrast) return ['blurred']
  if (isMoved(reference, s, alike, isOwn)) found.push('moved')
  if (lostColour(m, s, part)) found.push('colour_loss')
  return found
}

/** A new reference grows out of looks that agree; one that exists follows slowly. */
function learn (m: VisionMemory, s: Statistics, name: string, at: number): Pick<VisionMemory, 'references' | 'learning'> {
  const own = m.references[name]
  if (own) return { references: { ...m.references, [name]: blended(own, s) }, learning: null }
  const agrees = m.learning !== null && likeness(m.learning.edges, s.edges) > 0.7
  const learning = agrees ? blended(m.learning!, s) : referenceOf(s, at)
  return learning.looks >= limits.looksToLearn ? { references: { ...m.references, [name]: { ...learning, at } }, learning: null } : { references: m.references, learning }
}

function count (before: Suspicion | undefined, fault: PictureFault, others: VisionMemory['faults'], at: number): Suspicion {
  // A cloth in the wind looks covered now, blurred then.
  const alike = slow.includes(fault) ? slow.map(f => others[f]).filter(s => s !== undefined) : before ? [before] : []
  const looks = Math.max(0, ...alike.map(s => s.looks)) + 1
  const needed = slow.includes(fault) ? limits.looksToRaiseSlow : fault === 'frozen' ? limits.looksToRaiseFrozen : limits.looksToRaise
  return { since: Math.min(at, ...alike.map(s => s.since)), looks, on: before?.on || looks >= needed, calm: 0 }
}
function fade (before: Suspicion | undefined): Suspicion | undefined {
  if (!before?.on) return undefined
  const calm = before.calm + 1
  return calm >= limits.looksToClear ? undefined : { ...before, looks: 0, calm }
}

/** `suspicious`: something is seen that is not told yet, so look again soon. `learned`: the name of a reference that is new. */
export interface Look { memory: VisionMemory, faults: PictureFault[], changed: boolean, suspicious: boolean, learned: string | null }

/** `before` is the picture of the look before, null after a pause. */
export function look (m: VisionMemory, s: Statistics, before: Statistics | null, part: string, at: number): Look {
  const seen = faultsOf(m, s, before, part)
  const faults: VisionMemory['faults'] = {}
  for (const fault of new Set([...Object.keys(m.faults) as PictureFault[], ...seen])) {
    const next = seen.includes(fault) ? count(m.faults[fault], fault, m.faults, at) : fade(m.faults[fault])
    if (next) faults[fault] = next
  }
  const on = (all: VisionMemory['faults']) => (Object.keys(all) as PictureFault[]).filter(f => all[f]?.on).sort()
  const was = on(m.faults)
  const is = on(faults)
  const good = seen.length === 0 && Object.keys(faults).length === 0 && s.edges.length === BLOCKS
  const name = nameOf(part, s)
  const grown = good ? learn(m, s, name, at) : { references: m.references, learning: null }
  return {
    memory: { ...m, faults, ...grown }, faults: is, changed: was.join() !== is.join(), suspicious: seen.some(f => !faults[f]?.on),
    learned: grown.references[name] && !m.references[name] ? name : null
  }
}

/** The reference that is shown to a person: of this part of the day, else any. */
export const shownReference = (m: VisionMemory, part: string): string | null => [part, `${part}_grey`].find(name => m.references[name]) ?? Object.keys(m.references)[0] ?? null
