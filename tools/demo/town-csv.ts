import type { TownPlan } from '../../fixtures/town/plan.js'

const columns = ['kind', 'name', 'site', 'group', 'address', 'agent', 'parent', 'parent_port', 'onvif_port', 'rtsp_port', 'main_path', 'sub_path', 'pull',
  'snmp_version', 'snmp_port', 'community', 'check', 'check_port', 'check_path', 'username', 'password'] as const
type Row = Partial<Record<(typeof columns)[number], string | number>>

const cell = (value: string | number | undefined) => value === undefined ? '' : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)

/** The town as the CSV file that an administrator would import. */
export function townCsv (plan: TownPlan, agents: { 1: string, 2: string }): string {
  const nameOf = new Map(plan.switches.map(s => [s.id, s.name]))
  const rows: Row[] = [
    ...plan.switches.map((s): Row => ({
      kind: 'switch', name: s.name, site: s.site, address: s.address, agent: agents[s.agent], parent: s.parent ? nameOf.get(s.parent) : '', parent_port: s.parentPort ?? '',
      snmp_version: '2c', snmp_port: s.snmpPort, community: s.community
    })),
    ...plan.cameras.map((c): Row => ({
      kind: 'camera', name: c.name, site: c.site, group: c.group, address: c.address, agent: agents[c.agent], parent: nameOf.get(c.switchId), parent_port: c.port,
      onvif_port: c.onvifPort ?? '', rtsp_port: c.rtspPort, main_path: '/main', sub_path: '/sub', pull: 'always', username: c.username, password: c.password
    })),
    ...plan.hosts.map((h): Row => ({
      kind: 'host', name: h.name, site: h.site, address: h.address, agent: agents[h.agent], parent: nameOf.get(h.parent), parent_port: h.parentPort,
      check: 'http', check_port: h.httpPort, check_path: '/'
    }))
  ]
  return [columns.join(','), ...rows.map(row => columns.map(column => cell(row[column])).join(','))].join('\n')
}
