/** A camera's picture on its page: live, or a still taken on demand. */
import { Button, Group, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconArrowsMove, IconCamera } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getBlob } from '../api.js'
import { LiveView } from '../live-video/live-view.js'
import { PtzControls } from '../ptz/controls.js'
import { usePtzView } from '../ptz/use-ptz.js'
import { Ago } from '../ui/age.js'
import { Loaded, Panel } from '../ui/feedback.js'
import styles from './devices.module.css'

type Way = 'sub' | 'main' | 'snapshot'

export function CameraPicture ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const [way, setWay] = useState<Way>('sub')
  const { data: view } = usePtzView(deviceId)
  const [steering, setSteering] = useState(false)
  const [barHost, setBarHost] = useState<HTMLElement | null>(null)
  const ways = [{ value: 'sub', label: t('device.subStream') }, { value: 'main', label: t('device.mainStream') }, { value: 'snapshot', label: t('device.snapshot') }]
  return (
    <Panel title={way === 'snapshot' ? t('device.snapshot') : t('device.live')} aside={
      <Group gap={8}>
        {view?.abilities && way !== 'snapshot' && <Button size='xs' variant={steering ? 'filled' : 'default'} leftSection={<IconArrowsMove size={15} />} aria-pressed={steering} onClick={() => setSteering(!steering)}>{t(steering ? 'ptz.close' : 'ptz.open')}</Button>}
        <SegmentedControl size='xs' value={way} onChange={v => setWay(v as Way)} data={ways} />
      </Group>
    }>
      {way === 'snapshot' ? <Snapshot deviceId={deviceId} /> : (
        <>
          <div className={styles.picture}>
            <LiveView key={way} deviceId={deviceId} profile={way} focused={way === 'main'} />
            {view?.abilities && steering && barHost && <PtzControls deviceId={deviceId} view={{ ...view, abilities: view.abilities }} onLeave={() => setSteering(false)} barHost={barHost} />}
          </div>
          <div ref={setBarHost} />
        </>
      )}
    </Panel>
  )
}

function Snapshot ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const still = useQuery({ queryKey: ['devices', deviceId, 'snapshot'], queryFn: ({ signal }) => getBlob(`/devices/${deviceId}/snapshot`, { signal, timeoutMs: 30_000 }), staleTime: Infinity, gcTime: 60_000, retry: false })
  return (
    <>
      <Loaded query={still} rows={5}>{({ blob, at }) => <Still blob={blob} at={at} />}</Loaded>
      <Button mt='xs' size='xs' variant='default' leftSection={<IconCamera size={15} />} loading={still.isFetching} onClick={() => { void still.refetch() }}>{t('device.takeSnapshot')}</Button>
    </>
  )
}
function Still ({ blob, at }: { blob: Blob, at: number }) {
  const { t } = useTranslation()
  const url = useMemo(() => URL.createObjectURL(blob), [blob])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return <figure style={{ margin: 0 }}><div className={styles.picture}><img src={url} alt={t('device.snapshot')} /></div><figcaption className='quiet' style={{ fontSize: 13, marginTop: 4 }}>{t('device.snapshot')}: <Ago at={at} /></figcaption></figure>
}
