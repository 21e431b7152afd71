/** What is at the playhead, in words, for eyes and screen readers; and the marked clip. */
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Timeline } from '../../../server/contract/recording.js'
import { useWall } from '../live-socket.js'
import { spanText, useNow } from '../time.js'
import type { PlaybackRoom, RoomStatus } from './engine/room.js'
import styles from './playback.module.css'
import { RefillButton } from './refill-button.js'
import { type Thing, thingsAt } from './timeline/layout.js'
import type { Selection } from './timeline/timeline.js'
import { useWords } from './timeline/words.js'

export function StatusLine ({ status, selected, selection }: { room: PlaybackRoom, status: RoomStatus, selected: string | null, selection: Selection }) {
  const { t } = useTranslation()
  const { thingText, clock } = useWords()
  const client = useQueryClient()
  const now = useNow()
  const name = useWall(w => selected === null ? undefined : w.devices.get(selected)?.name)
  // Whatever window of the timeline was read last holds the playhead, mostly.
  const row = client.getQueriesData<Timeline>({ queryKey: ['timeline'] }).flatMap(([, data]) => data && data.from <= status.atMs && data.to >= status.atMs ? data.rows : []).find(r => r.deviceId === selected)
  const things = row ? thingsAt(row, status.atMs, now) : []
  const gap = things.find(thing => thing.kind === 'gap')?.gap
  const fault = (thing: Thing) => thing.kind === 'gap' && thing.fault
  return (
    <div className={styles.status}>
      <span className='ellipsis'>{name}</span>
      <span role='status' aria-live='polite' className='ellipsis'>{things.slice(0, 3).map((thing, i) => <span key={thingText(thing)} data-fault={fault(thing) || undefined}>{i > 0 && ' · '}{thingText(thing)}</span>)}{row && things.length === 0 && t('coverage.unknown')}</span>
      {gap && <RefillButton key={gap.id} gap={gap} />}
      {selection.from !== null && selection.to !== null && <span className='numbers' style={{ color: 'var(--accent)' }}>{t('playback.selection', { from: clock(selection.from), to: clock(selection.to), span: spanText(selection.to - selection.from) })}</span>}
      {status.limited && <span>{t('playback.limited')}</span>}
    </div>
  )
}
