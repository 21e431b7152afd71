/** Which colour a strand and its tube have. Pure. */
import type { Strand } from '../../contract/plant.js'

const sequences = {
  /** TIA-598 (also EN 50174-1). */
  tia: ['blue', 'orange', 'green', 'brown', 'grey', 'white', 'red', 'black', 'yellow', 'violet', 'pink', 'turquoise'],
  /** IEC 60304 as DIN EN 60794-1-1 lists it. */
  iec: ['red', 'green', 'blue', 'yellow', 'white', 'grey', 'brown', 'violet', 'turquoise', 'black', 'orange', 'pink']
} as const

/** The thirteenth begins the sequence again, with a stripe. */
const nth = (code: keyof typeof sequences, index: number) => ({ name: sequences[code][index % 12]!, striped: Math.floor(index / 12) % 2 === 1 })

/** `number` counts from 1 through the whole cable. */
export function coloursOf (code: keyof typeof sequences, number: number, strandsPerTube: number): Strand['colours'] {
  const tube = Math.floor((number - 1) / strandsPerTube)
  const strand = nth(code, (number - 1) % strandsPerTube)
  const ofTube = nth(code, tube)
  return { strand: strand.name, striped: strand.striped, tube: ofTube.name, tubeNumber: tube + 1, tubeStriped: ofTube.striped }
}
