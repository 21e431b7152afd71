/** What this camera reported lately, newest first, with the way to its recording. */
import { ActionIcon, Button, Select } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CameraEvent } from '../../../server/contract/camera-events.js'
import { type CameraEventType, cameraEventTypes, failureCodes } from '../../../server/contract/health.js'
import { api } from '../api.js'
import { beforeSearch } from '../playback/playback-link.js'
import { useMay } from '../session/me.js'
import { shortTime, spanText } from '../time.js'
import { ErrorPanel, LoadingRows, Panel } from '../ui/feedback.js'
import styles from './devices.module.css'

const PAGE = 30
const everyMs = 10_000
interface Page { items: CameraEvent[], next: string | null }

export function CameraEventsPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const may = useMay('camera_event.read')
  const [type, setType] = useState<CameraEventType | null>(null)
  const events = useInfiniteQuery({
    queryKey: ['camera-events', deviceId, type], enabled: may, initialPageParam: null as string | null, getNextPageParam: (page: Page) => page.next,
    queryFn: ({ signal, pageParam }) => api.get<Page>('/camera-events', { deviceId, type, limit: PAGE, cursor: pageParam }, signal),
    // Only the first page is read again by itself: further ones are history.
    refetchInterval: query => (query.state.data?.pages.length ?? 1) === 1 ? everyMs : false
  })
  if (!may) return null
  const types = cameraEventTypes.map(value => ({ value, label: t(`eventType.${value}`) }))
  const list = events.data?.pages.flatMap(p => p.items) ?? []
  return (
    <Panel title={t('events.title')} aside={<Select size='xs' aria-label={t('events.type')} placeholder={t('events.all')} data={types} value={type} onChange={value => setType(value as CameraEventType | null)} clearable w={190} />}>
      {events.isPending ? <LoadingRows rows={4} /> : events.isError && list.length === 0 ? <ErrorPanel error={events.error} onRetry={() => { void events.refetch() }} /> : list.length === 0 ? <span className='quiet'>{type ? t('events.noneOfType') : t('events.none')}</span> : (
        <ol className={styles.timeline}>{list.map(e => <EventLine key={e.id} event={e} />)}
          {events.hasNextPage && <Button size='xs' variant='subtle' loading={events.isFetchingNextPage} onClick={() => { void events.fetchNextPage() }}>{t('events.more')}</Button>}
        </ol>
      )}
    </Panel>
  )
}

function EventLine ({ event }: { event: CameraEvent }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const mayPlay = useMay('video.playback')
  const { name, more } = useEventText(event)
  return (
    <li>
      <span aria-hidden>{event.to === null ? '●' : ''}</span>
      <time className='numbers'>{shortTime(event.from)}</time>
      <span>
        {name}{event.to === null ? <strong> · {t('events.lasts')}</strong> : event.to > event.from && <span className='quiet'> · {spanText(event.to - event.from)}</span>}
        {more && <span className='quiet' title={event.data.detail}> · {more}</span>}
        {mayPlay && <ActionIcon variant='subtle' color='gray' size='xs' ml={6} aria-label={`${t('playback.openAt')}: ${shortTime(event.from)}`} title={t('playback.openAt')} onClick={() => { void navigate({ to: '/playback', search: beforeSearch(event.deviceId, event.from) }) }}><IconPlayerPlay size={13} /></ActionIcon>}
      </span>
    </li>
  )
}

/** Our own two notes beside the camera's events: that it reports none, and that it reported too many. */
function useEventText (event: CameraEvent): { name: string, more: string } {
  const { t } = useTranslation()
  const { code, merged, closed } = event.data
  const failure = failureCodes.find(c => c === code)
  const known = closed === 'camera_lost' || closed === 'subscription_lost' || closed === 'timeout' || closed === 'camera_removed' ? t(`events.closed.${closed}`) : ''
  if (event.source === 'kalancha:subscription') return { name: t('events.subscription'), more: code === 'not_supported' ? t('events.not_supported') : failure ? t(`failure.${failure}`) : '' }
  if (event.source === 'kalancha:storm') return { name: t('events.storm'), more: merged ? t('events.merged', { count: Number(merged) }) : '' }
  return { name: t(`eventType.${event.type}`), more: [event.source, known].filter(Boolean).join(' · ') }
}
