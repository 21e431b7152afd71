/** Saved layouts: open, save, save as, rename, delete. Nothing unsaved is lost without a question. */
import { Button, Checkbox, Group, Menu, Modal, Stack, TextInput } from '@mantine/core'
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconChevronDown, IconDeviceFloppy, IconPencil, IconTrash } from '@tabler/icons-react'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Layout, LayoutWrite } from '../../../server/contract/wall.js'
import { api } from '../api.js'
import { useWall } from '../live-socket.js'
import { layoutsQuery } from '../queries.js'
import { useMay, useMe } from '../session/me.js'
import { confirm, ErrorPanel, failed, told } from '../ui/feedback.js'
import { type Arrangement, type Rearrange, toWrite } from './arrangement.js'
import styles from './wall.module.css'

interface Props { wall: Arrangement, act: (step: Rearrange) => void }

/** The list follows what others save, and so does the wall. */
function useLayouts (act: Props['act']) {
  const client = useQueryClient()
  const revision = useWall(w => w.layoutRevision)
  const layouts = useQuery(layoutsQuery)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is the reason to read again
  useEffect(() => { void client.invalidateQueries({ queryKey: layoutsQuery.queryKey }) }, [revision, client])
  useEffect(() => { if (layouts.data) act({ do: 'follow', layouts: layouts.data }) }, [layouts.data, act])
  return layouts
}
/** Into the list before the wall says that it shows it: a list without it would mean that it was deleted. */
async function listed (client: QueryClient, layout: Layout) {
  await client.cancelQueries({ queryKey: layoutsQuery.queryKey })
  client.setQueryData(layoutsQuery.queryKey, (list = []) => list.some(l => l.id === layout.id) ? list.map(l => l.id === layout.id ? layout : l) : [...list, layout])
}

export function LayoutMenu ({ wall, act }: Props) {
  const { t } = useTranslation()
  const { user } = useMe()
  const mayWrite = useMay('layout.write')
  const mayShare = useMay('layout.share')
  const client = useQueryClient()
  const layouts = useLayouts(act)
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null)
  const current = layouts.data?.find(l => l.id === wall.layoutId)
  const mine = mayWrite && current !== undefined && (current.ownerId === user.id || (current.shared && mayShare))
  const after = async () => { await client.invalidateQueries({ queryKey: layoutsQuery.queryKey }) }
  const saved = async (layout: Layout) => {
    await listed(client, layout)
    act({ do: 'saved', layout })
    setNaming(null)
    told(t('layout.saved'))
    await after()
  }
  const save = useMutation({
    mutationFn: () => api.put<Layout>(`/layouts/${wall.layoutId}`, toWrite(wall, wall.name, wall.shared)), onError: failed,
    onSuccess: layout => saved(layout)
  })
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/layouts/${id}`), onError: failed, onSuccess: () => { told(t('layout.deleted')); return after() } })
  const open = (layout: Layout) => {
    if (!wall.changed || !mayWrite) { act({ do: 'load', layout }); return }
    confirm({ title: layout.name, text: t('layout.switchUnsaved'), action: t('layout.discard'), onConfirm: () => act({ do: 'load', layout }) })
  }
  const askDelete = (layout: Layout) => confirm({ title: t('layout.deleteTitle'), text: t('layout.deleteText', { name: layout.name }), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate(layout.id) })
  const own = layouts.data?.filter(l => l.ownerId === user.id && !l.shared) ?? []
  const shared = layouts.data?.filter(l => l.shared) ?? []
  const items = (list: Layout[]) => list.map(l => <Menu.Item key={l.id} onClick={() => open(l)} fw={l.id === wall.layoutId ? 650 : undefined}>{l.name}</Menu.Item>)
  return (
    <Group gap={6} wrap='nowrap' style={{ minWidth: 0 }}>
      <Menu position='bottom-start' width={280}>
        <Menu.Target>
          <Button variant='default' size='compact-md' h={32} rightSection={<IconChevronDown size={15} />} maw={280} aria-label={`${t('layout.label')}: ${wall.name || t('layout.none')}`}><span className='ellipsis'>{wall.name || t('layout.none')}</span></Button>
        </Menu.Target>
        <Menu.Dropdown mah='70dvh' style={{ overflow: 'auto' }}>
          {layouts.isError && <Menu.Label>{t('error.title')}</Menu.Label>}
          {layouts.data && own.length + shared.length === 0 && <Menu.Label>{t('layout.empty')}</Menu.Label>}
          {own.length > 0 && <Menu.Label>{t('layout.own')}</Menu.Label>}
          {items(own)}
          {shared.length > 0 && <Menu.Label>{t('layout.shared')}</Menu.Label>}
          {items(shared)}
          {mayWrite && <Menu.Divider />}
          {mayWrite && <Menu.Item leftSection={<IconDeviceFloppy size={16} />} onClick={() => setNaming('new')}>{t('action.saveAs')}</Menu.Item>}
          {mine && <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setNaming('rename')}>{t('action.rename')}</Menu.Item>}
          {mine && <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => askDelete(current)}>{t('action.delete')}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {wall.changed && mayWrite && <span className={`${styles.unsaved} ${styles.wideOnly}`}>{t('layout.unsaved')}</span>}
      {wall.changed && mayWrite && <Button size='compact-md' h={32} leftSection={<IconDeviceFloppy size={16} />} loading={save.isPending} onClick={() => mine ? save.mutate() : setNaming('new')}>{t('action.save')}</Button>}
      <NameDialog key={naming} naming={naming} wall={wall} mayShare={mayShare} onClose={() => setNaming(null)} onSaved={layout => { void saved(layout) }} />
    </Group>
  )
}

interface NameProps { naming: 'new' | 'rename' | null, wall: Arrangement, mayShare: boolean, onClose: () => void, onSaved: (layout: Layout) => void }
function NameDialog ({ naming, wall, mayShare, onClose, onSaved }: NameProps) {
  const { t } = useTranslation()
  const [name, setName] = useState(naming === 'rename' ? wall.name : '')
  const [shared, setShared] = useState(naming === 'rename' && wall.shared)
  const send = useMutation({
    mutationFn: (body: LayoutWrite) => naming === 'rename' ? api.put<Layout>(`/layouts/${wall.layoutId}`, body) : api.post<Layout>('/layouts', body), onSuccess: onSaved
  })
  const submit = (event: FormEvent) => { event.preventDefault(); send.mutate(toWrite(wall, name.trim(), shared)) }
  return (
    <Modal opened={naming !== null} onClose={onClose} title={naming === 'rename' ? t('layout.renameTitle') : t('layout.saveAsTitle')}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          <TextInput label={t('common.name')} value={name} onChange={e => setName(e.currentTarget.value)} required maxLength={120} data-autofocus />
          {mayShare && <Checkbox label={t('layout.share')} checked={shared} onChange={e => setShared(e.currentTarget.checked)} />}
          {send.isError && <ErrorPanel error={send.error} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' disabled={!name.trim()} loading={send.isPending}>{t('action.save')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
