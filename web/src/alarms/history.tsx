/** Alarms of the past, by time and severity, a page at a time. */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { severities } from '../../../server/contract/health.js'
import { type AlarmQuery, fetchAlarms } from '../queries.js'
import { timeZone } from '../time.js'
import { EmptyPanel, Loaded } from '../ui/feedback.js'
import { localText, momentOf } from '../../../lib/zoned-day.js'
import { AlarmRow } from './alarm-row.js'
import { AlarmList } from './alarm-list.js'

const DAY = 86_400_000

export function AlarmHistory ({ deviceId }: { deviceId?: string }) {
  const { t } = useTranslation()
  const [from, setFrom] = useState(() => localText(Date.now() - (deviceId ? 30 : 1) * DAY, timeZone()))
  const [to, setTo] = useState('')
  const [severity, setSeverity] = useState<string | null>(null)
  const filter: AlarmQuery = { status: 'all', deviceId, from: momentOf(from, timeZone()), to: momentOf(to, timeZone()), severity: severity ?? undefined, limit: 50 }
  const pages = useInfiniteQuery({
    queryKey: ['alarms', filter], initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => fetchAlarms({ ...filter, cursor: pageParam }, signal), getNextPageParam: last => last.next ?? undefined
  })
  return (
    <Stack gap='md'>
      <Group gap='sm' align='flex-end'>
        <TextInput type='datetime-local' label={t('alarms.from')} value={from} max={to || undefined} onChange={e => setFrom(e.currentTarget.value)} />
        <TextInput type='datetime-local' label={t('alarms.to')} value={to} min={from} onChange={e => setTo(e.currentTarget.value)} />
        <Select label={t('alarms.severity')} placeholder={t('common.all')} clearable value={severity} onChange={setSeverity} data={severities.map(value => ({ value, label: t(`severity.${value}`) }))} w={170} />
      </Group>
      <Loaded query={pages}>
        {data => {
          const rows = data.pages.flatMap(p => p.items)
          if (rows.length === 0) return <EmptyPanel title={t('alarms.noHistory')} />
          return (
            <Stack gap='sm'>
              <AlarmList alarms={rows} row={a => <AlarmRow alarm={a} />} onEnd={() => { if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage() }} />
              {pages.hasNextPage && <Button variant='default' loading={pages.isFetchingNextPage} onClick={() => { void pages.fetchNextPage() }}>{t('action.more')}</Button>}
            </Stack>
          )
        }}
      </Loaded>
    </Stack>
  )
}
