/** One camera large: its main stream, its sound if asked for, and the way to its page. */
import { ActionIcon, Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconArrowsMove, IconInfoCircle, IconLayoutGrid, IconRewindBackward30, IconVolume, IconVolumeOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useReason } from '../devices/reason.js'
import { LiveView } from '../live-video/live-view.js'
import { serverNow, useWall } from '../live-socket.js'
import { missedSearch } from '../playback/playback-link.js'
import { PtzControls } from '../ptz/controls.js'
import { usePtzView } from '../ptz/use-ptz.js'
import { isTyping, keyAction } from '../shell/keymap.js'
import { useMay } from '../session/me.js'
import { StateMark, shownState } from '../ui/marks.js'
import styles from './wall.module.css'

export function FocusView ({ id, sound, onSound, onClose }: { id: string, sound: boolean, onSound: () => void, onClose: () => void }) {
  const { t } = useTranslation()
  const device = useWall(w => w.devices.get(id))
  const reason = useReason()
  const navigate = useNavigate()
  const mayPlay = useMay('video.playback')
  const { view, steering, setSteering } = useSteering(id)
  const [barHost, setBarHost] = useState<HTMLElement | null>(null)
  const soundLabel = sound ? t('wall.soundOff') : t('wall.sound')
  return (
    <div className={styles.focus}>
      <div className={styles.focusBar}>
        {device && <StateMark state={shownState(device)} size={20} />}
        <span className={styles.focusName} title={device?.name}>{device?.name ?? t('tile.unknownDevice')}</span>
        {device && <span className='quiet ellipsis'>{reason(device) || device.siteName}</span>}
        <span className={styles.barSpace} />
        {view && <Button variant={steering ? 'filled' : 'default'} leftSection={<IconArrowsMove size={18} />} px={10} miw={38} aria-pressed={steering} aria-label={t(steering ? 'ptz.close' : 'ptz.open')} title={`${t(steering ? 'ptz.close' : 'ptz.open')} (P)`} onClick={() => setSteering(!steering)}><span className={styles.wideOnly}>{t(steering ? 'ptz.close' : 'ptz.open')}</span></Button>}
        <ActionIcon variant={sound ? 'filled' : 'default'} size='lg' onClick={onSound} aria-pressed={sound} aria-label={soundLabel} title={`${soundLabel} (S)`}>{sound ? <IconVolume size={19} /> : <IconVolumeOff size={19} />}</ActionIcon>
        {mayPlay && <ActionIcon variant='default' size='lg' aria-label={t('playback.back30')} title={`${t('playback.back30')} (R)`} onClick={() => { void navigate({ to: '/playback', search: missedSearch(id, serverNow()) }) }}><IconRewindBackward30 size={19} /></ActionIcon>}
        <ActionIcon component={Link} to={`/devices/${id}`} variant='default' size='lg' aria-label={t('wall.openDevice')} title={t('wall.openDevice')}><IconInfoCircle size={19} /></ActionIcon>
        <Button variant='default' leftSection={<IconLayoutGrid size={18} />} onClick={onClose} title='Esc' aria-label={t('wall.unfocus')} px={10}><span className={styles.wideOnly}>{t('wall.unfocus')}</span></Button>
      </div>
      <div className={styles.focusPicture}>
        {device?.enabled === false ? <div className={styles.gone}>{t('tile.disabled')}</div> : device && <LiveView key={id} deviceId={id} profile='main' focused sound={sound} />}
        {view && steering && barHost && device?.enabled !== false && <PtzControls key={id} deviceId={id} view={view} onLeave={() => setSteering(false)} barHost={barHost} />}
      </div>
      <div ref={setBarHost} />
    </div>
  )
}

/** Whether the camera turns, and whether this person turns it now; another camera is looked at first. */
function useSteering (id: string) {
  const { data } = usePtzView(id)
  const [steered, setSteered] = useState<string | null>(null)
  const view = data?.abilities ? { ...data, abilities: data.abilities } : null
  const able = view !== null
  useEffect(() => {
    if (!able) return
    const onKey = (event: KeyboardEvent) => { if (!event.defaultPrevented && keyAction(event, isTyping(event.target))?.do === 'steer') { event.preventDefault(); setSteered(now => now === id ? null : id) } }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [able, id])
  return { view, steering: steered === id, setSteering: (on: boolean) => setSteered(on ? id : null) }
}
