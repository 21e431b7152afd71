/** Every device that one may see, from the live feed: no paging, no waiting. */
import { Button, Group, Select, TextInput, UnstyledButton } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { IconChecklist, IconSearch } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { deviceKinds } from '../../../server/contract/inventory.js'
import type { WallDevice } from '../../../server/contract/wall.js'
import { useWall } from '../live-socket.js'
import { useMay } from '../session/me.js'
import { isTyping, keyAction } from '../shell/keymap.js'
import { Age } from '../ui/age.js'
import { DataTable } from '../ui/data-table.js'
import { EmptyPanel, LoadingRows, PageHead } from '../ui/feedback.js'
import { type ShownState, StateMark, StateText, shownState } from '../ui/marks.js'
import styles from './devices.module.css'
import { byAddress, byName, byState, countByState, type DeviceFilter, distinct, matches, placeNames, stateRank } from './filter.js'
import { useReason } from './reason.js'

const states = Object.keys(stateRank) as ShownState[]

export function DevicesPage () {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const filter = useSearch({ from: '/shell/devices' })
  const deferred = useDeferredValue(filter)
  // Events of ten thousand devices wait for a key that is pressed meanwhile.
  const devices = useDeferredValue(useWall(w => w.seq === null ? null : w.devices))
  const all = useMemo(() => { const list = [...devices?.values() ?? []]; placeNames(list); return list }, [devices])
  const others = useMemo(() => all.filter(d => matches(d, { ...deferred, state: undefined })), [all, deferred])
  const rows = useMemo(() => deferred.state ? others.filter(d => shownState(d) === deferred.state) : others, [others, deferred.state])
  const counts = useMemo(() => countByState(others), [others])
  const columns = useColumns()
  const mayCompare = useMay('compliance.read')
  const set = (change: DeviceFilter) => { void navigate({ to: '/devices', search: { ...filter, ...change }, replace: true }) }
  const open = (device: WallDevice) => { void navigate({ to: '/devices/$id', params: { id: device.id } }) }
  const filtered = Object.values(filter).some(v => v !== undefined)
  const empty = filtered
    ? <EmptyPanel title={t('empty.filtered')} action={<UnstyledButton className={styles.count} onClick={() => set({ q: undefined, kind: undefined, state: undefined, site: undefined, group: undefined })}>{t('empty.clearFilters')}</UnstyledButton>} />
    : <EmptyPanel title={t('devices.none')} hint={t('devices.noneHint')} />
  return (
    <div className={styles.page}>
      <PageHead title={t('devices.title')}><span className='quiet numbers'>{t('devices.count', { count: rows.length })}</span>{mayCompare && <Button size='xs' variant='default' component={Link} to='/devices/compliance' leftSection={<IconChecklist size={15} />}>{t('compliance.open')}</Button>}</PageHead>
      <Filters all={all} filter={filter} set={set} />
      <fieldset className={styles.counts} aria-label={t('common.state')}>
        {states.filter(s => counts[s] > 0 || filter.state === s).map(s => (
          <UnstyledButton key={s} className={styles.count} aria-pressed={filter.state === s} onClick={() => set({ state: filter.state === s ? undefined : s })}><StateMark state={s} />{t(`state.${s}`)} <b className='numbers'>{counts[s]}</b></UnstyledButton>
        ))}
      </fieldset>
      <div className={styles.table}>
        {devices ? <DataTable rows={rows} columns={columns} rowId={d => d.id} label={t('devices.list')} onOpen={open} card={d => <DeviceCard device={d} />} empty={empty} initialSort={[{ id: 'state', desc: false }]} /> : <LoadingRows rows={12} />}
      </div>
    </div>
  )
}

function Filters ({ all, filter, set }: { all: WallDevice[], filter: DeviceFilter, set: (change: DeviceFilter) => void }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const sites = useMemo(() => distinct(all.map(d => d.siteName)), [all])
  const groups = useMemo(() => distinct(all.map(d => d.groupName)), [all])
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (keyAction(event, isTyping(event.target))?.do !== 'search') return
      event.preventDefault()
      input.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const leave = (event: KeyboardEvent) => { if (event.key === 'ArrowDown' || event.key === 'Enter') { event.preventDefault(); document.querySelector<HTMLElement>('[role="grid"]')?.focus() } }
  const select = (value: string | undefined, label: string, data: string[] | Array<{ value: string, label: string }>, change: (value: string | undefined) => void) => (
    <Select aria-label={label} placeholder={label} data={data} value={value ?? null} onChange={v => change(v ?? undefined)} clearable searchable={data.length > 8} className={styles.select} />
  )
  return (
    <Group gap='xs' mb='xs'>
      <TextInput ref={input} className={styles.search} leftSection={<IconSearch size={16} />} placeholder={t('devices.search')} aria-label={t('action.search')} value={filter.q ?? ''} onChange={e => set({ q: e.currentTarget.value || undefined })} onKeyDown={leave} />
      {select(filter.kind, t('common.kind'), deviceKinds.map(value => ({ value, label: t(`kinds.${value}`) })), kind => set({ kind }))}
      {select(filter.site, t('common.site'), sites, site => set({ site }))}
      {select(filter.group, t('common.group'), groups, group => set({ group }))}
    </Group>
  )
}

function useColumns (): Array<ColumnDef<WallDevice>> {
  const { t } = useTranslation()
  const reason = useReason()
  return useMemo(() => [
    { id: 'state', header: t('common.state'), accessorFn: d => d.state, sortingFn: (a, b) => byState(a.original, b.original), cell: ({ row }) => <StateText state={shownState(row.original)} />, meta: { track: '140px' } },
    { id: 'name', header: t('common.name'), accessorFn: d => d.name, sortingFn: (a, b) => byName(a.original, b.original), cell: ({ row }) => <span title={row.original.name}>{row.original.name}</span>, meta: { track: 'minmax(180px, 2fr)' } },
    { id: 'kind', header: t('common.kind'), accessorFn: d => d.kind, cell: ({ row }) => t(`kind.${row.original.kind as 'camera'}`), meta: { track: '110px' } },
    { id: 'site', header: t('common.site'), accessorFn: d => d.siteName ?? '', cell: ({ row }) => row.original.siteName ?? <span className='quiet'>—</span>, meta: { track: 'minmax(120px, 1.2fr)' } },
    { id: 'group', header: t('common.group'), accessorFn: d => d.groupName ?? '', cell: ({ row }) => row.original.groupName ?? <span className='quiet'>—</span>, meta: { track: 'minmax(110px, 1fr)' } },
    { id: 'address', header: t('common.address'), accessorFn: d => d.address, sortingFn: (a, b) => byAddress(a.original, b.original), cell: ({ row }) => <span className='numbers'>{row.original.address}</span>, meta: { track: 'minmax(120px, 1fr)' } },
    { id: 'reason', header: t('devices.reason'), enableSorting: false, cell: ({ row }) => <span className='quiet'>{reason(row.original)}</span>, meta: { track: 'minmax(160px, 1.8fr)' } },
    { id: 'since', header: t('common.since'), accessorFn: d => -d.since, cell: ({ row }) => <Age since={row.original.since} />, meta: { track: '90px', align: 'right' } }
  ], [t, reason])
}

function DeviceCard ({ device }: { device: WallDevice }) {
  const reason = useReason()
  return (
    <div className={styles.card}>
      <StateMark state={shownState(device)} size={20} />
      <div style={{ minWidth: 0, flex: 1 }}>
        <div className='ellipsis'>{device.name}</div>
        <div className='ellipsis quiet' style={{ fontSize: 13 }}>{[device.siteName, device.address].filter(Boolean).join(' · ')}</div>
        <div className='ellipsis quiet' style={{ fontSize: 13 }}>{reason(device)}</div>
      </div>
      <Age since={device.since} />
    </div>
  )
}
