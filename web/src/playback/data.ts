/** What the playback page reads and writes over HTTP. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Bookmark, BookmarkWrite, Clip, ClipCreate, Lock, LockCreate, Timeline, TimelineRow } from '../../../server/contract/recording.js'
import { api, getBlob } from '../api.js'
import { DAY_MS } from './timeline/view.js'

export interface Window { from: number, to: number, points: number }
/** A window that ends before now changes little; one that holds now grows. */
const GROWING_MS = 5000
const SETTLED_MS = 60_000

const fetchTimeline = (deviceIds: readonly string[], { from, to, points }: Window, signal?: AbortSignal) =>
  api.get<Timeline>('/timeline', { deviceIds: deviceIds.join(','), from, to, points }, signal)

/** Filled from a camera's card just now, or about to be. */
const isBeingFilled = (timeline: Timeline | undefined) => timeline?.rows.some(r => r.gaps.some(g => g.refill?.status === 'running' || (g.refill?.status === 'waiting' && g.refill.reason === null))) ?? false

export const timelineQuery = (deviceIds: readonly string[], window: Window, now: number) => queryOptions({
  queryKey: ['timeline', deviceIds.join(','), window.from, window.to, window.points],
  queryFn: ({ signal }) => fetchTimeline(deviceIds, window, signal), enabled: deviceIds.length > 0, placeholderData: keepPreviousData, gcTime: 120_000,
  staleTime: window.to > now - SETTLED_MS ? GROWING_MS : SETTLED_MS, refetchInterval: ({ state }) => window.to > now - SETTLED_MS || isBeingFilled(state.data) ? GROWING_MS : false
})

/** Rows beyond what is loaded, a day and then a month on from `at`. */
export const SEARCH_SPANS_MS = [DAY_MS, 31 * DAY_MS]
export async function rowsBeyond (deviceIds: readonly string[], at: number, direction: 1 | -1, spanMs: number): Promise<TimelineRow[]> {
  const window = direction > 0 ? { from: at, to: at + spanMs } : { from: Math.max(0, at - spanMs), to: at }
  return (await fetchTimeline(deviceIds, { from: Math.floor(window.from), to: Math.ceil(window.to), points: 5000 })).rows
}

export const askRefill = (gapId: string) => api.post(`/recording/gaps/${gapId}/refill`)

export const fetchStill = (deviceId: string, at: number, signal: AbortSignal) => getBlob(`/devices/${deviceId}/still`, { query: { at: Math.round(at), width: 320 }, signal, timeoutMs: 10_000 })

interface Page<T> { items: T[], next: string | null }
export const bookmarksQuery = (q: string) => queryOptions({
  queryKey: ['bookmarks', q], placeholderData: keepPreviousData,
  queryFn: async ({ signal }) => (await api.get<Page<Bookmark>>('/bookmarks', { q, limit: 100 }, signal)).items
})
export const createBookmark = (body: BookmarkWrite) => api.post<Bookmark>('/bookmarks', body)
export const changeBookmark = (id: string, body: BookmarkWrite) => api.put<Bookmark>(`/bookmarks/${id}`, body)
export const deleteBookmark = (id: string) => api.delete(`/bookmarks/${id}`)

export const clipsQuery = queryOptions({
  queryKey: ['clips'], queryFn: async ({ signal }) => (await api.get<Page<Clip>>('/clips', { limit: 50 }, signal)).items,
  refetchInterval: ({ state }) => state.data?.some(c => c.status === 'running') ? 1000 : 30_000
})
export const createClip = (body: ClipCreate) => api.post<Clip>('/clips', body)
export const cancelClip = (id: string) => api.post(`/clips/${id}/cancel`)
export const clipFileUrl = (id: string) => `/api/v1/clips/${id}/file`

export const createLock = (body: LockCreate) => api.post<Lock[]>('/locks', body)
