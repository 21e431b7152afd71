/** One alarm as a line: what, where, since when, who has it. */
import { ActionIcon, Button, Text } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconCheck, IconPlayerPlay } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Alarm } from '../../../server/contract/health.js'
import { beforeSearch } from '../playback/playback-link.js'
import { useMay } from '../session/me.js'
import { shortTime, spanText } from '../time.js'
import { Age } from '../ui/age.js'
import { SeverityMark } from '../ui/marks.js'
import styles from './alarms.module.css'

/** Their detail is numbers and units, the same in any language. */
const tellsNumbers = (alarm: Alarm) => alarm.condition === 'light_warning' || alarm.condition === 'light_alarm'

export function AlarmRow ({ alarm, isNew, chosen, onAcknowledge, compact }: { alarm: Alarm, isNew?: boolean, chosen?: boolean, compact?: boolean, onAcknowledge?: (alarm: Alarm) => void }) {
  const { t } = useTranslation()
  const may = useMay('alarm.acknowledge')
  const open = alarm.clearedAt === null
  const mayPlay = useMay('video.playback') && alarm.deviceKind === 'camera' && alarm.deviceId !== null
  const subject = alarm.subject === 'sub' ? t('device.subStream') : alarm.subject === 'main' ? t('device.mainStream') : alarm.condition === 'picture_fault' ? '' : alarm.subject
  const name = alarm.deviceId
    ? <Link to='/devices/$id' params={{ id: alarm.deviceId }} className={styles.device}>{alarm.deviceName}</Link>
    : <span className={styles.device}>{alarm.deviceName}</span>
  return (
    <article className={styles.row} data-severity={alarm.severity} data-new={isNew || undefined} data-chosen={chosen || undefined} data-quiet={alarm.acknowledgedAt !== null || !open || undefined} id={`alarm-${alarm.id}`}>
      <SeverityMark severity={alarm.severity} size={compact ? 20 : 26} />
      <div className={styles.text}>
        <div className={styles.first}>
          <strong>{t(`condition.${alarm.condition}`)}{subject && ` · ${subject}`}</strong>
          {isNew && <span className={styles.new}>{t('alarms.new')}</span>}
        </div>
        <div className={styles.second}>{name}{alarm.siteName && !compact && <span className='quiet'> · {alarm.siteName}</span>}</div>
        {alarm.failure && <div className={styles.detail} title={alarm.failure.detail}>{t(`failure.${alarm.failure.code}`)}{tellsNumbers(alarm) && <span className='numbers'>: {alarm.failure.detail}</span>}</div>}
        {alarm.affectedCount > 0 && <div className={styles.affected}>{t('alarms.affected', { count: alarm.affectedCount })}</div>}
        {alarm.acknowledgedAt !== null && !compact && <Acknowledged alarm={alarm} at={alarm.acknowledgedAt} />}
      </div>
      <div className={styles.right}>
        {mayPlay && <Recording deviceId={alarm.deviceId!} at={alarm.raisedAt} />}
        {open ? <span className={styles.age}><Age since={alarm.raisedAt} /></span> : <span className='quiet numbers'>{spanText((alarm.clearedAt ?? alarm.raisedAt) - alarm.raisedAt)}</span>}
        <span className={styles.time}>{shortTime(alarm.raisedAt)}</span>
        {open && alarm.acknowledgedAt === null && may && onAcknowledge && <Button size='compact-sm' variant='default' onClick={() => onAcknowledge(alarm)}>{compact ? <IconCheck size={16} aria-label={t('alarms.acknowledge')} /> : t('alarms.acknowledge')}</Button>}
        {open && alarm.acknowledgedAt !== null && <span className={styles.seen}><IconCheck size={14} aria-hidden /> {t('alarms.acknowledged')}</span>}
        {!open && <span className={styles.seen}>{t('alarms.cleared')}</span>}
      </div>
    </article>
  )
}

/** What the camera recorded when it began. */
function Recording ({ deviceId, at }: { deviceId: string, at: number }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return <ActionIcon variant='default' size='md' aria-label={t('playback.openAt')} title={t('playback.openAt')} onClick={() => { void navigate({ to: '/playback', search: beforeSearch(deviceId, at) }) }}><IconPlayerPlay size={16} /></ActionIcon>
}

function Acknowledged ({ alarm, at }: { alarm: Alarm, at: number }) {
  return <Text size='xs' className='quiet'>{alarm.acknowledgedBy}, {shortTime(at)}{alarm.acknowledgeComment && `: «${alarm.acknowledgeComment}»`}</Text>
}
