/** The programs beside the devices: how each is, and new ones by a one-time token. */
import { Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Agent, EnrolmentToken } from '../../../server/contract/agent-link.js'
import { api } from '../api.js'
import { useMay } from '../session/me.js'
import { fullTime, spanText } from '../time.js'
import { Ago } from '../ui/age.js'
import { confirm, EmptyPanel, ErrorPanel, Loaded, PageHead, told } from '../ui/feedback.js'
import { StateMark } from '../ui/marks.js'
import styles from './admin.module.css'
import { formFaults, tellFault } from './faults.js'
import { OnceDialog } from './once.js'
import { agentsQuery, keys } from './queries.js'
import { bytesText } from './sizes.js'
import { decimals } from '../ui/numbers.js'

/** A clock this far off makes times of events doubtful, ms. */
const CLOCK_WARNING_MS = 2000

export function AgentsPage () {
  const { t } = useTranslation()
  const agents = useQuery(agentsQuery)
  const mayWrite = useMay('agent.write')
  const [naming, setNaming] = useState<Agent | 'new' | null>(null)
  const [token, setToken] = useState<EnrolmentToken | null>(null)
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.agents')}>{mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={() => setNaming('new')}>{t('agents.add')}</Button>}</PageHead>
      <Loaded query={agents} rows={4}>
        {list => list.length === 0 ? <EmptyPanel title={t('agents.none')} hint={t('agents.noneHint')} /> : (
          <ul className={styles.list}>{[...list].sort((a, b) => Number(a.status === 'revoked') - Number(b.status === 'revoked')).map(a => <AgentItem key={a.id} agent={a} mayWrite={mayWrite} onRename={() => setNaming(a)} />)}</ul>
        )}
      </Loaded>
      {naming && <NameDialog agent={naming === 'new' ? null : naming} onClose={() => setNaming(null)} onToken={made => { setNaming(null); setToken(made) }} />}
      {token && <OnceDialog title={t('agents.tokenTitle')} hint={t('agents.tokenHint')} expiresAt={token.expiresAt} blocks={[{ label: t('agents.command'), text: token.command }, { label: t('agents.token'), text: token.token }]} onClose={() => setToken(null)} />}
    </div>
  )
}

function AgentItem ({ agent: a, mayWrite, onRename }: { agent: Agent, mayWrite: boolean, onRename: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const revoke = useMutation({ mutationFn: () => api.post(`/agents/${a.id}/revoke`), onError: tellFault, onSuccess: () => { told(t('agents.revoked', { name: a.name })); return client.invalidateQueries({ queryKey: keys.agents }) } })
  const ask = () => confirm({ title: t('agents.revoke'), text: t('agents.revokeHint', { name: a.name, count: a.deviceCount }), action: t('agents.revoke'), danger: true, onConfirm: () => revoke.mutate() })
  return (
    <li className={styles.item} data-agent={a.name}>
      <div className={styles.itemHead}>
        <StateMark state={a.status === 'online' ? 'up' : a.status === 'revoked' ? 'disabled' : 'down'} />
        <span className={styles.itemName}>{a.name}</span>
        <span className='quiet'>{t(`agents.status.${a.status}`)}{a.status !== 'online' && a.lastSeenAt !== null && <> · <Ago at={a.lastSeenAt} /></>}</span>
        {a.embedded && <Badge variant='default' tt='none'>{t('agents.embedded')}</Badge>}
        <span className={styles.grow} />
        {mayWrite && a.status !== 'revoked' && (
          <Group gap={6}>
            <Button size='xs' variant='default' onClick={onRename}>{t('action.rename')}</Button>
            {!a.embedded && <Button size='xs' variant='outline' color='red.6' loading={revoke.isPending} onClick={ask}>{t('agents.revoke')}</Button>}
          </Group>
        )}
      </div>
      <AgentFacts agent={a} />
    </li>
  )
}

function AgentFacts ({ agent: a }: { agent: Agent }) {
  const { t } = useTranslation()
  const unknown = <span className='quiet'>—</span>
  const stopped = a.processes.filter(p => !p.alive)
  return (
    <dl className={styles.facts}>
      <div><dt>{t('devices.title')}</dt><dd>{a.deviceCount > 0 ? <Link to='/admin/devices' style={{ color: 'inherit' }} className='numbers'>{a.deviceCount}</Link> : a.deviceCount}</dd></div>
      <div><dt>{t('agents.version')}</dt><dd>{a.version || '—'} · {t('agents.protocol', { number: a.protocol })}</dd></div>
      <div><dt>{t('common.address')}</dt><dd className='numbers'>{a.address ?? unknown}</dd></div>
      <div><dt>{t('agents.clock')}</dt><dd><ClockOffset offsetMs={a.clockOffsetMs} /></dd></div>
      <div><dt>{t('agents.spool')}</dt><dd>{a.spoolBatches === null ? unknown : <>{t('agents.batches', { count: a.spoolBatches })} · {bytesText(t, a.spoolBytes ?? 0)}</>}</dd></div>
      <div><dt>{t('agents.dropped')}</dt><dd>{a.droppedSampleSets === null ? unknown : <Warned when={a.droppedSampleSets > 0}>{a.droppedSampleSets}</Warned>}</dd></div>
      <div><dt>{t('agents.memory')}</dt><dd className='numbers'>{a.rssBytes === null ? unknown : bytesText(t, a.rssBytes)}</dd></div>
      <div><dt>{t('agents.cpu')}</dt><dd className='numbers'>{a.cpuPercent === null ? unknown : `${decimals(a.cpuPercent, 1)} %`}</dd></div>
      <div style={{ gridColumn: '1 / -1' }}>
        <dt>{t('agents.processes')}</dt>
        <dd className={styles.chips}>{a.processes.length === 0 ? unknown : a.processes.map(p => <Badge key={p.name} variant={p.alive ? 'default' : 'outline'} color='red.6' tt='none' fw={500}>{p.name}: {t(p.alive ? 'agents.alive' : 'agents.dead')}{p.restarts > 0 && ` · ${t('agents.restarts', { count: p.restarts })}`}</Badge>)}</dd>
        {a.status === 'online' && stopped.length > 0 && <Text size='sm' className={styles.fault}>{t('agents.processDead')}</Text>}
      </div>
      <div style={{ gridColumn: '1 / -1' }} className='quiet'>{a.revokedAt === null ? t('agents.enrolled', { time: fullTime(a.enrolledAt) }) : t('agents.revokedAt', { time: fullTime(a.revokedAt) })}</div>
    </dl>
  )
}

function Warned ({ when, children }: { when: boolean, children: React.ReactNode }) {
  return when ? <span style={{ color: 'var(--minor)', display: 'inline-flex', gap: 5, alignItems: 'center' }}><IconAlertTriangle size={15} aria-hidden />{children}</span> : <span className='numbers'>{children}</span>
}
function ClockOffset ({ offsetMs }: { offsetMs: number | null }) {
  const { t } = useTranslation()
  if (offsetMs === null) return <span className='quiet'>—</span>
  const size = Math.abs(offsetMs)
  if (size < CLOCK_WARNING_MS) return <span className='numbers'>{t('unit.ms', { value: Math.round(offsetMs) })}</span>
  return <Warned when>{t(offsetMs > 0 ? 'agents.clockAhead' : 'agents.clockBehind', { span: spanText(size) })}</Warned>
}

function NameDialog ({ agent, onClose, onToken }: { agent: Agent | null, onClose: () => void, onToken: (token: EnrolmentToken) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [name, setName] = useState(agent?.name ?? '')
  const save = useMutation({
    mutationFn: async (wanted: string) => {
      if (!agent) return onToken(await api.post<EnrolmentToken>('/agents/tokens', { name: wanted }))
      await api.patch(`/agents/${agent.id}`, { name: wanted })
      await client.invalidateQueries({ queryKey: keys.agents })
      onClose()
    }
  })
  const { fields, other } = formFaults(save.error, ['name'])
  const submit = (event: FormEvent) => { event.preventDefault(); if (name.trim()) save.mutate(name.trim()) }
  return (
    <Modal opened onClose={onClose} title={agent ? t('agents.rename') : t('agents.add')}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          {!agent && <Text size='sm' className='quiet'>{t('agents.addHint')}</Text>}
          <TextInput data-autofocus label={t('common.name')} value={name} onChange={e => setName(e.currentTarget.value)} error={fields.name} required maxLength={120} />
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{agent ? t('action.save') : t('agents.makeToken')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
