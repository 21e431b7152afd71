/** Who did what, newest first, and whether the chain of entries is whole. */
import { Alert, Button, Drawer, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { IconAlertTriangle, IconLink, IconShieldCheck } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import type { TFunction } from 'i18next'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Static } from 'typebox'
import type { AuditEntry, AuditVerdict as AuditVerdictSchema } from '../../../../server/contract/people.js'
import { api } from '../../api.js'
import { uk } from '../../i18n/uk/index.js'
import { useMay } from '../../session/me.js'
import { fullTime, shortTime, timeZone } from '../../time.js'
import { DataTable } from '../../ui/data-table.js'
import { EmptyPanel, ErrorPanel, Loaded, PageHead } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { translated } from '../faults.js'
import { usersQuery } from '../queries.js'
import { startOfDay } from '../../../../lib/zoned-day.js'

type Entry = Static<typeof AuditEntry>
type Verdict = Static<typeof AuditVerdictSchema>
interface Filter { action?: string, userId?: string, from: string, to: string }
const subjects = ['session', 'user', 'device', 'site', 'camera_group', 'discovery', 'agent', 'alarm', 'video', 'layout', 'settings', 'setup'] as const
const actionKey = (action: string) => action.replaceAll('.', '_')
const known = (key: string): key is keyof typeof uk.auditAction => Object.hasOwn(uk.auditAction, key)

export function AuditPage () {
  const { t } = useTranslation()
  const [filter, setFilter] = useState<Filter>({ from: '', to: '' })
  const [open, setOpen] = useState<Entry | null>(null)
  const query = { action: filter.action, userId: filter.userId, from: startOfDay(filter.from, timeZone()), to: endOfDay(filter.to), limit: 100 }
  const pages = useInfiniteQuery({
    queryKey: ['audit', query], initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => api.get<{ items: Entry[], next: string | null }>('/audit', { ...query, cursor: pageParam }, signal), getNextPageParam: last => last.next
  })
  const columns = useColumns()
  return (
    <div className={styles.fill}>
      <PageHead title={t('administration.audit')}><Verify /></PageHead>
      <Filters filter={filter} set={change => setFilter({ ...filter, ...change })} />
      <Loaded query={pages} rows={12}>
        {data => (
          <>
            <div className={styles.table}>
              <DataTable rows={data.pages.flatMap(p => p.items)} columns={columns} rowId={e => String(e.seq)} label={t('administration.audit')} onOpen={setOpen} card={e => <EntryCard entry={e} />} empty={<EmptyPanel title={t('empty.filtered')} />} />
            </div>
            {pages.hasNextPage && <Button mt='xs' variant='default' loading={pages.isFetchingNextPage} onClick={() => { void pages.fetchNextPage() }}>{t('action.more')}</Button>}
          </>
        )}
      </Loaded>
      <Drawer opened={open !== null} onClose={() => setOpen(null)} position='right' size='lg' title={open ? `${t('audit.entry')} ${open.seq}` : ''}>{open && <Details entry={open} />}</Drawer>
    </div>
  )
}
/** The last millisecond of a day; the server's end counts too. */
const endOfDay = (day: string) => { const next = startOfDay(day, timeZone(), 1); return next === undefined ? undefined : next - 1 }

function actionName (t: TFunction, action: string) {
  const key = actionKey(action)
  return known(key) ? t(`auditAction.${key}`) : action
}

function Filters ({ filter, set }: { filter: Filter, set: (change: Partial<Filter>) => void }) {
  const { t } = useTranslation()
  const users = useQuery({ ...usersQuery, enabled: useMay('user.read') })
  return (
    <Group gap='xs' mb='sm' align='flex-end'>
      <Select label={t('audit.action')} placeholder={t('common.all')} clearable className={styles.filter} value={filter.action ?? null} onChange={v => set({ action: v ?? undefined })} data={subjects.map(s => ({ value: `${s}.`, label: t(`audit.subjects.${s}`) }))} />
      <Select label={t('audit.user')} placeholder={t('common.all')} clearable searchable className={styles.filter} value={filter.userId ?? null} onChange={v => set({ userId: v ?? undefined })} data={(users.data ?? []).map(u => ({ value: u.id, label: `${u.displayName} (${u.login})` }))} />
      <TextInput type='date' label={t('audit.from')} value={filter.from} max={filter.to || undefined} onChange={e => set({ from: e.currentTarget.value })} className={styles.filter} />
      <TextInput type='date' label={t('audit.to')} value={filter.to} min={filter.from || undefined} onChange={e => set({ to: e.currentTarget.value })} className={styles.filter} />
    </Group>
  )
}

function Verify () {
  const { t } = useTranslation()
  const verify = useMutation({ mutationFn: () => api.get<Verdict>('/audit/verify') })
  const { data } = verify
  return (
    <>
      <Button variant='default' leftSection={<IconLink size={16} />} loading={verify.isPending} onClick={() => verify.mutate()}>{t('audit.verify')}</Button>
      {verify.isError && <ErrorPanel error={translated(verify.error)} />}
      {data && (data.ok
        ? <Alert role='status' variant='outline' color='gray' py={7} icon={<IconShieldCheck color='var(--accent)' />}>{t('audit.whole', { count: data.checked })}</Alert>
        : <Alert role='alert' variant='outline' color='red.6' py={7} icon={<IconAlertTriangle />}>{t('audit.broken', { seq: data.brokenAt, count: data.checked })}</Alert>)}
    </>
  )
}

/** What the entry is about, in a few words. */
function subjectOf (t: TFunction, { details, subjectKind, subjectId }: Entry) {
  const d = (details ?? {}) as Record<string, unknown>
  const name = [d.name, d.login, d.cidr, d.address].find(v => typeof v === 'string' && v !== '')
  if (typeof name === 'string') return name
  if (typeof d.count === 'number') return t('devices.count', { count: d.count })
  // An id says nothing to a reader; the whole of it stands in the details.
  return /^[0-9a-f-]{36}$/.test(subjectId) ? `${subjectKind} …${subjectId.slice(-6)}` : subjectId
}

function useColumns (): Array<ColumnDef<Entry>> {
  const { t } = useTranslation()
  return useMemo(() => [
    { id: 'seq', header: '№', enableSorting: false, cell: ({ row }) => row.original.seq, meta: { track: '76px', align: 'right' } },
    { id: 'at', header: t('audit.at'), enableSorting: false, cell: ({ row }) => <time className='numbers' dateTime={new Date(row.original.at).toISOString()} title={fullTime(row.original.at)}>{shortTime(row.original.at)}</time>, meta: { track: '160px' } },
    { id: 'login', header: t('audit.user'), enableSorting: false, cell: ({ row }) => row.original.login, meta: { track: 'minmax(110px, 1fr)' } },
    { id: 'action', header: t('audit.action'), enableSorting: false, cell: ({ row }) => <span title={row.original.action}>{actionName(t, row.original.action)}</span>, meta: { track: 'minmax(180px, 1.6fr)' } },
    { id: 'subject', header: t('audit.subject'), enableSorting: false, cell: ({ row }) => <span title={subjectOf(t, row.original)}>{subjectOf(t, row.original)}</span>, meta: { track: 'minmax(160px, 1.6fr)' } },
    { id: 'ip', header: t('audit.ip'), enableSorting: false, cell: ({ row }) => <span className='numbers'>{row.original.ip}</span>, meta: { track: 'minmax(110px, 150px)' } }
  ], [t])
}

function EntryCard ({ entry: e }: { entry: Entry }) {
  const { t } = useTranslation()
  return (
    <>
      <div className='ellipsis'>{actionName(t, e.action)}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{subjectOf(t, e)}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{shortTime(e.at)} · {e.login} · {e.ip}</div>
    </>
  )
}

function Details ({ entry: e }: { entry: Entry }) {
  const { t } = useTranslation()
  const rows: Array<[string, string]> = [[t('audit.at'), fullTime(e.at)], [t('audit.user'), e.login], [t('audit.ip'), e.ip || '—'], [t('audit.action'), `${actionName(t, e.action)} (${e.action})`], [t('audit.subject'), `${e.subjectKind} ${e.subjectId}`], [t('audit.hash'), e.hash]]
  return (
    <Stack gap='md'>
      <dl className={styles.pairs}>{rows.map(([name, value]) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <div><Text size='sm' fw={600} mb={6}>{t('audit.details')}</Text><pre className={styles.raw}>{JSON.stringify(e.details, null, 2)}</pre></div>
    </Stack>
  )
}
