/** Rules that make alarms of what cameras report. */
import { Badge, Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventRule } from '../../../../server/contract/camera-events.js'
import { api } from '../../api.js'
import { groupsQuery } from '../../queries.js'
import { useMay } from '../../session/me.js'
import { spanText } from '../../time.js'
import { confirm, EmptyPanel, Loaded, PageHead, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { tellFault } from '../faults.js'
import { rulesQuery } from './events-data.js'
import { RuleDialog } from './rule-dialog.js'

export function EventRulesPage () {
  const { t } = useTranslation()
  const client = useQueryClient()
  const rules = useQuery(rulesQuery)
  const mayWrite = useMay('event_rule.write')
  const [editing, setEditing] = useState<EventRule | 'new' | null>(null)
  const changed = () => client.invalidateQueries({ queryKey: rulesQuery.queryKey })
  const remove = useMutation({ mutationFn: (rule: EventRule) => api.delete(`/event-rules/${rule.id}`), onError: tellFault, onSuccess: () => { told(t('eventRules.removed')); return changed() } })
  const ask = (rule: EventRule) => confirm({ title: t('eventRules.remove'), text: t('eventRules.removeHint', { name: rule.name }), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate(rule) })
  const add = mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>{t('eventRules.add')}</Button>
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.events')}>{add}</PageHead>
      <Text size='sm' className='quiet' mb='md'>{t('eventRules.intro')}</Text>
      <Loaded query={rules} rows={4}>
        {list => list.length === 0 ? <EmptyPanel title={t('eventRules.none')} hint={t('eventRules.noneHint')} /> : (
          <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>
            {list.map(rule => (
              <li key={rule.id} className={styles.row}>
                <div className={styles.grow} style={{ flexBasis: 240 }}><div className={styles.itemName}>{rule.name}</div><Text size='sm' className='quiet'><RuleText rule={rule} /></Text></div>
                <Badge variant='default'>{rule.enabled ? t('eventRules.enabled') : t('eventRules.disabled')}</Badge>
                {mayWrite && (
                  <Group gap={6}>
                    <Button size='xs' variant='default' onClick={() => setEditing(rule)}>{t('action.edit')}</Button>
                    <Button size='xs' variant='subtle' color='gray' onClick={() => ask(rule)}>{t('action.delete')}</Button>
                  </Group>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {editing && <RuleDialog rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onSaved={() => { void changed(); setEditing(null) }} />}
    </div>
  )
}

/** A rule in a line: what, where, when. */
function RuleText ({ rule }: { rule: EventRule }) {
  const { t } = useTranslation()
  const groups = useQuery(groupsQuery)
  const names = rule.groupIds.map(id => groups.data?.find(g => g.id === id)?.name ?? '…')
  const where = rule.groupIds.length + rule.deviceIds.length === 0 ? t('eventRules.allCameras') : [...names, ...rule.deviceIds.length > 0 ? [t('eventRules.cameraCount', { count: rule.deviceIds.length })] : []].join(', ')
  return <>{[
    rule.types.map(type => t(`eventType.${type}`)).join(', '), where, rule.schedule.length > 0 ? t('eventRules.byScheduleText') : t('eventRules.always'), t(`severity.${rule.severity}`),
    rule.minDurationS > 0 ? t('eventRules.lasts', { span: spanText(rule.minDurationS * 1000) }) : '', rule.cooldownS > 0 ? t('eventRules.rests', { span: spanText(rule.cooldownS * 1000) }) : ''
  ].filter(Boolean).join(' · ')}</>
}
