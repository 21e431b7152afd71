/** What was measured of a device, in words and units. */
import { useTranslation } from 'react-i18next'
import type { StreamView } from '../../../server/contract/health.js'
import type { Device } from '../../../server/contract/inventory.js'
import { Ago } from '../ui/age.js'
import styles from './devices.module.css'
import { bitRate, frameRate, millis, orDash, plain } from './units.js'

export function Measured ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const { state } = device
  return (
    <>
      <dl className={styles.facts}>
        <dt>{t('measure.rtt')}</dt><dd className='numbers'>{orDash(state.rttMs, millis)}</dd>
        {device.kind === 'camera' && <><dt>{t('measure.clockOffset')}</dt><dd className='numbers'>{orDash(state.clockOffsetMs, millis)}</dd></>}
        <dt>{t('device.observed')}</dt><dd>{state.observedAt === null ? t('device.never') : <Ago at={state.observedAt} />}</dd>
      </dl>
      {state.streams.map(s => <StreamFacts key={s.profile} stream={s} />)}
    </>
  )
}

const statuses = ['connecting', 'playing', 'stalled', 'failed', 'stopped'] as const
const isStatus = (s: string): s is (typeof statuses)[number] => (statuses as readonly string[]).includes(s)

function StreamFacts ({ stream }: { stream: StreamView }) {
  const { t } = useTranslation()
  const resolution = stream.width && stream.height ? `${stream.width} × ${stream.height}` : '—'
  return (
    <>
      <h3 style={{ fontSize: 14, margin: '14px 0 6px' }}>{t('device.stream')}: {stream.profile === 'main' ? t('device.mainStream') : t('device.subStream')}</h3>
      <dl className={styles.facts}>
        <dt>{t('measure.status')}</dt><dd>{isStatus(stream.status) ? t(`streamStatus.${stream.status}`) : stream.status}{stream.failure && ` · ${t(`failure.${stream.failure.code}`)}`}</dd>
        <dt>{t('measure.codec')}</dt><dd>{stream.codec ?? '—'}</dd>
        <dt>{t('measure.resolution')}</dt><dd className='numbers'>{resolution}</dd>
        <dt>{t('measure.fps')}</dt><dd className='numbers'>{orDash(stream.fps, frameRate)}</dd>
        <dt>{t('measure.bitrate')}</dt><dd className='numbers'>{orDash(stream.bitrateBps, bitRate)}</dd>
        <dt>{t('measure.keyFrameInterval')}</dt><dd className='numbers'>{orDash(stream.keyFrameIntervalMs, millis)}</dd>
        <dt>{t('measure.audio')}</dt><dd>{stream.audioCodec ?? t('common.none')}</dd>
        <dt>{t('measure.packetsLost')}</dt><dd className='numbers'>{orDash(stream.packetsLost, plain)}</dd>
        <dt>{t('measure.reconnects')}</dt><dd className='numbers'>{orDash(stream.reconnects, plain)}</dd>
      </dl>
    </>
  )
}
