import type { GapCause } from '../../server/contract/recording.js'

/** Why footage could not be given; `code` is a name that screens translate, `detail` is for a person and names no path. */
export class FootageFault extends Error {
  override name = 'FootageFault'
  constructor (readonly code: 'no_footage' | 'damaged' | 'missing' | 'volume_missing' | 'unreadable' | 'too_large' | 'busy' | 'transcoder_failed' | 'internal', readonly detail: string) { super(detail) }
}

/** How a gap that is made of unreadable footage is told. */
export const causeOf = (error: unknown): GapCause => {
  const { code } = faultOf(error)
  return code === 'missing' || code === 'damaged' || code === 'volume_missing' ? code : 'disk_failed'
}

/** What a disk's refusal means: gone, or not to be read now. */
export function faultOf (error: unknown): FootageFault {
  if (error instanceof FootageFault) return error
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === 'ENOENT' || code === 'ENOTDIR') return new FootageFault('missing', 'The file is gone from its volume')
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return new FootageFault('unreadable', `The file cannot be read (${code})`)
  if (error instanceof RangeError) return new FootageFault('damaged', 'The file is damaged: a box is shorter than it says')
  return new FootageFault('internal', error instanceof Error ? error.message.slice(0, 300) : 'unknown error')
}
