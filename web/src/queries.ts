/** What the screens read over HTTP, with one cache key each. Live facts come from live.ts instead. */
import { keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query'
import type { Alarm, HistoryEntry, Port, SeriesAnswer } from '../../server/contract/health.js'
import type { Hardware } from '../../server/contract/hardware.js'
import type { Device, Site } from '../../server/contract/inventory.js'
import type { CameraGroup, Me, Session } from '../../server/contract/people.js'
import type { Layout } from '../../server/contract/wall.js'
import { ApiError, api, mayRetry, retryDelayMs } from './api.js'

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: mayRetry, retryDelay: retryDelayMs, staleTime: 15_000, refetchOnWindowFocus: false }, mutations: { retry: false } }
})

/** A list may come bare or as a page; screens that need every row ask with a high limit. */
type Listed<T> = T[] | { items: T[], next?: string | null }
const rows = <T>(answer: Listed<T>) => Array.isArray(answer) ? answer : answer.items

/** Null when nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ['me'], staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await api.get<Me>('/session', {}, signal)
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'unauthenticated') return null
      throw error
    }
  }
})
export const setupQuery = queryOptions({ queryKey: ['setup'], queryFn: ({ signal }) => api.get<{ needed: boolean }>('/setup', {}, signal) })
export const sessionsQuery = queryOptions({ queryKey: ['sessions'], queryFn: async ({ signal }) => rows(await api.get<Listed<Session>>('/sessions', {}, signal)) })
export const layoutsQuery = queryOptions({ queryKey: ['layouts'], queryFn: async ({ signal }) => rows(await api.get<Listed<Layout>>('/layouts', {}, signal)) })
export const sitesQuery = queryOptions({ queryKey: ['sites'], queryFn: async ({ signal }) => rows(await api.get<Listed<Site>>('/sites', {}, signal)) })
export const groupsQuery = queryOptions({ queryKey: ['camera-groups'], queryFn: async ({ signal }) => rows(await api.get<Listed<CameraGroup>>('/camera-groups', {}, signal)) })
export const deviceQuery = (id: string) => queryOptions({ queryKey: ['devices', id], queryFn: ({ signal }) => api.get<Device>(`/devices/${id}`, {}, signal), refetchInterval: 10_000 })
export const historyQuery = (id: string) => queryOptions({ queryKey: ['devices', id, 'history'], queryFn: async ({ signal }) => rows(await api.get<Listed<HistoryEntry>>(`/devices/${id}/history`, {}, signal)) })
export const portsQuery = (id: string) => queryOptions({ queryKey: ['devices', id, 'ports'], queryFn: async ({ signal }) => rows(await api.get<Listed<Port>>(`/devices/${id}/ports`, {}, signal)), refetchInterval: 15_000 })
export const hardwareQuery = (id: string) => queryOptions({ queryKey: ['devices', id, 'hardware'], queryFn: ({ signal }) => api.get<Hardware>(`/devices/${id}/hardware`, {}, signal), refetchInterval: 30_000 })

/** Points a plot draws at most. */
const POINTS = 300
export const seriesQuery = (id: string, names: string[], spanMs: number) => queryOptions({
  queryKey: ['devices', id, 'series', names.join(','), spanMs], refetchInterval: 15_000, enabled: names.length > 0, placeholderData: keepPreviousData,
  queryFn: ({ signal }) => {
    const to = Date.now()
    return api.get<SeriesAnswer>(`/devices/${id}/series`, { names: names.join(','), from: to - spanMs, to, points: POINTS }, signal)
  }
})
export interface AlarmQuery { status?: 'open' | 'cleared' | 'all', deviceId?: string, from?: number, to?: number, severity?: string, cursor?: string, limit?: number }
export const fetchAlarms = (query: AlarmQuery, signal?: AbortSignal) => api.get<{ items: Alarm[], next: string | null }>('/alarms', { ...query }, signal)
