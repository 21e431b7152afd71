/** One camera large: its main stream, its sound if asked for, and the way to its page. */
import { ActionIcon, Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconInfoCircle, IconLayoutGrid, IconRewindBackward30, IconVolume, IconVolumeOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useReason } from '../devices/reason.js'
import { LiveView } from '../live-video/live-view.js'
import { serverNow, useWall } from '../live-socket.js'
import { missedSearch } from '../playback/playback-link.js'
import { useMay } from '../session/me.js'
import { StateMark, shownState } from '../ui/marks.js'
import styles from './wall.module.css'

export function FocusView ({ id, sound, onSound, onClose }: { id: string, sound: boolean, onSound: () => void, onClose: () => void }) {
  const { t } = useTranslation()
  const device = useWall(w => w.devices.get(id))
  const reason = useReason()
  const navigate = useNavigate()
  const mayPlay = useMay('video.playback')
  const soundLabel = sound ? t('wall.soundOff') : t('wall.sound')
  return (
    <div className={styles.focus}>
      <div className={styles.focusBar}>
        {device && <StateMark state={shownState(device)} size={20} />}
        <span className={styles.focusName} title={device?.name}>{device?.name ?? t('tile.unknownDevice')}</span>
        {device && <span className='quiet ellipsis'>{reason(device) || device.siteName}</span>}
        <span className={styles.barSpace} />
        <ActionIcon variant={sound ? 'filled' : 'default'} size='lg' onClick={onSound} aria-pressed={sound} aria-label={soundLabel} title={`${soundLabel} (S)`}>{sound ? <IconVolume size={19} /> : <IconVolumeOff size={19} />}</ActionIcon>
        {mayPlay && <ActionIcon variant='default' size='lg' aria-label={t('playback.back30')} title={`${t('playback.back30')} (R)`} onClick={() => { void navigate({ to: '/playback', search: missedSearch(id, serverNow()) }) }}><IconRewindBackward30 size={19} /></ActionIcon>}
        <ActionIcon component={Link} to={`/devices/${id}`} variant='default' size='lg' aria-label={t('wall.openDevice')} title={t('wall.openDevice')}><IconInfoCircle size={19} /></ActionIcon>
        <Button variant='default' leftSection={<IconLayoutGrid size={18} />} onClick={onClose} title='Esc' aria-label={t('wall.unfocus')} px={10}><span className={styles.wideOnly}>{t('wall.unfocus')}</span></Button>
      </div>
      <div className={styles.focusPicture}>
        {device?.enabled === false ? <div className={styles.gone}>{t('tile.disabled')}</div> : device && <LiveView key={id} deviceId={id} profile='main' focused sound={sound} />}
      </div>
    </div>
  )
}
