/** Camera groups, which say who sees which cameras. */
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconPlus } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CameraGroup, CameraGroupWrite } from '../../../server/contract/people.js'
import { api } from '../api.js'
import { byName } from '../devices/filter.js'
import { groupsQuery } from '../queries.js'
import { useMay } from '../session/me.js'
import { confirm, EmptyPanel, ErrorPanel, Loaded, PageHead, told } from '../ui/feedback.js'
import styles from './admin.module.css'
import { formFaults, tellFault } from './faults.js'

export function GroupsPage () {
  const { t } = useTranslation()
  const client = useQueryClient()
  const groups = useQuery(groupsQuery)
  const mayWrite = useMay('group.write')
  const maySeeDevices = useMay('device.read')
  const [editing, setEditing] = useState<CameraGroup | 'new' | null>(null)
  const changed = () => client.invalidateQueries({ queryKey: groupsQuery.queryKey })
  const remove = useMutation({ mutationFn: (group: CameraGroup) => api.delete(`/camera-groups/${group.id}`), onError: tellFault, onSuccess: () => { told(t('groups.removed')); return changed() } })
  const ask = (group: CameraGroup) => confirm({ title: t('groups.remove'), text: t('groups.removeHint', { name: group.name }), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate(group) })
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.groups')}>{mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>{t('groups.add')}</Button>}</PageHead>
      <Text size='sm' className='quiet' mb='md'>{t('groups.intro')}</Text>
      <Loaded query={groups} rows={4}>
        {list => list.length === 0 ? <EmptyPanel title={t('groups.none')} /> : (
          <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>
            {[...list].sort(byName).map(g => (
              <li key={g.id} className={styles.row}>
                <div className={styles.grow} style={{ flexBasis: 200 }}><div className={styles.itemName}>{g.name}</div>{g.note && <Text size='sm' className='quiet'>{g.note}</Text>}</div>
                {maySeeDevices ? <Link to='/devices' search={{ group: g.name }} style={{ color: 'inherit' }}>{t('groups.cameras', { count: g.cameraCount })}</Link> : <span>{t('groups.cameras', { count: g.cameraCount })}</span>}
                {mayWrite && (
                  <Group gap={6}>
                    <Button size='xs' variant='default' onClick={() => setEditing(g)}>{t('action.edit')}</Button>
                    <Button size='xs' variant='subtle' color='gray' disabled={g.cameraCount > 0} title={g.cameraCount > 0 ? t('fault.camera_group_in_use') : undefined} onClick={() => ask(g)}>{t('action.delete')}</Button>
                  </Group>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {editing && <GroupDialog group={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onSaved={() => { void changed(); setEditing(null) }} />}
    </div>
  )
}

function GroupDialog ({ group, onClose, onSaved }: { group: CameraGroup | null, onClose: () => void, onSaved: () => void }) {
  const { t } = useTranslation()
  const [form, setForm] = useState<Required<CameraGroupWrite>>({ name: group?.name ?? '', note: group?.note ?? '' })
  const save = useMutation({
    mutationFn: (write: CameraGroupWrite) => group ? api.patch(`/camera-groups/${group.id}`, write) : api.post('/camera-groups', write),
    onSuccess: () => { told(t('groups.saved', { name: form.name })); onSaved() }
  })
  const { fields, other } = formFaults(save.error, ['name', 'note'])
  const submit = (event: FormEvent) => { event.preventDefault(); if (form.name.trim()) save.mutate({ name: form.name.trim(), note: form.note }) }
  return (
    <Modal opened onClose={onClose} title={group ? t('groups.edit') : t('groups.add')}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          <TextInput data-autofocus label={t('common.name')} value={form.name} onChange={e => setForm({ ...form, name: e.currentTarget.value })} error={fields.name} required maxLength={120} />
          <Textarea label={t('common.note')} value={form.note} onChange={e => setForm({ ...form, note: e.currentTarget.value })} error={fields.note} autosize minRows={2} maxRows={6} maxLength={2000} />
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
