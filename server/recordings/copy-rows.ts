/** Rows of an agent's index into ours. */
import { eq, sql } from 'drizzle-orm'
import type { Gap, Segment } from '../contract/recording.js'
import type { Writer } from '../store/store.js'
import type { IndexRow } from './index-page.js'

const ROWS_PER_INSERT = 100

function * slices<T> (rows: readonly T[]) { for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) yield rows.slice(i, i + ROWS_PER_INSERT) }
const ex = (name: string) => sql.raw(`excluded.${name}`)

export function byKind (rows: readonly IndexRow[]) {
  return { segments: rows.flatMap(r => r.kind === 'segment' ? [r.row] : []), gaps: rows.flatMap(r => r.kind === 'gap' ? [r.row] : []), volumes: rows.flatMap(r => r.kind === 'volume' ? [r.row] : []) }
}

/** A row of another agent with the same id is left alone: nobody writes over somebody else's footage. */
export async function writeSegments (tx: Writer, agentId: string, segments: readonly Segment[]) {
  const { segments: t } = tx.t
  for (const slice of slices(segments)) {
    await tx.insert(t).values(slice.map(({ wallMs, ...s }) => ({ ...s, agentId, endedAt: s.startedAt + wallMs }))).onConflictDoUpdate({
      target: t.id, setWhere: eq(t.agentId, agentId),
      set: { endedAt: ex('ended_at'), mediaMs: ex('media_ms'), frames: ex('frames'), keyFrames: ex('key_frames'), bytes: ex('bytes'), sha256: ex('sha256'), volumeId: ex('volume_id'), path: ex('path'), status: ex('status'), endReason: ex('end_reason'), detail: ex('detail') }
    })
  }
}

export async function writeGaps (tx: Writer, agentId: string, gaps: readonly Gap[]) {
  const { gaps: t } = tx.t
  for (const slice of slices(gaps)) {
    await tx.insert(t).values(slice.map(({ cause, detail, refill = null, ...g }) => ({ ...g, refill, agentId, seenCause: cause, seenDetail: detail, cause, detail }))).onConflictDoUpdate({
      target: t.id, setWhere: eq(t.agentId, agentId), set: { from: ex('from_at'), to: ex('to_at'), seenCause: ex('seen_cause'), seenDetail: ex('seen_detail'), refill: ex('refill') }
    })
  }
}
