/** Where a device stands and what it hangs on: site, camera group, agent, parent and its port. */
import { Autocomplete, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { groupsQuery, portsQuery, sitesQuery } from '../../queries.js'
import { useMay } from '../../session/me.js'
import { agentsQuery, everyDeviceQuery } from '../queries.js'
import styles from '../admin.module.css'
import type { FieldsProps } from './fields.js'

const byLabel = new Intl.Collator('uk', { numeric: true })
const choices = (rows: ReadonlyArray<{ id: string, name: string }> | undefined) =>
  (rows ?? []).map(({ id, name }) => ({ value: id, label: name })).sort((a, b) => byLabel.compare(a.label, b.label))

/** Agents that can be given devices. */
export function useAgentChoices () {
  const agents = useQuery({ ...agentsQuery, enabled: useMay('agent.read') })
  const { t } = useTranslation()
  return useMemo(() => (agents.data ?? []).filter(a => a.status !== 'revoked').map(a => ({ value: a.id, label: a.status === 'online' ? a.name : `${a.name} (${t('agents.status.offline')})` })), [agents.data, t])
}

export function PlacementFields ({ draft, change, faults, disabled, ownId }: FieldsProps & { ownId?: string }) {
  const { t } = useTranslation()
  const sites = useQuery(sitesQuery)
  const groups = useQuery(groupsQuery)
  const devices = useQuery(everyDeviceQuery)
  const agents = useAgentChoices()
  const ports = useQuery({ ...portsQuery(draft.parentId ?? ''), enabled: draft.parentId !== null })
  const parents = useMemo(() => (devices.data ?? []).filter(d => d.kind !== 'camera' && d.id !== ownId).map(d => ({ value: d.id, label: `${d.name} · ${d.address}` })).sort((a, b) => byLabel.compare(a.label, b.label)), [devices.data, ownId])
  const parent = devices.data?.find(d => d.id === draft.parentId)
  const shared = { clearable: true, allowDeselect: false, searchable: true, disabled, nothingFoundMessage: t('empty.filtered'), limit: 200 }
  return (
    <div className={styles.fields}>
      <Select {...shared} label={t('common.site')} placeholder={t('devices.noSite')} data={choices(sites.data)} value={draft.siteId} onChange={siteId => change({ siteId })} error={faults.siteId} />
      {draft.kind === 'camera' && <Select {...shared} label={t('common.group')} placeholder={t('devices.noGroup')} description={t('deviceForm.groupHint')} data={choices(groups.data)} value={draft.groupId} onChange={groupId => change({ groupId })} error={faults.groupId} inputWrapperOrder={['label', 'input', 'description', 'error']} />}
      <Select {...shared} label={t('kind.agent')} placeholder={t('deviceForm.noAgent')} description={t('deviceForm.agentHint')} data={agents} value={draft.agentId} onChange={agentId => change({ agentId })} error={faults.agentId} inputWrapperOrder={['label', 'input', 'description', 'error']} />
      <Select {...shared} label={t('deviceForm.parent')} placeholder={t('deviceForm.noParent')} description={t('deviceForm.parentHint')} data={parents} value={draft.parentId} onChange={parentId => change({ parentId, parentPort: '' })} error={faults.parentId} inputWrapperOrder={['label', 'input', 'description', 'error']} />
      {parent?.kind === 'switch' && <Autocomplete label={t('deviceForm.parentPort')} data={(ports.data ?? []).map(p => p.name).filter((name, i, all) => all.indexOf(name) === i)} value={draft.parentPort} onChange={parentPort => change({ parentPort })} error={faults.parentPort} disabled={disabled} maxLength={120} limit={200} />}
    </div>
  )
}
