/** What the administration reads over HTTP beyond the lists that the other screens share. */
import { queryOptions } from '@tanstack/react-query'
import type { Agent } from '../../../server/contract/agent-link.js'
import type { Device, DevicePage, DiscoveryRange, Suggestion } from '../../../server/contract/inventory.js'
import type { Session, Settings, User } from '../../../server/contract/people.js'
import { api } from '../api.js'

/** Rows in one request while every device is read, the most that the server gives. */
const PAGE = 500

export const keys = { devices: ['devices', 'all'], agents: ['agents'], users: ['users'], sessions: ['sessions', 'all'], ranges: ['discovery', 'ranges'], suggestions: ['discovery', 'suggestions'], settings: ['settings'] } as const

async function everyDevice (signal: AbortSignal): Promise<Device[]> {
  const all: Device[] = []
  let cursor: string | null = null
  do {
    const page: DevicePage = await api.get<DevicePage>('/devices', { limit: PAGE, sort: 'name', cursor }, signal)
    all.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return all
}
/** Every device with what only the administration needs: agent, parent, credential. States come live from the wall's feed. */
export const everyDeviceQuery = queryOptions({ queryKey: keys.devices, queryFn: ({ signal }) => everyDevice(signal), staleTime: 30_000 })
export const agentsQuery = queryOptions({ queryKey: keys.agents, queryFn: ({ signal }) => api.get<Agent[]>('/agents', {}, signal), refetchInterval: 5000 })
export const usersQuery = queryOptions({ queryKey: keys.users, queryFn: ({ signal }) => api.get<User[]>('/users', {}, signal) })
export const everySessionQuery = queryOptions({ queryKey: keys.sessions, queryFn: ({ signal }) => api.get<Session[]>('/sessions', { all: true }, signal) })
export const rangesQuery = queryOptions({ queryKey: keys.ranges, queryFn: ({ signal }) => api.get<DiscoveryRange[]>('/discovery/ranges', {}, signal) })
export const suggestionsQuery = queryOptions({ queryKey: keys.suggestions, queryFn: ({ signal }) => api.get<Suggestion[]>('/discovery/suggestions', {}, signal) })
export const settingsQuery = queryOptions({ queryKey: keys.settings, queryFn: ({ signal }) => api.get<Settings>('/settings', {}, signal) })
