/** What the network screens read over HTTP. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { OtdrCurve, OtdrTrace, OtdrTraceRow } from '../../../server/contract/otdr.js'
import type { Cable, CableRow, Joint, PlantMap, PlantNode, StrandTrace } from '../../../server/contract/plant.js'
import { api } from '../api.js'

export const cablesQuery = queryOptions({ queryKey: ['plant', 'cables'], queryFn: ({ signal }) => api.get<CableRow[]>('/plant/cables', {}, signal) })
export const nodesQuery = queryOptions({ queryKey: ['plant', 'nodes'], queryFn: ({ signal }) => api.get<PlantNode[]>('/plant/nodes', {}, signal) })
export const jointsAtQuery = (nodeId: string) => queryOptions({ queryKey: ['plant', 'joints', nodeId], queryFn: ({ signal }) => api.get<Joint[]>(`/plant/nodes/${nodeId}/joints`, {}, signal) })
export const mapQuery = queryOptions({ queryKey: ['plant', 'map'], queryFn: ({ signal }) => api.get<PlantMap>('/plant/map', {}, signal) })
export const cableQuery = (id: string) => queryOptions({ queryKey: ['plant', 'cable', id], queryFn: ({ signal }) => api.get<Cable>(`/plant/cables/${id}`, {}, signal) })
export const strandQuery = (id: string, strand: number) => queryOptions({ queryKey: ['plant', 'strand', id, strand], placeholderData: keepPreviousData, queryFn: ({ signal }) => api.get<StrandTrace>(`/plant/cables/${id}/strands/${strand}/trace`, {}, signal) })

interface TracePage { items: OtdrTraceRow[], next: string | null }
export const tracesQuery = (filter: { cableId?: string, strand?: number }) => infiniteQueryOptions({
  queryKey: ['otdr', 'list', filter], initialPageParam: null as string | null, getNextPageParam: (last: TracePage) => last.next,
  queryFn: ({ signal, pageParam }) => api.get<TracePage>('/otdr/traces', { ...filter, cursor: pageParam, limit: 100 }, signal)
})
export const traceQuery = (id: string) => queryOptions({ queryKey: ['otdr', 'trace', id], queryFn: ({ signal }) => api.get<OtdrTrace>(`/otdr/traces/${id}`, {}, signal) })
/** The part of a curve that is looked at; the whole of it without a range. */
export const curveQuery = (id: string, range: { fromM: number, toM: number } | null) => queryOptions({
  queryKey: ['otdr', 'curve', id, range?.fromM, range?.toM], staleTime: Infinity, placeholderData: keepPreviousData,
  queryFn: ({ signal }) => api.get<OtdrCurve>(`/otdr/traces/${id}/curve`, { ...range, points: 4000 }, signal)
})
