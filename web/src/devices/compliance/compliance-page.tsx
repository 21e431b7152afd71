/** Every camera with every check: what is not as it should be stands out, the rest is grey. */
import { Button, Group, Select, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { IconDownload, IconSearch, IconShieldCheck, IconKey } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CompliancePage as Page, complianceChecks, complianceStatuses } from '../../../../server/contract/compliance.js'
import { urlOf } from '../../api.js'
import { groupsQuery, sitesQuery } from '../../queries.js'
import { useMay } from '../../session/me.js'
import { clockText } from '../../time.js'
import { EmptyPanel, ErrorPanel, LoadingRows, PageHead } from '../../ui/feedback.js'
import { CameraDrawer } from './camera-drawer.js'
import { CheckMark } from './check-mark.js'
import styles from './compliance.module.css'
import { type ComplianceSearch, complianceQuery } from './data.js'
import { FirmwareDialog } from './firmware-dialog.js'
import { LoginDialog } from './login-dialog.js'
import { ComplianceTable } from './table.js'

export function CompliancePage () {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const search = useSearch({ from: '/shell/devices/compliance' })
  const [open, setOpen] = useState<{ id: string, name: string } | null>(null)
  const [dialog, setDialog] = useState<'firmware' | 'logins' | null>(null)
  const mayCheck = useMay('login_check.write')
  const query = useInfiniteQuery(complianceQuery(search))
  const set = (change: ComplianceSearch) => { void navigate({ to: '/devices/compliance', search: { ...search, ...change }, replace: true }) }
  const first = query.data?.pages[0]
  const rows = query.data?.pages.flatMap(p => p.items) ?? []
  const narrowed = search.check !== undefined || search.status !== undefined || search.q !== undefined || search.siteId !== undefined || search.groupId !== undefined
  const clear = () => set({ check: undefined, status: undefined, q: undefined, siteId: undefined, groupId: undefined })
  const empty = narrowed
    ? <EmptyPanel title={t('empty.filtered')} action={<UnstyledButton className={styles.chip} onClick={clear}>{t('empty.clearFilters')}</UnstyledButton>} />
    : <EmptyPanel title={t('compliance.none')} hint={t('compliance.noneHint')} />
  const { sort: _s, descending: _d, ...filter } = search
  return (
    <div className={styles.page}>
      <PageHead title={t('compliance.title')}>
        {first && <span className='quiet numbers'>{t('compliance.cameras', { count: first.cameras })} · {first.failing > 0 ? t('compliance.failing', { number: first.failing }) : t('compliance.allGood')} · {t('compliance.measuredAt', { time: clockText(first.at) })}</span>}
        <Button size='xs' variant='default' leftSection={<IconShieldCheck size={15} />} onClick={() => setDialog('firmware')}>{t('firmwareList.open')}</Button>
        {mayCheck && <Button size='xs' variant='default' leftSection={<IconKey size={15} />} onClick={() => setDialog('logins')}>{t('loginCheck.open')}</Button>}
        <Button size='xs' variant='default' component='a' href={urlOf('/compliance/export.csv', { ...search })} download leftSection={<IconDownload size={15} />}>{t('compliance.export')}</Button>
      </PageHead>
      <Filters search={search} set={set} />
      {first && <Chips page={first} search={search} set={set} />}
      {query.isError && !query.data ? <ErrorPanel error={query.error} onRetry={() => { void query.refetch() }} /> : !query.data ? <LoadingRows rows={12} /> : (
        <ComplianceTable rows={rows} total={first?.total ?? 0} search={search} set={set} onOpen={row => setOpen(row)} onMore={() => { if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage() }} empty={empty} />
      )}
      {open && <CameraDrawer camera={open} onClose={() => setOpen(null)} />}
      {dialog === 'firmware' && <FirmwareDialog onClose={() => setDialog(null)} />}
      {dialog === 'logins' && <LoginDialog filter={filter} cameras={first?.total ?? 0} onClose={() => setDialog(null)} />}
    </div>
  )
}

function Filters ({ search, set }: { search: ComplianceSearch, set: (change: ComplianceSearch) => void }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(search.q ?? '')
  const [q] = useDebouncedValue(typed, 250)
  const sites = useQuery(sitesQuery)
  const groups = useQuery(groupsQuery)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed sets the address
  useEffect(() => { if (q !== (search.q ?? '')) set({ q: q || undefined }) }, [q])
  useEffect(() => { if (search.q === undefined) setTyped('') }, [search.q])
  const select = (value: string | undefined, label: string, data: { value: string, label: string }[], change: (value: string | undefined) => void) => (
    <Select aria-label={label} placeholder={label} data={data} value={value ?? null} onChange={v => change(v ?? undefined)} clearable searchable={data.length > 8} className={styles.select} nothingFoundMessage={t('common.nothingFound')} />
  )
  const named = (list: { id: string, name: string }[] | undefined) => (list ?? []).map(({ id, name }) => ({ value: id, label: name }))
  return (
    <Group gap='xs' mb='xs'>
      <TextInput className={styles.search} leftSection={<IconSearch size={16} />} placeholder={t('devices.search')} aria-label={t('action.search')} value={typed} onChange={e => setTyped(e.currentTarget.value)} maxLength={120} />
      {select(search.siteId, t('common.site'), named(sites.data), siteId => set({ siteId }))}
      {select(search.groupId, t('common.group'), named(groups.data), groupId => set({ groupId }))}
      {search.check && select(search.status ?? 'fail', t('compliance.status'), complianceStatuses.map(value => ({ value, label: t(`complianceStatus.${value}`) })), status => set({ status: complianceStatuses.find(s => s === status) }))}
    </Group>
  )
}

/** How many cameras fail each check: a press shows only those. */
function Chips ({ page, search, set }: { page: Page, search: ComplianceSearch, set: (change: ComplianceSearch) => void }) {
  const { t } = useTranslation()
  const any = search.check === undefined && search.status === 'fail'
  return (
    <fieldset className={styles.chips} aria-label={t('compliance.failedCount')}>
      <UnstyledButton className={styles.chip} aria-pressed={any} onClick={() => set({ check: undefined, status: any ? undefined : 'fail' })}>{t('compliance.anyFailed')} <b className='numbers'>{page.failing}</b></UnstyledButton>
      {complianceChecks.filter(c => page.counts[c].fail > 0 || search.check === c).map(c => (
        <UnstyledButton key={c} className={styles.chip} aria-pressed={search.check === c} onClick={() => set(search.check === c ? { check: undefined, status: undefined } : { check: c, status: undefined })}>
          <CheckMark status={page.counts[c].fail > 0 ? 'fail' : 'pass'} size={13} />{t(`complianceCheck.${c}`)} <b className='numbers'>{page.counts[c].fail}</b>
        </UnstyledButton>
      ))}
    </fieldset>
  )
}
