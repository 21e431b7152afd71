/** Play, step, speed, jump, time, and the tools beside them. Every button has its key in its title. */
import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconBookmarkPlus, IconBracketsContain, IconChevronLeft, IconChevronRight, IconCut, IconLayoutSidebarRight, IconLock, IconPlayerPauseFilled, IconPlayerPlayFilled, IconPlayerSkipBackFilled, IconPlayerSkipForwardFilled, IconPlayerTrackPrevFilled, IconPlus, IconVolume, IconVolumeOff, IconX, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { timeZone } from '../time.js'
import type { Act } from './act.js'
import { RATES } from './engine/clock.js'
import type { CameraView, RoomStatus } from './engine/room.js'
import styles from './playback.module.css'
import { DAY_MS } from './timeline/view.js'
import { dateText, timeText } from './timeline/zone.js'

const SPANS = { hour: 3_600_000, day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS } as const
const rateText = (rate: number) => `${rate < 0 ? '−' : ''}${Math.abs(rate)}×`

export interface BarProps { status: RoomStatus, act: Act, selection: boolean, may: { bookmark: boolean, clip: boolean, lock: boolean }, panel: boolean, cameras: number, sound: boolean, soundOf: CameraView['sound'] }

export function TransportBar ({ status, act, selection, may, panel, cameras, sound, soundOf }: BarProps) {
  const { t } = useTranslation()
  const none = cameras === 0
  const tool = (label: string, key: string, icon: ReactNode, onClick: () => void, { pressed, wide, disabled = none }: { pressed?: boolean, wide?: boolean, disabled?: boolean } = {}) =>
    <ActionIcon variant={pressed ? 'filled' : 'default'} size='lg' className={wide ? styles.wideOnly : undefined} disabled={disabled} aria-label={label} aria-pressed={pressed} title={`${label} (${key})`} onClick={onClick}>{icon}</ActionIcon>
  const zone = timeZone()
  const soundText = () => soundOf === 'none' ? t('playback.noSound') : soundOf === 'unplayable' ? t('playback.soundUnplayable') : !sound ? t('playback.sound') : status.rate === 1 ? t('playback.soundOff') : t('playback.soundOnlyAt1')
  return (
    <div className={styles.bar} role='toolbar' aria-label={t('playback.tools')}>
      {tool(t('playback.jumpBack'), 'Shift+N', <IconPlayerSkipBackFilled size={17} />, () => act({ do: 'jump', direction: -1 }))}
      {tool(t('playback.frameBack'), ',', <IconChevronLeft size={19} />, () => act({ do: 'frame', direction: -1 }))}
      {tool(t('playback.back'), 'J', <IconPlayerTrackPrevFilled size={17} />, () => act({ do: 'shuttle', direction: -1 }), { pressed: status.playing && status.rate < 0, wide: true, disabled: none || status.limited })}
      {tool(status.playing ? t('playback.pause') : t('playback.play'), t('keys.space'), status.playing ? <IconPlayerPauseFilled size={19} /> : <IconPlayerPlayFilled size={19} />, () => act({ do: 'toggle' }))}
      {tool(t('playback.frameForward'), '.', <IconChevronRight size={19} />, () => act({ do: 'frame', direction: 1 }))}
      {tool(t('playback.jumpForward'), 'N', <IconPlayerSkipForwardFilled size={17} />, () => act({ do: 'jump', direction: 1 }))}
      <Speed status={status} act={act} disabled={none} />
      {tool(soundText(), 'S', sound && soundOf === 'there' ? <IconVolume size={18} /> : <IconVolumeOff size={18} />, () => act({ do: 'sound' }), { pressed: sound && soundOf === 'there', disabled: none || soundOf !== 'there' })}
      <button type='button' className={styles.clock} onClick={() => act({ do: 'go' })} title={`${t('playback.goTo')} (G)`} aria-label={`${t('playback.goTo')}: ${dateText(status.atMs, zone)} ${timeText(status.atMs, zone)}`}><span className={styles.wideOnly}>{dateText(status.atMs, zone)} </span>{timeText(status.atMs, zone)}</button>
      <span className={styles.space} />
      <Button.Group className={styles.wideOnly}>{(Object.keys(SPANS) as (keyof typeof SPANS)[]).map(name => <Button key={name} size='xs' variant='default' onClick={() => act({ do: 'span', ms: SPANS[name] })}>{t(`playback.span.${name}`)}</Button>)}</Button.Group>
      {tool(t('playback.zoomOut'), '−', <IconZoomOut size={18} />, () => act({ do: 'zoom', factor: 2 }))}
      {tool(t('playback.zoomIn'), '+', <IconZoomIn size={18} />, () => act({ do: 'zoom', factor: 0.5 }))}
      {may.bookmark && tool(t('bookmark.add'), 'B', <IconBookmarkPlus size={18} />, () => act({ do: 'bookmark' }))}
      {(may.clip || may.lock) && <Button size='sm' px={9} variant='default' disabled={none} aria-label={t('playback.marksIn')} title={`${t('playback.marksIn')} (I)`} onClick={() => act({ do: 'mark', end: 'in' })}>I</Button>}
      {(may.clip || may.lock) && <Button size='sm' px={9} variant='default' disabled={none} aria-label={t('playback.marksOut')} title={`${t('playback.marksOut')} (O)`} onClick={() => act({ do: 'mark', end: 'out' })}>O</Button>}
      {selection && tool(t('playback.marksClear'), 'Esc', <IconX size={17} />, () => act({ do: 'clearMarks' }))}
      {may.clip && tool(t('clip.make'), 'E', <IconCut size={18} />, () => act({ do: 'clip' }))}
      {may.lock && tool(t('hold.make'), 'H', <IconLock size={18} />, () => act({ do: 'lock' }))}
      {tool(t('playback.addCamera'), '/', <IconPlus size={19} />, () => act({ do: 'add' }), { disabled: false })}
      {tool(t('playback.panel'), 'C', <IconLayoutSidebarRight size={18} />, () => act({ do: 'panel' }), { pressed: panel, disabled: false })}
      {cameras > 1 && tool(t('playback.enlarge'), 'Enter', <IconBracketsContain size={18} />, () => act({ do: 'enlarge' }), { wide: true })}
    </div>
  )
}

function Speed ({ status, act, disabled }: { status: RoomStatus, act: Act, disabled: boolean }) {
  const { t } = useTranslation()
  const rates = RATES.filter(r => !status.limited || r <= 4)
  const all = [...rates, ...(status.limited ? [] : rates.filter(r => r >= 1).map(r => -r))]
  return (
    <Menu position='top' withinPortal>
      <Menu.Target><Button size='sm' px={10} variant='default' disabled={disabled} title={`${t('playback.speed')} ([ ])`} aria-label={`${t('playback.speed')}: ${rateText(status.rate)}`} className='numbers'>{rateText(status.rate)}</Button></Menu.Target>
      <Menu.Dropdown>{all.map(rate => <Menu.Item key={rate} onClick={() => act({ do: 'rate', rate })} fw={rate === status.rate ? 700 : undefined} rightSection={Math.abs(rate) > 4 || rate < 0 ? <span className='quiet' style={{ fontSize: 12 }}>{t('playback.keyframesOnly')}</span> : undefined}>{rateText(rate)}</Menu.Item>)}</Menu.Dropdown>
    </Menu>
  )
}
