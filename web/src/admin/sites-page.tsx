/** Places with coordinates, where devices stand. */
import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import { type FormEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Site, SiteWrite } from '../../../server/contract/inventory.js'
import { api } from '../api.js'
import { byName } from '../devices/filter.js'
import { sitesQuery } from '../queries.js'
import { useMay } from '../session/me.js'
import { DataTable } from '../ui/data-table.js'
import { EmptyPanel, ErrorPanel, Loaded, PageHead, told } from '../ui/feedback.js'
import styles from './admin.module.css'
import { coordinatesText, parseCoordinates } from './coordinates.js'
import { formFaults, translated } from './faults.js'

type Open = { do: 'edit', site: Site | null } | { do: 'remove', site: Site }

export function SitesPage () {
  const { t } = useTranslation()
  const sites = useQuery(sitesQuery)
  const mayWrite = useMay('site.write')
  const [open, setOpen] = useState<Open | null>(null)
  const columns = useColumns()
  const close = () => setOpen(null)
  const empty = <EmptyPanel title={t('sites.none')} hint={t('sites.noneHint')} />
  return (
    <div className={styles.fill}>
      <PageHead title={t('administration.sites')}>{mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ do: 'edit', site: null })}>{t('sites.add')}</Button>}</PageHead>
      <Loaded query={sites} rows={8}>
        {list => (
          <div className={styles.table}>
            <DataTable rows={list} columns={columns} rowId={s => s.id} label={t('administration.sites')} empty={empty} initialSort={[{ id: 'name', desc: false }]} onOpen={mayWrite ? site => setOpen({ do: 'edit', site }) : undefined} card={s => <SiteCard site={s} />} />
          </div>
        )}
      </Loaded>
      {open?.do === 'edit' && <SiteDialog site={open.site} onClose={close} onRemove={site => setOpen({ do: 'remove', site })} />}
      {open?.do === 'remove' && <RemoveDialog site={open.site} others={sites.data?.filter(s => s.id !== open.site.id) ?? []} onClose={close} />}
    </div>
  )
}

function useColumns (): Array<ColumnDef<Site>> {
  const { t } = useTranslation()
  return useMemo(() => [
    { id: 'name', header: t('common.name'), accessorFn: s => s.name, sortingFn: (a, b) => byName(a.original, b.original), cell: ({ row }) => <span title={row.original.name}>{row.original.name}</span>, meta: { track: 'minmax(180px, 1.6fr)' } },
    { id: 'address', header: t('sites.address'), accessorFn: s => s.address, cell: ({ row }) => <span title={row.original.address}>{row.original.address}</span>, meta: { track: 'minmax(180px, 1.8fr)' } },
    { id: 'coordinates', header: t('sites.coordinates'), enableSorting: false, cell: ({ row }) => <span className='numbers'>{coordinatesText(row.original) || '—'}</span>, meta: { track: '190px' } },
    { id: 'devices', header: t('devices.title'), accessorFn: s => s.deviceCount, meta: { track: '110px', align: 'right' } },
    { id: 'note', header: t('common.note'), enableSorting: false, cell: ({ row }) => <span className='quiet' title={row.original.note}>{row.original.note}</span>, meta: { track: 'minmax(120px, 1.2fr)' } }
  ], [t])
}

function SiteCard ({ site }: { site: Site }) {
  const { t } = useTranslation()
  return (
    <>
      <div className='ellipsis'>{site.name}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{site.address || coordinatesText(site) || '—'}</div>
      <div className='quiet' style={{ fontSize: 13 }}>{t('devices.count', { count: site.deviceCount })}</div>
    </>
  )
}

function SiteDialog ({ site, onClose, onRemove }: { site: Site | null, onClose: () => void, onRemove: (site: Site) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [form, setForm] = useState({ name: site?.name ?? '', address: site?.address ?? '', coordinates: site ? coordinatesText(site) : '', note: site?.note ?? '' })
  const [checked, setChecked] = useState(false)
  const save = useMutation({
    mutationFn: (write: SiteWrite) => site ? api.put<Site>(`/sites/${site.id}`, write) : api.post<Site>('/sites', write),
    onSuccess: saved => { void client.invalidateQueries({ queryKey: sitesQuery.queryKey }); told(t('sites.saved', { name: saved.name })); onClose() }
  })
  const where = parseCoordinates(form.coordinates)
  const { fields, other } = formFaults(save.error, ['name', 'address', 'note', 'latitude', 'longitude'])
  const own = checked ? { name: form.name.trim() === '' ? t('fault.required') : undefined, coordinates: where === null ? t('sites.coordinatesWrong') : undefined } : {}
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (form.name.trim() === '' || where === null) return
    const { latitude, longitude } = where === 'blank' ? { latitude: null, longitude: null } : where
    save.mutate({ name: form.name.trim(), address: form.address.trim(), latitude, longitude, note: form.note })
  }
  const set = (name: keyof typeof form) => (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value })
  return (
    <Modal opened onClose={onClose} title={site ? t('sites.edit') : t('sites.add')} size='lg'>
      <form onSubmit={submit} noValidate>
        <Stack gap='sm'>
          <TextInput data-autofocus label={t('common.name')} value={form.name} onChange={set('name')} error={own.name ?? fields.name} required maxLength={120} />
          <TextInput label={t('sites.address')} value={form.address} onChange={set('address')} error={fields.address} maxLength={300} />
          <TextInput label={t('sites.coordinates')} description={t('sites.coordinatesHint')} placeholder='48.9226, 24.7111' value={form.coordinates} onChange={set('coordinates')} error={own.coordinates ?? fields.latitude ?? fields.longitude} maxLength={80} />
          <Textarea label={t('common.note')} value={form.note} onChange={set('note')} error={fields.note} autosize minRows={2} maxRows={8} maxLength={2000} />
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='space-between'>
            {site ? <Button variant='outline' color='red.6' onClick={() => onRemove(site)}>{t('sites.remove')}</Button> : <span />}
            <Group gap='xs'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function RemoveDialog ({ site, others, onClose }: { site: Site, others: Site[], onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [moveTo, setMoveTo] = useState<string | null>(null)
  const remove = useMutation({
    mutationFn: () => api.delete(`/sites/${site.id}${moveTo ? `?moveTo=${moveTo}` : ''}`),
    onSuccess: () => { for (const key of ['sites', 'devices']) void client.invalidateQueries({ queryKey: [key] }); told(t('sites.removed', { name: site.name })); onClose() }
  })
  const mustMove = site.deviceCount > 0
  return (
    <Modal opened onClose={onClose} title={t('sites.remove')}>
      <Stack gap='md'>
        <Text size='sm'>{mustMove ? t('sites.removeWithDevices', { name: site.name, count: site.deviceCount }) : t('sites.removeEmpty', { name: site.name })}</Text>
        {mustMove && <Select data-autofocus label={t('sites.moveTo')} data={others.map(s => ({ value: s.id, label: s.name }))} value={moveTo} onChange={setMoveTo} searchable limit={200} nothingFoundMessage={t('empty.filtered')} required />}
        {remove.isError && <ErrorPanel error={translated(remove.error)} />}
        <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button color='red.8' disabled={mustMove && moveTo === null} loading={remove.isPending} onClick={() => remove.mutate()}>{t('sites.remove')}</Button></Group>
      </Stack>
    </Modal>
  )
}
