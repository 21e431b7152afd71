/** What the screens of compliance read. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { CameraCompliance, ComplianceCheck, CompliancePage, ComplianceSettings, ComplianceStatus, FirmwareList } from '../../../../server/contract/compliance.js'
import { api } from '../../api.js'

export interface ComplianceSearch { check?: ComplianceCheck, status?: ComplianceStatus, siteId?: string, groupId?: string, q?: string, sort?: string, descending?: boolean }

const PAGE = 200
const EVERY_MS = 20_000
/** Who has scrolled further reads on: to ask for all of it again and again would load the server for nothing. */
const REFRESHED_PAGES = 3

export const complianceQuery = (search: ComplianceSearch) => infiniteQueryOptions({
  queryKey: ['compliance', 'list', search], initialPageParam: '', placeholderData: keepPreviousData,
  queryFn: ({ pageParam, signal }) => api.get<CompliancePage>('/compliance', { ...search, limit: PAGE, cursor: pageParam }, signal),
  getNextPageParam: last => last.next ?? undefined,
  refetchInterval: query => (query.state.data?.pages.length ?? 0) <= REFRESHED_PAGES ? EVERY_MS : false
})
export const cameraComplianceQuery = (id: string) => queryOptions({ queryKey: ['compliance', 'camera', id], queryFn: ({ signal }) => api.get<CameraCompliance>(`/devices/${id}/compliance`, {}, signal), refetchInterval: EVERY_MS })
export const firmwareQuery = queryOptions({ queryKey: ['compliance', 'firmware'], queryFn: ({ signal }) => api.get<FirmwareList>('/compliance/firmware', {}, signal) })
export const complianceSettingsQuery = queryOptions({ queryKey: ['compliance', 'settings'], queryFn: ({ signal }) => api.get<ComplianceSettings>('/compliance/settings', {}, signal) })

/** Every id that the filter leaves; null when there are more than `most`. */
export async function idsOf (search: ComplianceSearch, most: number): Promise<string[] | null> {
  const page = await api.get<CompliancePage>('/compliance', { ...search, limit: most })
  return page.next === null ? page.items.map(i => i.id) : null
}
