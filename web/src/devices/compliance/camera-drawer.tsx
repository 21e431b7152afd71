import { Drawer, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { CameraCompliance } from '../../../../server/contract/compliance.js'
import { seriesQuery } from '../../queries.js'
import { fullTime } from '../../time.js'
import { Loaded, Panel } from '../../ui/feedback.js'
import styles from '../devices.module.css'
import { Plot } from '../plot.js'
import { bitRate, frameRate, plain } from '../units.js'
import { CheckList } from './check-list.js'
import { cameraComplianceQuery } from './data.js'

const SPAN_MS = 6 * 3_600_000

/** A camera's checks with the numbers behind them. */
export function CameraDrawer ({ camera: { id, name }, onClose }: { camera: { id: string, name: string }, onClose: () => void }) {
  const { t } = useTranslation()
  const query = useQuery(cameraComplianceQuery(id))
  return (
    <Drawer opened onClose={onClose} position='right' size='lg' title={name}>
      <Loaded query={query} rows={8}>
        {camera => (
          <Stack gap='md'>
            <span className='quiet'>{[camera.siteName, camera.manufacturer, camera.model, camera.firmware, camera.address].filter(Boolean).join(' · ')} · <Link to='/devices/$id' params={{ id }} style={{ color: 'var(--accent)' }}>{t('compliance.page')}</Link></span>
            <CheckList camera={camera} />
            <Numbers id={id} title={t('plot.fps')} series='fps' text={frameRate} />
            <Numbers id={id} title={t('plot.bitrate')} series='bitrate_bps' text={bitRate} />
            <Panel title={t('compliance.settings')}><Encoders camera={camera} /></Panel>
          </Stack>
        )}
      </Loaded>
    </Drawer>
  )
}

/** Only where something was measured. */
function Numbers ({ id, title, series, text }: { id: string, title: string, series: string, text: (value: number) => string }) {
  const { t } = useTranslation()
  const data = useQuery(seriesQuery(id, [`${series}.main`, `${series}.sub`], SPAN_MS))
  const lines = (data.data?.series ?? []).filter(s => s.points.some(p => p[1] !== null)).map(s => ({ label: t(s.name.endsWith('main') ? 'device.mainStream' : 'device.subStream'), points: s.points }))
  if (lines.length === 0) return null
  return <div><div className='quiet' style={{ fontSize: 13.5 }}>{title}</div><Plot lines={lines} label={title} text={text} spanMs={SPAN_MS} height={110} /></div>
}

function Encoders ({ camera: { encoders, certificate, reportedAt } }: { camera: CameraCompliance }) {
  const { t } = useTranslation()
  return (
    <dl className={styles.facts}>
      {(encoders ?? []).map(e => (
        <div key={e.profile} style={{ display: 'contents' }}>
          <dt>{t(e.profile === 'main' ? 'device.mainStream' : 'device.subStream')}</dt>
          <dd>{[e.codec?.toUpperCase(), e.width && `${e.width}×${e.height}`, e.fps && frameRate(e.fps), e.bitrateBps && bitRate(e.bitrateBps), e.govLength && e.fps && t('compliance.keyFrames', { seconds: plain(e.govLength / e.fps) })].filter(Boolean).join(', ')}</dd>
        </div>
      ))}
      {certificate && <><dt>{t('complianceCheck.certificate')}</dt><dd>{t('compliance.certificateOf', certificate)}, {t('compliance.certificateUntil', { time: fullTime(certificate.notAfter) })}</dd></>}
      <dt>{t('device.observed')}</dt><dd>{reportedAt === null ? t('compliance.notTold') : fullTime(reportedAt)}</dd>
    </dl>
  )
}
