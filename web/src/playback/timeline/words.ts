/** What stands on the timeline, in words: for the pointer, the keyboard and the screen reader. */
import { useTranslation } from 'react-i18next'
import { serverNow } from '../../live-socket.js'
import { spanText } from '../../time.js'
import { timeZone } from '../../time.js'
import type { RowGap, Thing } from './layout.js'
import { refillWords } from './refill-words.js'
import { timeText } from './zone.js'

export function useWords () {
  const { t, i18n } = useTranslation()
  const zone = timeZone()
  const clock = (at: number) => timeText(at, zone)
  const known = (key: string, other: string) => i18n.exists(key) ? t(key as 'eventType.other') : other
  const eventName = (type: string) => known(`eventType.${type}`, t('eventType.other'))
  const gapText = (gap: Pick<RowGap, 'cause' | 'detail' | 'from' | 'to' | 'open' | 'refill'>) => {
    const span = spanText((gap.open ? serverNow() : gap.to) - gap.from)
    return [t('mark.gap', { cause: t(`gapCause.${gap.cause}`) }), gap.open ? t('mark.gapLasts', { span }) : `${clock(gap.from)} – ${clock(gap.to)}, ${span}`, gap.refill ? refillWords(t, gap.refill, clock) : '', gap.detail].filter(Boolean).join(' · ')
  }
  const thingText = (thing: Thing): string => {
    switch (thing.kind) {
      case 'gap': return gapText(thing.gap)
      case 'coverage': return t(`coverage.${thing.coverage.kind}`)
      case 'lock': return t('mark.locked', { reason: thing.lock.reason })
      case 'bookmark': return `${clock(thing.bookmark.at)} · ${thing.bookmark.note ? t('mark.bookmark', { note: thing.bookmark.note }) : t('mark.bookmarkBare')}`
      case 'event': return thing.event.count > 1 ? `${t('mark.events', { count: thing.event.count })}: ${eventName(thing.event.type)}` : `${clock(thing.event.from)} · ${t('mark.event', { type: eventName(thing.event.type) })}`
      case 'alarm': return `${clock(thing.alarm.from)} · ${t('mark.alarm', { condition: known(`condition.${thing.alarm.condition}`, thing.alarm.condition) })}`
    }
  }
  return { thingText, clock, causeText: (cause: RowGap['cause'] | null) => t(`gapCause.${cause ?? 'unknown'}`) }
}
