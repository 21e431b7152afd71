/** What goes, what moves, and who stops. Pure rules; who asks has left out what is locked. */
import type { RecordingPolicy } from '../../../server/contract/recording.js'

const DAY_MS = 86_400_000

export interface Footage { id: string, deviceId: string, startedAt: number, wallMs: number, bytes: number }
export type Keeping = Pick<RecordingPolicy, 'keepDays' | 'keepBytes' | 'archiveAfterDays' | 'priority'>
/** Of a camera that is in no plan any more: its footage stays by the widest rule until somebody decides, or space is short. */
export const forgotten: Keeping = { keepDays: null, keepBytes: null, archiveAfterDays: null, priority: 5 }

/** Ends of footage before this are too old; null keeps it. */
export const keepFrom = (k: Keeping, now: number) => k.keepDays === null ? null : now - k.keepDays * DAY_MS
export const archiveBefore = (k: Keeping, now: number) => k.archiveAfterDays === null ? null : now - k.archiveAfterDays * DAY_MS

/** The oldest of one camera that must go so that at most `keepBytes` stay. `used` counts what is locked as well. Oldest first in. */
export function overBytes (footage: readonly Footage[], used: number, keepBytes: number): Footage[] {
  const gone: Footage[] = []
  let left = used
  for (const f of footage) {
    if (left <= keepBytes) break
    gone.push(f)
    left -= f.bytes
  }
  return gone
}

/** What makes room for `bytes`: of the least important cameras first, and of those the oldest. */
export function forRoom (footage: readonly Footage[], priorityOf: (deviceId: string) => number, bytes: number): Footage[] {
  const gone: Footage[] = []
  let made = 0
  for (const f of [...footage].sort((a, b) => priorityOf(b.deviceId) - priorityOf(a.deviceId) || a.startedAt - b.startedAt)) {
    if (made >= bytes) break
    gone.push(f)
    made += f.bytes
  }
  return gone
}

export interface Space { freeBytes: number, totalBytes: number, floorBytes: number }
/** Above the floor by this much is where cleaning begins, so that the floor itself is not reached while it works. */
export const marginBytes = (s: Pick<Space, 'totalBytes'>) => Math.min(2 * 1024 ** 3, Math.floor(s.totalBytes * 0.02))
/** Bytes to make free now; 0 when there is room. Goes on to twice the margin, so that it need not begin again at once. */
export function roomWanted (s: Space): number {
  const margin = marginBytes(s)
  return s.freeBytes >= s.floorBytes + margin ? 0 : s.floorBytes + 2 * margin - s.freeBytes
}

/**
 * From which priority on recording rests (1 to 5; 6 nobody). Where every disk that is recorded to is short and nothing on it may be deleted, the
 * least important class stops, one class a step; where one has room again, well above where it stopped, one class a step comes back.
 */
export function restFrom (now: number, disks: readonly { space: Space, canDelete: boolean }[], recording: readonly number[]): number {
  // Of disks that cannot be seen nothing is known; their absence has an alarm of its own.
  if (disks.length === 0) return now
  const over = ({ space }: { space: Space }) => (space.freeBytes - space.floorBytes) / Math.max(1, marginBytes(space))
  if (disks.every(d => over(d) < 1 && !d.canDelete)) {
    const least = Math.max(0, ...recording.filter(p => p < now))
    return least === 0 ? now : least
  }
  return now > 5 || !disks.some(d => over(d) >= 1.5) ? now : now + 1
}
