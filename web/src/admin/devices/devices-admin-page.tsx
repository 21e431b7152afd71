/** Every device with its place, agent and credential; several at once can be moved, enabled, disabled or removed. */
import { Button, Checkbox, Group, Menu, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconChevronDown, IconDownload, IconFileImport, IconKey, IconPlus, IconSearch } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Device, deviceKinds } from '../../../../server/contract/inventory.js'
import { urlOf } from '../../api.js'
import { byAddress, byName, distinct } from '../../devices/filter.js'
import { useWall } from '../../live-socket.js'
import { useMay } from '../../session/me.js'
import { DataTable } from '../../ui/data-table.js'
import { EmptyPanel, Loaded, PageHead } from '../../ui/feedback.js'
import { StateMark, shownState } from '../../ui/marks.js'
import styles from '../admin.module.css'
import { everyDeviceQuery } from '../queries.js'
import { BulkBar } from './bulk-bar.js'
import { type AdminFilter, matchesAdmin } from './admin-filter.js'

export function DevicesAdminPage () {
  const { t } = useTranslation()
  const devices = useQuery(everyDeviceQuery)
  const mayWrite = useMay('device.write')
  const mayImport = useMay('device.import')
  return (
    <div className={styles.fill}>
      <PageHead title={t('administration.devices')}>
        {mayImport && <Button component={Link} to='/admin/import' variant='default' className={styles.roomy} leftSection={<IconFileImport size={16} />}>{t('csv.title')}</Button>}
        {mayImport && <Button component='a' href={urlOf('/devices/export.csv')} download variant='default' className={styles.roomy} leftSection={<IconDownload size={16} />}>{t('csv.export')}</Button>}
        {mayWrite && <AddMenu />}
      </PageHead>
      <Loaded query={devices} rows={12}>{all => <DeviceTable all={all} mayWrite={mayWrite} />}</Loaded>
    </div>
  )
}

function AddMenu () {
  const { t } = useTranslation()
  return (
    <Menu position='bottom-end'>
      <Menu.Target><Button leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={14} />}>{t('deviceForm.add')}</Button></Menu.Target>
      <Menu.Dropdown>{deviceKinds.map(kind => <Menu.Item key={kind} component={Link} to={`/admin/devices/new?kind=${kind}`}>{t(`kind.${kind}`)}</Menu.Item>)}</Menu.Dropdown>
    </Menu>
  )
}

function DeviceTable ({ all, mayWrite }: { all: Device[], mayWrite: boolean }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [filter, setFilter] = useState<AdminFilter>({})
  const deferred = useDeferredValue(filter)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => all.filter(d => matchesAdmin(d, deferred)), [all, deferred])
  const chosen = useMemo(() => all.filter(d => selected.has(d.id)), [all, selected])
  const toggle = (id: string) => setSelected(now => { const next = new Set(now); if (!next.delete(id)) next.add(id); return next })
  const columns = useColumns(selected, mayWrite ? toggle : null)
  const shownSelected = rows.filter(d => selected.has(d.id)).length
  const toggleAll = () => setSelected(shownSelected === rows.length ? new Set() : new Set(rows.map(d => d.id)))
  const empty = all.length === 0 ? <EmptyPanel title={t('devices.none')} hint={t('deviceForm.noneHint')} /> : <EmptyPanel title={t('empty.filtered')} action={<Button variant='default' size='xs' onClick={() => setFilter({})}>{t('empty.clearFilters')}</Button>} />
  const open = (d: Device) => { void navigate({ to: '/admin/devices/$id', params: { id: d.id } }) }
  return (
    <>
      <Filters all={all} filter={filter} set={change => setFilter(now => ({ ...now, ...change }))} />
      <Group mb={6} gap='md' mih={24}>
        {mayWrite && <Checkbox size='sm' label={t('bulk.selectShown')} checked={rows.length > 0 && shownSelected === rows.length} indeterminate={shownSelected > 0 && shownSelected < rows.length} onChange={toggleAll} disabled={rows.length === 0} />}
        <span className='quiet numbers'>{t('devices.count', { count: rows.length })}</span>
      </Group>
      {chosen.length > 0 && <BulkBar chosen={chosen} onClear={() => setSelected(new Set())} />}
      <div className={styles.table}>
        <DataTable rows={rows} columns={columns} rowId={d => d.id} label={t('devices.list')} onOpen={open} empty={empty} initialSort={[{ id: 'name', desc: false }]}
          card={d => <DeviceCard device={d} box={mayWrite ? <SelectBox device={d} checked={selected.has(d.id)} onToggle={toggle} /> : null} />} />
      </div>
    </>
  )
}

function Filters ({ all, filter, set }: { all: Device[], filter: AdminFilter, set: (change: AdminFilter) => void }) {
  const { t } = useTranslation()
  const select = (name: 'kind' | 'site' | 'group' | 'agent' | 'other', label: string, data: Array<string | { value: string, label: string }>) => (
    <Select aria-label={label} placeholder={label} data={data} value={filter[name] ?? null} onChange={v => set({ [name]: v ?? undefined })} clearable searchable={data.length > 8} className={styles.filter} />
  )
  return (
    <Group gap='xs' mb='xs'>
      <TextInput className={styles.search} leftSection={<IconSearch size={16} />} placeholder={t('devices.search')} aria-label={t('action.search')} value={filter.q ?? ''} onChange={e => set({ q: e.currentTarget.value || undefined })} />
      {select('kind', t('common.kind'), deviceKinds.map(value => ({ value, label: t(`kinds.${value}`) })))}
      {select('site', t('common.site'), distinct(all.map(d => d.siteName)))}
      {select('group', t('common.group'), distinct(all.map(d => d.groupName)))}
      {select('agent', t('kind.agent'), distinct(all.map(d => d.agentName)))}
      {select('other', t('bulk.attention'), (['disabled', 'noAgent', 'noSite', 'noCredential', 'badCredential'] as const).map(value => ({ value, label: t(`bulk.attentions.${value}`) })))}
    </Group>
  )
}

function SelectBox ({ device, checked, onToggle }: { device: Device, checked: boolean, onToggle: (id: string) => void }) {
  const { t } = useTranslation()
  return <Checkbox size='sm' aria-label={t('bulk.select', { name: device.name })} checked={checked} onClick={e => e.stopPropagation()} onChange={() => onToggle(device.id)} />
}

/** The live state, which is younger than the list. */
function LiveMark ({ device }: { device: Device }) {
  const live = useWall(w => w.devices.get(device.id))
  return <StateMark state={shownState({ enabled: live?.enabled ?? device.enabled, state: live?.state ?? device.state.state })} />
}

function useColumns (selected: ReadonlySet<string>, toggle: ((id: string) => void) | null): Array<ColumnDef<Device>> {
  const { t } = useTranslation()
  return useMemo(() => {
    const text = (value: string | null) => value ?? <span className='quiet'>—</span>
    const columns: Array<ColumnDef<Device>> = [
      { id: 'state', header: '', enableSorting: false, cell: ({ row }) => <LiveMark device={row.original} />, meta: { track: '40px' } },
      { id: 'name', header: t('common.name'), accessorFn: d => d.name, sortingFn: (a, b) => byName(a.original, b.original), cell: ({ row }) => <span title={row.original.name}>{row.original.name}</span>, meta: { track: 'minmax(180px, 2fr)' } },
      { id: 'kind', header: t('common.kind'), accessorFn: d => d.kind, cell: ({ row }) => t(`kind.${row.original.kind}`), meta: { track: '110px' } },
      { id: 'address', header: t('common.address'), accessorFn: d => d.address, sortingFn: (a, b) => byAddress(a.original, b.original), cell: ({ row }) => <span className='numbers'>{row.original.address}</span>, meta: { track: 'minmax(120px, 1fr)' } },
      { id: 'site', header: t('common.site'), accessorFn: d => d.siteName ?? '', cell: ({ row }) => text(row.original.siteName), meta: { track: 'minmax(120px, 1.2fr)' } },
      { id: 'group', header: t('common.group'), accessorFn: d => d.groupName ?? '', cell: ({ row }) => text(row.original.groupName), meta: { track: 'minmax(110px, 1fr)' } },
      { id: 'agent', header: t('kind.agent'), accessorFn: d => d.agentName ?? '', cell: ({ row }) => text(row.original.agentName), meta: { track: 'minmax(110px, 1fr)' } },
      { id: 'parent', header: t('device.parent'), accessorFn: d => d.parentName ?? '', cell: ({ row: { original: d } }) => d.parentName ? <span title={`${d.parentName} ${d.parentPort ?? ''}`}>{d.parentName}{d.parentPort && <span className='quiet'> · {d.parentPort}</span>}</span> : text(null), meta: { track: 'minmax(140px, 1.4fr)' } },
      { id: 'credential', header: t('credential.short'), accessorFn: d => d.credentialProblem ? 0 : d.hasCredential ? 2 : 1, cell: ({ row }) => <CredentialMark device={row.original} />, meta: { track: '90px' } }
    ]
    if (toggle) columns.unshift({ id: 'select', header: '', enableSorting: false, cell: ({ row }) => <SelectBox device={row.original} checked={selected.has(row.original.id)} onToggle={toggle} />, meta: { track: '42px' } })
    return columns
  }, [t, selected, toggle])
}

function CredentialMark ({ device }: { device: Device }) {
  const { t } = useTranslation()
  if (device.credentialProblem) return <span title={t(`credential.problem.${device.credentialProblem}`)} style={{ color: 'var(--minor)', display: 'inline-flex', alignItems: 'center', gap: 4 }}><IconKey size={16} aria-hidden />!</span>
  return device.hasCredential ? <IconKey size={16} role='img' aria-label={t('credential.kept')} /> : <span className='quiet'>—</span>
}

function DeviceCard ({ device, box }: { device: Device, box: React.ReactNode }) {
  return (
    <div className={styles.card}>
      {box}
      <LiveMark device={device} />
      <div className={styles.grow}>
        <div className='ellipsis'>{device.name}</div>
        <div className='ellipsis quiet' style={{ fontSize: 13 }}>{[device.address, device.siteName].filter(Boolean).join(' · ')}</div>
        <div className='ellipsis quiet' style={{ fontSize: 13 }}>{[device.agentName, device.groupName].filter(Boolean).join(' · ')}</div>
      </div>
    </div>
  )
}
