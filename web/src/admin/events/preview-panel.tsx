/** What a rule would have raised, before it is saved. */
import { SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventRuleWrite, RulePreview } from '../../../../server/contract/camera-events.js'
import { fullTime, shortTime, timeZone } from '../../time.js'
import { ErrorPanel, LoadingRows, Panel } from '../../ui/feedback.js'
import { translated } from '../faults.js'
import { previewQuery } from './events-data.js'
import styles from './events.module.css'

/** What an operator can handle (EEMUA 191). */
const handledPerHour = 6
const LISTED = 6

export function PreviewPanel ({ rule }: { rule: EventRuleWrite }) {
  const { t } = useTranslation()
  const [days, setDays] = useState<7 | 30>(7)
  const preview = useQuery(previewQuery(rule, days))
  return (
    <Panel title={t('rulePreview.title')} aside={<SegmentedControl size='xs' data={[{ value: '7', label: t('rulePreview.days7') }, { value: '30', label: t('rulePreview.days30') }]} value={String(days)} onChange={v => setDays(v === '30' ? 30 : 7)} />}>
      {rule.types.length === 0 ? <Text size='sm' className='quiet'>{t('rulePreview.chooseTypes')}</Text>
        : preview.isError ? <ErrorPanel error={translated(preview.error)} onRetry={() => { void preview.refetch() }} />
          : !preview.data ? <LoadingRows rows={5} /> : <div aria-busy={preview.isFetching} style={{ opacity: preview.isFetching ? 0.6 : 1 }}><Shown preview={preview.data} days={days} /></div>}
    </Panel>
  )
}

function Shown ({ preview, days }: { preview: RulePreview, days: number }) {
  const { t, i18n } = useTranslation()
  if (preview.events === 0) return <Text size='sm' className='quiet'>{t('rulePreview.noEvents')}</Text>
  const perDay = preview.raised / days
  return (
    <div className={styles.preview} role='status'>
      <p className={styles.sum}><strong className='numbers'>{t('rulePreview.raised', { count: preview.raised })}</strong> <span className='quiet'>{t('rulePreview.ofEvents', { count: preview.events })} · {t('rulePreview.perDay', { number: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: perDay < 10 ? 1 : 0 }).format(perDay) })}</span></p>
      {perDay / 24 > handledPerHour && <Text size='sm' className={styles.tooMany}>{t('rulePreview.tooMany')}</Text>}
      {preview.partial && <Text size='sm' className='quiet'>{t('rulePreview.partial', { time: fullTime(preview.to) })}</Text>}
      <Bars preview={preview} days={days} />
      {preview.cameras.length > 0 && <><h4>{t('rulePreview.byCamera')}</h4><ul className={styles.lines}>{preview.cameras.slice(0, LISTED).map(c => <li key={c.deviceId}><span className='ellipsis'>{c.deviceName}</span><span className='numbers'>{c.raised}</span></li>)}</ul></>}
      {preview.latest.length > 0 && <><h4>{t('rulePreview.latest')}</h4><ul className={styles.lines}>{preview.latest.slice(0, LISTED).map(l => <li key={`${l.deviceId} ${l.at}`}><span className='ellipsis'>{l.deviceName} · {t(`eventType.${l.type}`)}</span><time className='numbers'>{shortTime(l.at)}</time></li>)}</ul></>}
    </div>
  )
}

/** A bar a day of the centre's zone; the server names only days that had any. */
function Bars ({ preview, days }: { preview: RulePreview, days: number }) {
  const { t } = useTranslation()
  const counts = new Map(preview.days.map(d => [d.day, d.raised]))
  if (preview.raised === 0) return null
  const last = new Intl.DateTimeFormat('en-CA', { timeZone: timeZone(), year: 'numeric', month: '2-digit', day: '2-digit' }).format(preview.to)
  const names = Array.from({ length: days }, (_, i) => new Date(Date.parse(`${last}T12:00:00Z`) - (days - 1 - i) * 86_400_000).toISOString().slice(0, 10))
  const most = Math.max(1, ...counts.values())
  return (
    <div className={styles.bars} role='img' aria-label={names.filter(n => counts.has(n)).map(n => `${n}: ${t('rulePreview.raised', { count: counts.get(n)! })}`).join('; ')}>
      {names.map(n => <span key={n} title={`${n}: ${t('rulePreview.raised', { count: counts.get(n) ?? 0 })}`} style={{ height: `${Math.max(2, (counts.get(n) ?? 0) / most * 100)}%` }} />)}
    </div>
  )
}
