/** How much of what was wanted was recorded: a row a camera, a cell a day; grey where all is well. */
import { Button, Group, Text, TextInput, Tooltip } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { localText, startOfDay } from '../../../../lib/zoned-day.js'
import type { Availability } from '../../../../server/contract/recording.js'
import { serverNow } from '../../live-socket.js'
import { clockText, spanText, timeZone } from '../../time.js'
import { EmptyPanel, Loaded, PageHead } from '../../ui/feedback.js'
import adminStyles from '../admin.module.css'
import styles from './availability.module.css'
import { availabilityQuery } from './recording-data.js'
import { decimals } from '../../ui/numbers.js'

const DAY_MS = 86_400_000
const dayOf = (at: number) => localText(at, timeZone()).slice(0, 10)
/** Below the first, somebody should look; below the second, act. */
const GOOD = 99.9
const BAD = 95
export const gradeOf = (percent: number | null) => percent === null ? 'none' : percent >= GOOD ? 'good' : percent >= BAD ? 'fair' : 'bad'

export function AvailabilityPage () {
  const { t } = useTranslation()
  const [fromDay, setFromDay] = useState(() => dayOf(serverNow() - 13 * DAY_MS))
  const [toDay, setToDay] = useState(() => dayOf(serverNow()))
  const zone = timeZone()
  const ready = startOfDay(fromDay, zone) !== undefined && startOfDay(toDay, zone) !== undefined && fromDay <= toDay
  const query = useInfiniteQuery({ ...availabilityQuery(fromDay, toDay), enabled: ready })
  const items = query.data?.pages.flatMap(p => p.items) ?? []
  const today = dayOf(serverNow())
  const asOf = items.reduce<number | null>((least, i) => i.day === today ? Math.min(least ?? i.asOf, i.asOf) : least, null)
  return (
    <div>
      <PageHead title={t('administration.availability')}>
        <TextInput type='date' aria-label={t('alarms.from')} value={fromDay} max={toDay} onChange={e => setFromDay(e.currentTarget.value)} />
        <TextInput type='date' aria-label={t('alarms.to')} value={toDay} min={fromDay} onChange={e => setToDay(e.currentTarget.value)} />
        <Button variant='default' leftSection={<IconDownload size={16} />} disabled={items.length === 0} onClick={() => save(csvOf(items), `availability-${fromDay}-${toDay}.csv`)}>CSV</Button>
      </PageHead>
      <Text size='sm' className='quiet' maw={900}>{t('availability.intro')}{asOf !== null && ` ${t('availability.asOf', { time: clockText(asOf) })}`}</Text>
      <Group gap='4px 16px' my='sm' className='quiet' fz={13}>{(['good', 'fair', 'bad', 'none'] as const).map(g => <span key={g} className={styles.key}><span className={styles.swatch} data-grade={g} />{t(`availability.grade.${g}`)}</span>)}</Group>
      <Loaded query={query} rows={6}>
        {() => items.length === 0 ? <EmptyPanel title={t('availability.none')} hint={t('availability.noneHint')} /> : (
          <>
            <Table items={items} />
            {query.hasNextPage && <Button mt='md' variant='default' loading={query.isFetchingNextPage} onClick={() => { void query.fetchNextPage() }}>{t('action.more')}</Button>}
          </>
        )}
      </Loaded>
    </div>
  )
}

function Table ({ items }: { items: Availability[] }) {
  const { t } = useTranslation()
  const days = [...new Set(items.map(i => i.day))].sort()
  const cameras = new Map<string, Availability[]>()
  for (const item of items) cameras.set(item.deviceId, [...cameras.get(item.deviceId) ?? [], item])
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead><tr><th scope='col'>{t('alarms.device')}</th>{days.map(day => <th key={day} scope='col' className='numbers'>{day.slice(8)}.{day.slice(5, 7)}</th>)}</tr></thead>
        <tbody>
          {[...cameras].map(([id, row]) => (
            <tr key={id}>
              <th scope='row' className={adminStyles.itemName}>{row[0]!.deviceName}</th>
              {days.map(day => <Cell key={day} item={row.find(i => i.day === day)} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cell ({ item }: { item: Availability | undefined }) {
  const { t } = useTranslation()
  const percent = item?.percent ?? null
  const why = (item?.missing ?? []).map(m => `${t(`gapCause.${m.cause}`)}: ${spanText(m.ms)}`).join('\n')
  const text = percent === null ? '—' : percent === 100 ? '100' : decimals(percent, percent >= 99 ? 2 : 1)
  const cell = <td className={`${styles.cell} numbers`} data-grade={gradeOf(percent)} tabIndex={why ? 0 : undefined}>{text}</td>
  return why ? <Tooltip label={why} multiline style={{ whiteSpace: 'pre-line' }} events={{ hover: true, focus: true, touch: true }}>{cell}</Tooltip> : cell
}

/** For a spreadsheet: seconds, so that nothing is rounded away. */
export function csvOf (items: readonly Availability[]) {
  const quoted = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
  const rows = items.map(i => [quoted(i.deviceName), i.day, i.percent ?? '', Math.round(i.wantedMs / 1000), Math.round(i.recordedMs / 1000), quoted(i.missing.map(m => `${m.cause} ${Math.round(m.ms / 1000)}`).join('; '))].join(','))
  return `\ufeffcamera,day,percent,wanted_s,recorded_s,missing_s\r\n${rows.join('\r\n')}\r\n`
}
function save (text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
