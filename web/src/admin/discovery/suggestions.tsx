/** What was found and why it is taken for what: to be added, put aside, or brought back. */
import { Badge, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Agent } from '../../../../server/contract/agent-link.js'
import type { Finding, Suggestion } from '../../../../server/contract/inventory.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { Ago } from '../../ui/age.js'
import { EmptyPanel, Loaded } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { tellFault } from '../faults.js'
import { keys, suggestionsQuery } from '../queries.js'
import { nameOf } from './prefill.js'

const statuses = ['new', 'dismissed', 'added'] as const
/** Rows drawn at once; a thousand suggestions are looked through in steps. */
const STEP = 50

export function Suggestions ({ agents }: { agents: Agent[] }) {
  const { t } = useTranslation()
  const suggestions = useQuery(suggestionsQuery)
  const [status, setStatus] = useState<Suggestion['status']>('new')
  const [shown, setShown] = useState(STEP)
  return (
    <Loaded query={suggestions} rows={4}>
      {all => {
        const rows = all.filter(s => s.status === status)
        return (
          <Stack gap='md'>
            <SegmentedControl aria-label={t('discovery.suggestions')} value={status} onChange={v => { setStatus(v as Suggestion['status']); setShown(STEP) }}
              data={statuses.map(value => ({ value, label: `${t(`discovery.status.${value}`)} (${all.filter(s => s.status === value).length})` }))} style={{ alignSelf: 'flex-start', maxWidth: '100%' }} />
            {rows.length === 0 ? <EmptyPanel title={t('discovery.nothing')} /> : (
              <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>{rows.slice(0, shown).map(s => <SuggestionRow key={s.id} suggestion={s} agentName={agents.find(a => a.id === s.agentId)?.name ?? ''} />)}</ul>
            )}
            {rows.length > shown && <Button variant='default' onClick={() => setShown(shown + STEP)}>{t('action.more')}</Button>}
          </Stack>
        )
      }}
    </Loaded>
  )
}

function SuggestionRow ({ suggestion, agentName }: { suggestion: Suggestion, agentName: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayWrite = useMay('discovery.write')
  const { id, finding, status, deviceId } = suggestion
  const mark = useMutation({ mutationFn: (act: 'dismiss' | 'restore') => api.post(`/discovery/suggestions/${id}/${act}`), onError: tellFault, onSettled: () => client.invalidateQueries({ queryKey: keys.suggestions }) })
  return (
    <li className={styles.row} data-suggestion={finding.address}>
      <div className={styles.grow} style={{ flexBasis: 260 }}>
        <Group gap={8}><span className={styles.itemName}>{nameOf(finding)}</span><Badge variant='default' tt='none'>{t(`kind.${finding.kind}`)}</Badge></Group>
        <Text size='sm' className='quiet'><span className='numbers'>{finding.address}</span> · {agentName} · <Ago at={suggestion.lastSeenAt} /></Text>
        <Evidence finding={finding} />
      </div>
      {mayWrite && (
        <Group gap={6}>
          {status === 'new' && <Button size='xs' component={Link} to={`/admin/devices/new?suggestion=${id}`}>{t('action.add')}</Button>}
          {status === 'new' && <Button size='xs' variant='default' loading={mark.isPending} onClick={() => mark.mutate('dismiss')}>{t('discovery.dismiss')}</Button>}
          {status !== 'new' && deviceId === null && <Button size='xs' variant='default' loading={mark.isPending} onClick={() => mark.mutate('restore')}>{t('discovery.restore')}</Button>}
          {deviceId !== null && <Button size='xs' variant='default' component={Link} to={`/admin/devices/${deviceId}`}>{t('action.open')}</Button>}
        </Group>
      )}
    </li>
  )
}

function Evidence ({ finding: { onvif, rtspPort, snmp, httpPort, icmp } }: { finding: Finding }) {
  const { t } = useTranslation()
  const proofs = [
    onvif && `ONVIF :${onvif.port}${onvif.hardware ? ` ${onvif.hardware}` : ''}`, rtspPort && `RTSP :${rtspPort}`, snmp && `SNMP v${snmp.version} :${snmp.port}`, httpPort && `HTTP :${httpPort}`, icmp && 'ICMP'
  ].filter(p => typeof p === 'string')
  return (
    <>
      <div className={styles.chips} title={t('discovery.evidence')}>{proofs.map(p => <Badge key={p} variant='default' tt='none' fw={500}>{p}</Badge>)}</div>
      {snmp?.sysDescr && <Text size='xs' className='quiet two-lines' mt={4}>{snmp.sysDescr}</Text>}
    </>
  )
}
