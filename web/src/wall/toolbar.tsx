import { ActionIcon, Button, SegmentedControl } from '@mantine/core'
import { IconBell, IconListDetails, IconMaximize, IconPlayerTrackNext } from '@tabler/icons-react'
import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { wallGrids } from '../../../server/contract/wall.js'
import { toggleFullscreen } from '../shell/global-keys.js'
import type { Arrangement, Grid, Rearrange } from './arrangement.js'
import { useCameras } from './cameras.js'
import { LayoutMenu } from './layout-menu.js'
import type { PanelKind } from './side-panel.js'
import styles from './wall.module.css'

export interface ToolbarProps { wall: Arrangement, act: (step: Rearrange) => void, panel: PanelKind | null, setPanel: (panel: PanelKind | null) => void, onGrid: () => void }

/** After a click with the mouse the next arrow is meant for the tiles, not for the button. */
function toTiles (event: MouseEvent) {
  if (event.detail > 0) setTimeout(() => (document.activeElement as HTMLElement | null)?.blur(), 0)
}

export function Toolbar ({ wall, act, panel, setPanel, onGrid }: ToolbarProps) {
  const { t } = useTranslation()
  const cameras = useCameras()
  const hasEmpty = wall.cells.slice(0, wall.grid).includes(null)
  const toggle = (kind: PanelKind) => setPanel(panel === kind ? null : kind)
  return (
    <div className={styles.bar} role='toolbar' aria-label={t('wall.title')}>
      <SegmentedControl size='xs' aria-label={t('wall.grid')} value={String(wall.grid)} onChange={v => { act({ do: 'grid', grid: Number(v) as Grid }); onGrid() }} onClick={toTiles} data={wallGrids.map(String)} style={{ flex: 'none' }} />
      <LayoutMenu wall={wall} act={act} />
      <span className={styles.barSpace} />
      {hasEmpty && cameras.length > 0 && <Button className={styles.wideOnly} variant='default' size='compact-md' h={32} leftSection={<IconPlayerTrackNext size={16} />} onClick={() => act({ do: 'fill', ids: cameras.map(c => c.id) })}>{t('wall.fill')}</Button>}
      <ActionIcon size={32} variant={panel === 'cameras' ? 'filled' : 'default'} aria-pressed={panel === 'cameras'} onClick={() => toggle('cameras')} aria-label={t('wall.cameras')} title={t('wall.cameras')}><IconListDetails size={18} /></ActionIcon>
      <ActionIcon size={32} variant={panel === 'alarms' ? 'filled' : 'default'} aria-pressed={panel === 'alarms'} onClick={() => toggle('alarms')} aria-label={t('alarms.title')} title={t('alarms.title')}><IconBell size={18} /></ActionIcon>
      <ActionIcon size={32} className={styles.wideOnly} variant='default' onClick={() => { void toggleFullscreen() }} aria-label={t('wall.fullscreen')} title={`${t('wall.fullscreen')} (F)`}><IconMaximize size={18} /></ActionIcon>
    </div>
  )
}
