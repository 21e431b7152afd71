/** The alarms that stand, live, worst first; arrows choose, Enter opens, the space bar acknowledges. */
import { Skeleton } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alarm } from '../../../server/contract/health.js'
import { alarmOrder } from '../live.js'
import { useWall } from '../live-socket.js'
import { useNow } from '../time.js'
import { EmptyPanel } from '../ui/feedback.js'
import { AcknowledgeDialog } from './acknowledge.js'
import { AlarmList } from './alarm-list.js'
import { AlarmRow } from './alarm-row.js'
import styles from './alarms.module.css'

/** An unacknowledged alarm counts as new this long, ms. */
const NEW_MS = 60_000

export function StandingAlarms ({ compact, only }: { compact?: boolean, only?: (alarm: Alarm) => boolean }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const alarms = useWall(w => w.alarms)
  const joined = useWall(w => w.seq !== null)
  const now = useNow()
  const list = useMemo(() => [...alarms.values()].filter(a => only?.(a) ?? true).sort(alarmOrder), [alarms, only])
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [asked, setAsked] = useState<Alarm | null>(null)
  const box = useRef<HTMLDivElement>(null)
  if (!joined) return <Skeleton height={70} />
  if (list.length === 0 && compact) return <span className='quiet'>{t('alarms.none')}</span>
  if (list.length === 0) return <EmptyPanel title={t('alarms.none')} hint={t('alarms.noneHint')} />
  const index = list.findIndex(a => a.id === chosenId)
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const chosen = list[index]
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity }[event.key]
    if (step !== undefined) setChosenId(list[Math.max(0, Math.min(list.length - 1, index + step))]!.id)
    else if (event.key === ' ' && chosen && chosen.acknowledgedAt === null) setAsked(chosen)
    else if (event.key === 'Enter' && chosen?.deviceId) void navigate({ to: '/devices/$id', params: { id: chosen.deviceId } })
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the list is one stop of the Tab key; arrows go on inside */}
      <section className={styles.list} ref={box} tabIndex={0} aria-label={t('alarms.open')} onKeyDown={onKey} onFocus={() => { if (!chosenId) setChosenId(list[0]!.id) }} data-alarm-list>
        <AlarmList alarms={list} chosen={index} row={a => <AlarmRow alarm={a} compact={compact} chosen={a.id === chosenId} isNew={a.acknowledgedAt === null && now - a.raisedAt < NEW_MS} onAcknowledge={setAsked} />} />
      </section>
      <AcknowledgeDialog alarm={asked} onClose={() => { setAsked(null); box.current?.focus() }} />
    </>
  )
}
