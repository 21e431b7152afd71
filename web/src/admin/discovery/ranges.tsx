import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Agent } from '../../../../server/contract/agent-link.js'
import type { DiscoveryRange, DiscoveryRangeWrite } from '../../../../server/contract/inventory.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { fullTime } from '../../time.js'
import { confirm, ErrorPanel, told } from '../../ui/feedback.js'
import { formFaults, tellFault } from '../faults.js'
import { useAgentChoices } from '../devices/placement-fields.js'
import { keys } from '../queries.js'
import styles from '../admin.module.css'

export function Ranges ({ ranges, agents }: { ranges: DiscoveryRange[], agents: Agent[] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayWrite = useMay('discovery.write')
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/discovery/ranges/${id}`), onError: tellFault, onSuccess: () => { told(t('discovery.rangeRemoved')); return client.invalidateQueries({ queryKey: keys.ranges }) } })
  const ask = (range: DiscoveryRange) => confirm({ title: t('discovery.removeRange'), text: t('discovery.removeRangeHint', { cidr: range.cidr }), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate(range.id) })
  return (
    <Stack gap='md'>
      {ranges.length === 0 && <Text size='sm' className='quiet'>{t('discovery.noRanges')}</Text>}
      {ranges.length > 0 && (
        <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>
          {ranges.map(r => (
            <li key={r.id} className={styles.row}>
              <b className='numbers'>{r.cidr}</b>
              <span>{agents.find(a => a.id === r.agentId)?.name ?? t('discovery.anyAgent')}</span>
              <span className={`${styles.grow} quiet`} title={`${r.createdBy}, ${fullTime(r.createdAt)}`}>{r.note}</span>
              {mayWrite && <Button size='xs' variant='subtle' color='gray' onClick={() => ask(r)} aria-label={`${t('action.delete')}: ${r.cidr}`}>{t('action.delete')}</Button>}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && <AddRange />}
    </Stack>
  )
}

function AddRange () {
  const { t } = useTranslation()
  const client = useQueryClient()
  const agents = useAgentChoices()
  const [form, setForm] = useState<Required<DiscoveryRangeWrite>>({ cidr: '', agentId: null, note: '' })
  const add = useMutation({
    mutationFn: (write: DiscoveryRangeWrite) => api.post<DiscoveryRange>('/discovery/ranges', write),
    onSuccess: () => { setForm({ cidr: '', agentId: form.agentId, note: '' }); return client.invalidateQueries({ queryKey: keys.ranges }) }
  })
  const { fields, other } = formFaults(add.error, ['cidr', 'agentId', 'note'])
  const submit = (event: FormEvent) => { event.preventDefault(); if (form.cidr.trim()) add.mutate({ ...form, cidr: form.cidr.trim() }) }
  return (
    <form onSubmit={submit}>
      <Group align='flex-start' gap='sm'>
        <TextInput label={t('discovery.cidr')} description={t('discovery.cidrHint')} placeholder='192.0.2.0/24' value={form.cidr} onChange={e => setForm({ ...form, cidr: e.currentTarget.value })} error={fields.cidr} maxLength={50} required spellCheck={false} inputWrapperOrder={['label', 'input', 'description', 'error']} style={{ flex: '1 1 190px' }} />
        <Select label={t('kind.agent')} placeholder={t('discovery.anyAgent')} data={agents} value={form.agentId} onChange={agentId => setForm({ ...form, agentId })} error={fields.agentId} clearable style={{ flex: '1 1 170px' }} />
        <TextInput label={t('common.note')} value={form.note} onChange={e => setForm({ ...form, note: e.currentTarget.value })} error={fields.note} maxLength={2000} style={{ flex: '1 1 170px' }} />
        <Button type='submit' variant='default' loading={add.isPending} mt={25}>{t('discovery.allow')}</Button>
      </Group>
      {other !== null && <ErrorPanel error={other} />}
    </form>
  )
}
