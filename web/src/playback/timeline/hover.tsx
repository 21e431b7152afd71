/** What lies under the pointer: its moment, in words, and a small picture of it. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TimelineRow } from '../../../../server/contract/recording.js'
import { serverNow } from '../../live-socket.js'
import { timeZone } from '../../time.js'
import { found, placed } from './layout.js'
import styles from './timeline.module.css'
import { useStill } from './use-still.js'
import { timeAt, type View } from './view.js'
import { useWords } from './words.js'
import { dateText, timeText } from './zone.js'

const CARD_PX = 240

export function Hover ({ x, width, view, deviceId, row, overRow, grainMs }: { x: number, width: number, view: View, deviceId: string | null, row: TimelineRow | null, overRow: boolean, grainMs: number }) {
  const { t } = useTranslation()
  const { thingText } = useWords()
  const at = timeAt(view, width, x)
  const things = useMemo(() => row ? found(placed(row, view, width, serverNow()), x) : [], [row, view, width, x])
  const covered = things.some(p => p.kind === 'coverage')
  const { state, still } = useStill(covered ? deviceId : null, covered ? at : null, grainMs)
  const told = (overRow ? things : things.filter(p => p.kind === 'gap')).slice(0, 4)
  const left = Math.min(Math.max(0, x - CARD_PX / 2), Math.max(0, width - CARD_PX))
  return (
    <>
      <div className={styles.hoverLine} style={{ transform: `translateX(${x}px)` }} aria-hidden />
      <div className={styles.card} style={{ left, width: CARD_PX }}>
        {covered && state !== 'none' && <div className={styles.still} data-state={still ? 'ready' : state}>{still && <img src={still.url} alt='' />}</div>}
        <strong className='numbers'>{dateText(at, timeZone())} {timeText(at, timeZone())}</strong>
        {told.map(thing => <span key={thingText(thing)} data-fault={(thing.kind === 'gap' && thing.fault) || undefined} className={styles.thing}>{thingText(thing)}</span>)}
        {overRow && things.length === 0 && row && <span className={styles.thing}>{t('coverage.unknown')}</span>}
      </div>
    </>
  )
}
