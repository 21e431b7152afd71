/** A camera under one's hands: the picture as a joystick, who has it, where it can go. */
import { ActionIcon, Button } from '@mantine/core'
import { IconAdjustments, IconHandStop, IconHome, IconLock, IconLockOpen, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { type PointerEvent, useState } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import type { PtzAbilities, PtzView } from '../../../server/contract/ptz.js'
import { useMay } from '../session/me.js'
import { confirm } from '../ui/feedback.js'
import { spanText } from '../time.js'
import type { PtzConnection, PtzState } from './connection.js'
import { ManageDialog } from './manage.js'
import { Notices } from './notices.js'
import { PresetMenu, TourMenu } from './menus.js'
import styles from './ptz.module.css'
import { PtzSurface } from './surface.js'
import { useKeys, usePad } from './use-hands.js'
import { usePtz } from './use-ptz.js'
import { useSecond } from './use-second.js'

/** Over the picture; the bar goes to `barHost`, so that it hides nothing. */
export function PtzControls ({ deviceId, view, onLeave, barHost }: { deviceId: string, view: PtzView & { abilities: PtzAbilities }, onLeave: () => void, barHost: HTMLElement }) {
  const { t } = useTranslation()
  const { state, ptz } = usePtz(deviceId)
  const mayWrite = useMay('ptz.preset.write')
  const [managing, setManaging] = useState(false)
  const { abilities, presets } = view
  useKeys({ ptz, presets, home: abilities.home, onLeave })
  usePad({ ptz, presets })
  const bar = (
    <div className={styles.bar} role='toolbar' aria-label={t('ptz.title')}>
      <LockState state={state} ptz={ptz} />
      <div className={styles.tools}>
        {abilities.zoom && <HeldButton label={t('ptz.zoomOut')} ptz={ptz} zoom={-0.5} icon={<IconZoomOut size={19} />} />}
        {abilities.zoom && <HeldButton label={t('ptz.zoomIn')} ptz={ptz} zoom={0.5} icon={<IconZoomIn size={19} />} />}
        {abilities.home && <ActionIcon variant='default' size='lg' aria-label={t('ptz.home')} title={`${t('ptz.home')} (H)`} onClick={() => ptz?.go({ kind: 'home' })}><IconHome size={19} /></ActionIcon>}
        {abilities.presets && <PresetMenu presets={presets} onGo={token => ptz?.go({ kind: 'preset', token })} />}
        {view.tours.length > 0 && <TourMenu deviceId={deviceId} view={view} />}
        {mayWrite && abilities.presets && <ActionIcon variant='default' size='lg' aria-label={t('ptz.manage')} title={t('ptz.manage')} onClick={() => setManaging(true)}><IconAdjustments size={19} /></ActionIcon>}
      </div>
      <span className={styles.hint}>{t(abilities.point ? 'ptz.hintPoint' : 'ptz.hint')}</span>
    </div>
  )
  return (
    <>
      <PtzSurface ptz={ptz} abilities={abilities} />
      <Notices state={state} ptz={ptz} />
      {createPortal(bar, barHost)}
      {managing && <ManageDialog deviceId={deviceId} view={view} onClose={() => setManaging(false)} />}
    </>
  )
}

/** In words: who has it, how long, and what one can do about it. */
function LockState ({ state, ptz }: { state: PtzState, ptz: PtzConnection | null }) {
  const { t } = useTranslation()
  useSecond()
  const now = Date.now() + state.offsetMs
  const { lock, you } = state
  if (state.status !== 'open') return <div className={styles.lock} role='status'><span className='quiet'>{t(state.status === 'connecting' ? 'ptz.connecting' : 'ptz.away')}</span></div>
  if (!lock) return <div className={styles.lock} role='status' data-lock='free'><IconLockOpen size={18} aria-hidden /><span className={`${styles.lockText} quiet`}>{t('ptz.free')}</span></div>
  if (you === 'owner') {
    const leftMs = lock.until === null ? null : lock.until - now
    return (
      <div className={styles.lock} role='status' data-lock='owner'>
        <IconHandStop size={18} color='var(--accent)' aria-hidden />
        <span className={styles.lockText}>{t('ptz.yours')}{leftMs !== null && leftMs < 15_000 && <span className='quiet numbers'> · {t('ptz.freeIn', { age: spanText(leftMs) })}</span>}</span>
        <Button size='compact-sm' variant='default' onClick={() => ptz?.release()}>{t('ptz.release')}</Button>
      </div>
    )
  }
  const takeOver = () => confirm({ title: t('ptz.takeOverTitle'), text: t('ptz.takeOverText', { name: lock.name }), action: t('ptz.takeOver'), onConfirm: () => ptz?.take(true) })
  const text = lock.by === 'tour' ? t('ptz.tourRuns', { name: lock.name }) : t('ptz.theirs', { name: lock.name, age: spanText(now - lock.since) })
  return (
    <div className={styles.lock} role='status' data-lock={lock.by === 'tour' ? 'tour' : 'other'}>
      <IconLock size={18} aria-hidden />
      <span className={styles.lockText} title={text}>{text}</span>
      {you === 'over' && <Button size='compact-sm' variant='default' onClick={takeOver}>{t('ptz.takeOver')}</Button>}
      {you === 'free' && lock.by === 'person' && <Button size='compact-sm' variant='default' onClick={() => ptz?.take(false)}>{t('ptz.takeHere')}</Button>}
      {you === 'wait' && <Button size='compact-sm' variant='default' disabled={state.asking} onClick={() => ptz?.ask()}>{t(state.asking ? 'ptz.asked' : 'ptz.ask')}</Button>}
    </div>
  )
}

/** Does it as long as it is held, by finger or by key. */
function HeldButton ({ label, ptz, zoom, icon }: { label: string, ptz: PtzConnection | null, zoom: number, icon: React.ReactNode }) {
  const on = () => ptz?.hand('buttons', { pan: 0, tilt: 0, zoom })
  const off = () => ptz?.hand('buttons', null)
  const down = (event: PointerEvent) => { event.currentTarget.setPointerCapture(event.pointerId); on() }
  return (
    <ActionIcon variant='default' size='lg' aria-label={label} title={label} style={{ touchAction: 'none' }} onPointerDown={down} onPointerUp={off} onPointerCancel={off} onLostPointerCapture={off} onBlur={off} onContextMenu={e => e.preventDefault()}
      onKeyDown={e => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); if (!e.repeat) on() } }} onKeyUp={off}>{icon}</ActionIcon>
  )
}
