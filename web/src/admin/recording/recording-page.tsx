/** Where footage is kept and how cameras are recorded. */
import { Badge, Button, Group, Progress, Select, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { defaultPolicy, type RecordingPolicy, type StoredPolicy, type Volume } from '../../../../server/contract/recording.js'
import { api } from '../../api.js'
import { useWall } from '../../live-socket.js'
import { groupsQuery } from '../../queries.js'
import { useMay } from '../../session/me.js'
import { fullTime } from '../../time.js'
import { confirm, EmptyPanel, Loaded, PageHead, Panel, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { tellFault } from '../faults.js'
import { bytesText } from '../sizes.js'
import { PolicyDialog, type PolicyDraft } from './policy-form.js'
import { policiesQuery, removePolicy, volumesQuery } from './recording-data.js'
import { VolumeDialog } from './volume-dialog.js'

export function RecordingPage () {
  const { t } = useTranslation()
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.recording')} />
      <Stack gap='lg'><Policies /><Volumes /></Stack>
    </div>
  )
}

function Policies () {
  const { t } = useTranslation()
  const client = useQueryClient()
  const policies = useQuery(policiesQuery)
  const groups = useQuery(groupsQuery)
  const devices = useWall(w => w.devices)
  const mayWrite = useMay('recording.write')
  const [draft, setDraft] = useState<PolicyDraft | null>(null)
  const remove = useMutation({ mutationFn: (p: StoredPolicy) => removePolicy(p.scope, p.scopeId), onError: tellFault, onSuccess: () => { told(t('recordingAdmin.removed')); return client.invalidateQueries({ queryKey: policiesQuery.queryKey }) } })
  return (
    <Panel title={t('recordingAdmin.policies')}>
      <Text size='sm' className='quiet' mb='sm'>{t('recordingAdmin.policiesHint')}</Text>
      <Loaded query={policies} rows={3}>
        {list => {
          const centre = list.find(p => p.scope === 'centre')
          const base = centre?.policy ?? defaultPolicy
          const own = list.filter(p => p.scope !== 'centre').sort((a, b) => a.scope.localeCompare(b.scope) || a.scopeName.localeCompare(b.scopeName, 'uk'))
          const open = (scope: StoredPolicy['scope'], scopeId: string, name: string, policy: RecordingPolicy) => setDraft({ scope, scopeId, name, policy })
          const free = [
            { group: t('recordingAdmin.groups'), items: (groups.data ?? []).filter(g => !own.some(p => p.scopeId === g.id)).map(g => ({ value: `group ${g.id}`, label: g.name })) },
            { group: t('recordingAdmin.cameras'), items: [...devices.values()].filter(d => d.kind === 'camera' && !own.some(p => p.scopeId === d.id)).map(d => ({ value: `camera ${d.id}`, label: d.name })).sort((a, b) => a.label.localeCompare(b.label, 'uk')) }
          ]
          return (
            <>
              <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>
                <PolicyRow name={t('recordingAdmin.centre')} policy={base} note={centre ? undefined : t('recordingAdmin.builtIn')} onEdit={mayWrite ? () => open('centre', '', t('recordingAdmin.centre'), base) : undefined} />
                {own.map(p => (
                  <PolicyRow key={`${p.scope} ${p.scopeId}`} name={p.scopeName} policy={p.policy} note={t(`recordingAdmin.scope.${p.scope as 'group'}`)} onEdit={mayWrite ? () => open(p.scope, p.scopeId, p.scopeName, p.policy) : undefined}
                    onRemove={mayWrite ? () => confirm({ title: t('recordingAdmin.removePolicy'), text: t('recordingAdmin.removePolicyHint', { name: p.scopeName }), action: t('action.delete'), onConfirm: () => remove.mutate(p) }) : undefined} />
                ))}
              </ul>
              {mayWrite && <Select mt='sm' maw={420} searchable clearable placeholder={t('recordingAdmin.addPolicy')} aria-label={t('recordingAdmin.addPolicy')} data={free} value={null} leftSection={<IconPlus size={15} />} nothingFoundMessage={t('common.nothingFound')}
                onChange={value => {
                  const [scope, id] = (value ?? '').split(' ')
                  const name = free.flatMap(f => f.items).find(i => i.value === value)?.label
                  if (id && name) open(scope as StoredPolicy['scope'], id, name, base)
                }} />}
            </>
          )
        }}
      </Loaded>
      {draft && <PolicyDialog draft={draft} onClose={() => setDraft(null)} />}
    </Panel>
  )
}

function PolicyRow ({ name, policy: p, note, onEdit, onRemove }: { name: string, policy: RecordingPolicy, note?: string, onEdit?: () => void, onRemove?: () => void }) {
  const { t } = useTranslation()
  const facts = [
    t(`recordingAdmin.mode.${p.mode}`), p.mode === 'off' ? null : t(`recordingAdmin.${p.profile}`), p.mode !== 'off' && p.audio ? t('recordingAdmin.withAudio') : null,
    p.keepDays === null ? t('recordingAdmin.keepsWhileRoom') : t('recordingAdmin.keeps', { count: p.keepDays }), p.archiveAfterDays === null ? null : t('recordingAdmin.archives', { count: p.archiveAfterDays }), t(`recordingAdmin.priorities.p${String(p.priority) as '1'}`)
  ].filter(Boolean)
  return (
    <li className={styles.row}>
      <div className={styles.grow} style={{ flexBasis: 240 }}>
        <div className={styles.itemName}>{name}{note && <Text component='span' size='sm' className='quiet' fw={400}> · {note}</Text>}</div>
        <Text size='sm' className='quiet'>{facts.join(' · ')}</Text>
      </div>
      <Group gap={6}>
        {onEdit && <Button size='xs' variant='default' onClick={onEdit}>{t('action.edit')}</Button>}
        {onRemove && <Button size='xs' variant='subtle' color='gray' onClick={onRemove}>{t('action.delete')}</Button>}
      </Group>
    </li>
  )
}

const ailing = ({ state }: Volume) => state !== null && !['ok', 'disabled'].includes(state.status)

/** What needs a person comes first. */
function Volumes () {
  const { t } = useTranslation()
  const volumes = useQuery(volumesQuery)
  const mayWrite = useMay('recording.write')
  const [editing, setEditing] = useState<Volume | 'new' | null>(null)
  return (
    <Panel title={t('recordingAdmin.volumes')} aside={mayWrite && <Button size='xs' leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>{t('recordingAdmin.addVolume')}</Button>}>
      <Text size='sm' className='quiet' mb='sm'>{t('recordingAdmin.volumesHint')}</Text>
      <Loaded query={volumes} rows={2}>
        {list => list.length === 0 ? <EmptyPanel title={t('recordingAdmin.noVolumes')} hint={t('recordingAdmin.noVolumesHint')} /> : <ul className={styles.list}>{[...list].sort((a, b) => Number(ailing(b)) - Number(ailing(a))).map(v => <VolumeItem key={v.id} volume={v} onEdit={mayWrite && !v.own ? () => setEditing(v) : undefined} />)}</ul>}
      </Loaded>
      {editing && <VolumeDialog volume={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </Panel>
  )
}

function VolumeItem ({ volume: v, onEdit }: { volume: Volume, onEdit?: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const remove = useMutation({ mutationFn: () => api.delete(`/recording/volumes/${v.id}`), onError: tellFault, onSuccess: () => { told(t('recordingAdmin.volumeRemoved')); return client.invalidateQueries({ queryKey: volumesQuery.queryKey }) } })
  const s = v.state
  const total = s?.totalBytes ?? 0
  const share = (bytes: number) => total === 0 ? 0 : bytes / total * 100
  const others = s && s.freeBytes !== null ? Math.max(0, total - s.freeBytes - s.usedBytes) : 0
  const bad = ailing(v)
  const name = v.own ? t('recordingAdmin.ownFolder') : v.name
  return (
    <li className={styles.item} data-volume={name}>
      <div className={styles.itemHead}>
        <span className={styles.itemName}>{name}</span>
        <span className='quiet'>{v.agentName}{v.location && ` · ${v.location}`}</span>
        {v.tier === 'archive' && <Badge variant='default' tt='none'>{t('recordingAdmin.archive')}</Badge>}
        <span className={styles.grow} />
        <span className={bad ? styles.fault : 'quiet'}>{!v.enabled ? t('recordingAdmin.volumeStatus.disabled') : s ? t(`recordingAdmin.volumeStatus.${s.status}`) : t('recordingAdmin.notHeard')}</span>
        {onEdit && <Group gap={6}>
          <Button size='xs' variant='default' onClick={onEdit}>{t('action.edit')}</Button>
          <Button size='xs' variant='subtle' color='gray' loading={remove.isPending} onClick={() => confirm({ title: t('recordingAdmin.removeVolume'), text: t('recordingAdmin.removeVolumeHint', { name }), action: t('action.delete'), onConfirm: () => remove.mutate() })}>{t('action.delete')}</Button>
        </Group>}
      </div>
      {s && total > 0 && s.freeBytes !== null && <>
        <Progress.Root size={14} mt={10} radius='sm' aria-label={t('recordingAdmin.space', { free: bytesText(t, s.freeBytes), total: bytesText(t, total) })}>
          <Progress.Section value={share(s.lockedBytes)} color='var(--text-quiet)' />
          <Progress.Section value={share(Math.max(0, s.usedBytes - s.lockedBytes))} color='accent' />
          <Progress.Section value={share(others)} color='dark.3' />
        </Progress.Root>
        <dl className={styles.facts}>
          <div><dt>{t('recordingAdmin.free')}</dt><dd>{t('recordingAdmin.space', { free: bytesText(t, s.freeBytes), total: bytesText(t, total) })}</dd></div>
          <div><dt>{t('recordingAdmin.footage')}</dt><dd>{bytesText(t, s.usedBytes)}</dd></div>
          <div><dt>{t('recordingAdmin.locked')}</dt><dd>{bytesText(t, s.lockedBytes)}</dd></div>
          <div><dt>{t('recordingAdmin.oldest')}</dt><dd>{s.oldestAt === null ? '—' : fullTime(s.oldestAt)}</dd></div>
        </dl>
      </>}
      {bad && s?.detail && <Text size='sm' className='quiet' mt={6}>{s.detail}</Text>}
    </li>
  )
}
