/** How the wall itself stands: always in sight, loud when what it shows may be old. */
import { Button, Text, Tooltip } from '@mantine/core'
import { IconCloudOff, IconPlugConnected, IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../live-socket.js'
import { spanText, useNow } from '../time.js'
import styles from './shell.module.css'

/** Clocks that differ more than this are worth telling, ms. */
const CLOCK_WORTH_TELLING = 3000

export function ConnectionMark () {
  const { t } = useTranslation()
  const c = useLive(l => l.connection)
  useNow()
  const age = c.since === null ? '' : spanText(Date.now() - c.since)
  const text = { connecting: t('connection.connecting'), online: t('connection.online'), offline: t('connection.offline'), reconnecting: t('connection.reconnecting', { age }), signed_out: t('connection.signedOut') }[c.status]
  const offset = Math.abs(c.clockOffsetMs) > CLOCK_WORTH_TELLING ? t('connection.offset', { offset: spanText(Math.abs(c.clockOffsetMs)) }) : null
  return (
    <Tooltip label={offset ?? t('connection.label')}>
      <span className={styles.connection} data-status={c.status} role='status' aria-label={`${t('connection.label')}: ${text}`}>
        {c.status === 'online' ? <IconPlugConnected size={16} aria-hidden /> : <IconCloudOff size={16} aria-hidden />}
        <span className={styles.connectionText}>{text}</span>
        {offset && <span className={styles.offset} aria-hidden>⏱</span>}
      </span>
    </Tooltip>
  )
}

/** A line over the whole width while nothing on the screen can be trusted to be of this moment. */
export function ConnectionBar () {
  const { t } = useTranslation()
  const c = useLive(l => l.connection)
  useNow()
  if (c.versionChanged) {
    return (
      <div className={styles.bar} role='status'>
        <Text size='sm'>{t('connection.newVersion')}. {t('connection.newVersionHint')}</Text>
        <Button size='compact-sm' leftSection={<IconRefresh size={14} />} onClick={() => location.reload()}>{t('action.reload')}</Button>
      </div>
    )
  }
  // A short break heals by itself; only a lasting one is worth a bar.
  if (c.since === null || Date.now() - c.since < 2000) return null
  return (
    <div className={styles.bar} data-loud role='alert'>
      <IconCloudOff size={18} aria-hidden />
      <Text size='sm' fw={600}>{c.status === 'offline' ? t('connection.offline') : t('connection.reconnecting', { age: spanText(Date.now() - c.since) })}. {t('connection.stale')}</Text>
    </div>
  )
}
