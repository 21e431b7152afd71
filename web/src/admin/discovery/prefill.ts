/** A device form filled with what an agent saw at an address. Pure. */
import type { Finding, Suggestion } from '../../../../server/contract/inventory.js'
import { type DeviceDraft, emptyDraft } from '../devices/draft.js'

export function draftOfSuggestion ({ finding, agentId }: Pick<Suggestion, 'finding' | 'agentId'>): DeviceDraft {
  const { kind, address, onvif, rtspPort, snmp, httpPort } = finding
  const draft: DeviceDraft = { ...emptyDraft(kind), name: nameOf(finding), address, agentId }
  if (kind === 'camera') return { ...draft, onvif: onvif !== null, onvifPort: onvif?.port ?? 80, rtspPort: rtspPort ?? 554 }
  if (kind === 'switch') return { ...draft, snmpVersion: snmp?.version ?? '2c', snmpPort: snmp?.port ?? 161, bulk: snmp?.version !== '1' }
  return httpPort === null ? draft : { ...draft, check: 'http', checkPort: httpPort, checkTls: httpPort === 443 }
}

/** What the device calls itself; cameras send names percent-encoded in their scopes. */
export function nameOf ({ onvif, snmp, address }: Finding): string {
  const own = onvif?.name || onvif?.hardware || snmp?.sysName || ''
  return (decoded(own).trim() || address).slice(0, 120)
}
function decoded (text: string) {
  try { return decodeURIComponent(text.replaceAll('+', ' ')) } catch { return text }
}
