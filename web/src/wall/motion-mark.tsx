/** A calm mark on a tile while its camera reports that something moves; not an alarm. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { IconWalk } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ActiveEvent } from '../../../server/contract/camera-events.js'
import { api } from '../api.js'
import { useMay } from '../session/me.js'
import styles from './wall.module.css'

const everyMs = 3000
const moving: ReadonlySet<ActiveEvent['type']> = new Set(['motion', 'object', 'field_intrusion', 'line_crossed'])
/** One request for all tiles, only while the page is looked at. */
const movingQuery = queryOptions({
  queryKey: ['camera-events', 'active'], refetchInterval: everyMs, staleTime: everyMs, retry: false,
  queryFn: async ({ signal }) => (await api.get<ActiveEvent[]>('/camera-events/active', {}, signal)).filter(e => moving.has(e.type)).map(e => e.deviceId).sort()
})

export function MotionMark ({ id }: { id: string }) {
  const { t } = useTranslation()
  const may = useMay('camera_event.read')
  // Old news is no news: without an answer there is no mark.
  const { data, isError } = useQuery({ ...movingQuery, enabled: may, select: ids => ids.includes(id) })
  if (!data || isError) return null
  return <span className={styles.motion} role='img' aria-label={t('events.motionNow')} title={t('events.motionNow')}><IconWalk size={16} stroke={1.8} aria-hidden /></span>
}
