/** What a mask hides of a camera that may turn. Pure; what is not known is hidden. */
import type { MaskRegion } from '../../contract/footage.js'
import type { PtzPosition } from '../../contract/ptz.js'

export interface Aim {
  /** Null: nobody could ask it yet. */
  turns: boolean | null
  /** Where it looks and stands; null: it moves, or did not tell. */
  position: PtzPosition | null
  /** When it was last asked with success. */
  at: number
}

export const WHOLE: MaskRegion[] = [[[0, 0], [1, 0], [1, 1], [0, 1]]]
/** Somebody may turn a camera past us; what it said longer ago does not count. */
export const AIM_FOR_MS = 5000
/** Of a range of 2: heads come back to a place a little beside it. The margin of a drawn mask is wider than this. */
const NEAR = 0.004

const near = (a: number | null, b: number | null) => a === b || (a !== null && b !== null && Math.abs(a - b) <= NEAR)
export const sameAim = (a: PtzPosition, b: PtzPosition) => near(a.pan, b.pan) && near(a.tilt, b.tilt) && near(a.zoom, b.zoom)
/** A head that tells neither where it turned nor how far it zoomed tells nothing. */
const tells = (p: PtzPosition) => p.pan !== null && p.tilt !== null

/** Of the picture of this moment. */
export function coverNow (regions: MaskRegion[], drawnAt: PtzPosition | null, aim: Aim, now: number): MaskRegion[] {
  if (regions.length === 0 || aim.turns === false) return regions
  const known = aim.turns && drawnAt && aim.position && tells(drawnAt) && now - aim.at <= AIM_FOR_MS && sameAim(drawnAt, aim.position)
  return known ? regions : WHOLE
}

/** Of what was recorded: where the head stood then is not known. */
export const coverRecorded = (regions: MaskRegion[], turns: boolean | null): MaskRegion[] => regions.length === 0 || turns === false ? regions : WHOLE
