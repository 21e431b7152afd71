/** Which devices the administration's list shows. Pure. */
import type { Device } from '../../../../server/contract/inventory.js'
import { matches } from '../../devices/filter.js'

export interface AdminFilter { q?: string, kind?: string, site?: string, group?: string, agent?: string, other?: string }

const attention: Record<string, (d: Device) => boolean> = {
  disabled: d => !d.enabled, noAgent: d => d.agentId === null, noSite: d => d.siteId === null,
  // A switch always needs a community or a user, a camera nearly always a password; a host seldom anything.
  noCredential: d => !d.hasCredential && d.kind !== 'host', badCredential: d => d.credentialProblem !== undefined
}

export function matchesAdmin (device: Device, { other, agent, ...common }: AdminFilter) {
  if (agent !== undefined && device.agentName !== agent) return false
  if (other !== undefined && attention[other]?.(device) === false) return false
  const { id, kind, name, siteName, groupId, groupName, address, enabled, state } = device
  return matches({ id, kind, name, siteName, groupId, groupName, address, enabled, state: state.state, since: state.since, reasonCode: null, causeDeviceId: null, codec: null }, common)
}
