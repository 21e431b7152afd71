/** Beside the tiles: cameras to drag, or alarms to watch; a drawer on a phone. */
import { ActionIcon, Drawer, SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { StandingAlarms } from '../alarms/standing.js'
import { CameraPanel } from './cameras.js'
import styles from './wall.module.css'

export type PanelKind = 'cameras' | 'alarms'
export interface SidePanelProps { panel: PanelKind | null, setPanel: (panel: PanelKind | null) => void, placed: ReadonlySet<string>, onChoose: (id: string) => void }

export function SidePanel ({ panel, setPanel, placed, onChoose }: SidePanelProps) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)')
  if (panel === null) return null
  const choice = <SegmentedControl fullWidth style={{ flex: 1 }} value={panel} onChange={v => setPanel(v as PanelKind)} data={[{ value: 'cameras', label: t('wall.cameras') }, { value: 'alarms', label: t('alarms.title') }]} />
  const content = panel === 'cameras' ? <CameraPanel placed={placed} onChoose={id => { onChoose(id); if (phone) setPanel(null) }} /> : <StandingAlarms compact />
  if (phone) return <Drawer opened onClose={() => setPanel(null)} position='bottom' size='70%' title={t('wall.panel')}>{choice}<div style={{ marginTop: 10 }}>{content}</div></Drawer>
  return (
    <aside className={styles.panel} data-own-keys aria-label={t('wall.panel')}>
      <div style={{ display: 'flex', gap: 6, padding: 8, alignItems: 'center' }}>{choice}<ActionIcon variant='subtle' color='gray' onClick={() => setPanel(null)} aria-label={t('action.close')}><IconX size={18} /></ActionIcon></div>
      <div className={styles.panelBody}>{content}</div>
    </aside>
  )
}
