/** One search at a time: which range, how fast, which communities; then how far it is. */
import { Button, Collapse, Group, NumberInput, Progress, Select, Stack, TagsInput, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { IconRadar2 } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Agent, DiscoveryProgress } from '../../../../server/contract/agent-link.js'
import type { DiscoveryRange, DiscoveryRunStart } from '../../../../server/contract/inventory.js'
import { useMay } from '../../session/me.js'
import { ErrorPanel } from '../../ui/feedback.js'
import { useAgentChoices } from '../devices/placement-fields.js'
import { formFaults, faultText } from '../faults.js'
import { keys } from '../queries.js'
import { useTask } from '../use-task.js'

type PortName = 'onvif' | 'rtsp' | 'snmp' | 'http'
const portNames: PortName[] = ['onvif', 'rtsp', 'snmp', 'http']
const toPorts = (tags: string[]) => tags.map(Number).filter(n => Number.isInteger(n) && n >= 1 && n <= 65_535)

export function SearchPanel ({ ranges, agents }: { ranges: DiscoveryRange[], agents: Agent[] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayRun = useMay('discovery.write')
  const agentChoices = useAgentChoices()
  const usable = agents.filter(a => a.status !== 'revoked')
  const [rangeId, setRangeId] = useState<string | null>(ranges.length === 1 ? ranges[0]!.id : null)
  const [ownAgent, setOwnAgent] = useState<string | null>(usable.length === 1 ? usable[0]!.id : null)
  const [speed, setSpeed] = useState<number | string>(50)
  const [communities, setCommunities] = useState<string[]>([])
  const [ports, setPorts] = useState<Record<PortName, string[]>>({ onvif: [], rtsp: [], snmp: [], http: [] })
  const [more, setMore] = useState(false)
  const { task, error, isRunning, start, cancel } = useTask<DiscoveryProgress, { findings: unknown[] }>()
  const ended = task !== null && task.status !== 'running'
  useEffect(() => { if (ended) void client.invalidateQueries({ queryKey: keys.suggestions }) }, [ended, client])
  const range = ranges.find(r => r.id === rangeId)
  const needsAgent = range !== undefined && range.agentId === null
  const run = () => {
    if (!range) return
    const own = Object.fromEntries(portNames.map(name => [name, toPorts(ports[name])]).filter(([, list]) => list!.length > 0))
    const body: DiscoveryRunStart = { rangeId: range.id, probesPerS: Number(speed) || 50, communities, ...(needsAgent && ownAgent ? { agentId: ownAgent } : {}), ...(Object.keys(own).length > 0 ? { ports: own } : {}) }
    start('/discovery/runs', body)
  }
  const { fields, other } = formFaults(error, ['rangeId', 'agentId', 'probesPerS', 'communities'])
  if (!mayRun) return null
  return (
    <Stack gap='sm'>
      <Group align='flex-end' gap='sm'>
        <Select label={t('discovery.range')} data={ranges.map(r => ({ value: r.id, label: r.cidr }))} value={ranges.some(r => r.id === rangeId) ? rangeId : null} onChange={setRangeId} allowDeselect={false} disabled={isRunning} style={{ flex: '1 1 170px' }} />
        {needsAgent && <Select label={t('kind.agent')} data={agentChoices} value={ownAgent} onChange={setOwnAgent} allowDeselect={false} disabled={isRunning} error={fields.agentId} style={{ flex: '1 1 170px' }} />}
        {isRunning ? <Button variant='default' onClick={cancel}>{t('action.cancel')}</Button> : <Button leftSection={<IconRadar2 size={16} />} onClick={run} disabled={!range || (needsAgent && !ownAgent)}>{t('discovery.run')}</Button>}
      </Group>
      <TagsInput label={t('discovery.communities')} description={t('discovery.communitiesHint')} value={communities} onChange={setCommunities} maxTags={8} maxLength={128} disabled={isRunning} placeholder={communities.length === 0 ? 'public' : undefined} splitChars={[',', ' ']} />
      <Button variant='subtle' color='gray' size='compact-sm' aria-expanded={more} onClick={() => setMore(!more)} style={{ alignSelf: 'flex-start' }}>{t('discovery.more')}</Button>
      <Collapse expanded={more}>
        <Group gap='sm' align='flex-start'>
          <NumberInput label={t('discovery.speed')} value={speed} onChange={setSpeed} min={1} max={1000} allowDecimal={false} error={fields.probesPerS} w={150} disabled={isRunning} />
          {portNames.map(name => <TagsInput key={name} label={t(`discovery.portsOf.${name}`)} placeholder={ports[name].length === 0 ? t('discovery.usualPorts') : undefined} value={ports[name]} onChange={list => setPorts({ ...ports, [name]: toPorts(list).map(String) })} maxTags={8} splitChars={[',', ' ']} disabled={isRunning} style={{ flex: '1 1 150px' }} />)}
        </Group>
      </Collapse>
      {other !== null && <ErrorPanel error={other} />}
      {task && <SearchState task={task} />}
    </Stack>
  )
}

function SearchState ({ task }: { task: NonNullable<ReturnType<typeof useTask<DiscoveryProgress, unknown>>['task']> }) {
  const { t } = useTranslation()
  const { done, total, findings } = task.progress ?? { done: 0, total: 0, findings: [] }
  const text = {
    running: t('discovery.running', { done, total, found: findings.length }), done: t('discovery.done', { count: findings.length }), cancelled: t('discovery.cancelled', { found: findings.length }),
    failed: `${t('discovery.failed')} ${(task.failure && (faultText(task.failure.code) ?? task.failure.detail)) ?? ''}`
  }[task.status]
  return (
    <Stack gap={4} role='status' data-search={task.status}>
      {task.status === 'running' && <Progress value={total === 0 ? 0 : done / total * 100} animated aria-label={t('discovery.search')} />}
      <Text size='sm'>{text}</Text>
    </Stack>
  )
}
