/** What the screens of recording read and do. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Availability, Lock, RecordingPolicy, StoredPolicy, Volume } from '../../../../server/contract/recording.js'
import { api } from '../../api.js'

interface Page<T> { items: T[], next: string | null }

export const policiesQuery = queryOptions({ queryKey: ['recording', 'policies'], queryFn: ({ signal }) => api.get<StoredPolicy[]>('/recording/policies', {}, signal) })
export const volumesQuery = queryOptions({ queryKey: ['recording', 'volumes'], queryFn: ({ signal }) => api.get<Volume[]>('/recording/volumes', {}, signal), refetchInterval: 5000 })
export type LockState = 'held' | 'review' | 'released' | 'all'
export const locksQuery = (state: LockState, q: string) => infiniteQueryOptions({
  queryKey: ['locks', state, q], initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => api.get<Page<Lock>>('/locks', { state, q, cursor: pageParam, limit: 50 }, signal), getNextPageParam: page => page.next
})
export const availabilityQuery = (fromDay: string, toDay: string) => infiniteQueryOptions({
  queryKey: ['recording', 'availability', fromDay, toDay], initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => api.get<Page<Availability>>('/recording/availability', { fromDay, toDay, cursor: pageParam, limit: 100 }, signal), getNextPageParam: page => page.next
})

const pathOf = (scope: StoredPolicy['scope'], scopeId: string) => `/recording/policies/${scope}/${scopeId || '-'}`
export const putPolicy = (scope: StoredPolicy['scope'], scopeId: string, policy: RecordingPolicy) => api.put<StoredPolicy>(pathOf(scope, scopeId), policy)
export const removePolicy = (scope: StoredPolicy['scope'], scopeId: string) => api.delete(pathOf(scope, scopeId))
