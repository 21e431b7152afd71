import { useTranslation } from 'react-i18next'
import { fullTime, spanText, useNow } from '../time.js'

/** "12 min", ticking, with the exact time on hover. */
export function Age ({ since }: { since: number }) {
  const now = useNow()
  return <time className='numbers' dateTime={new Date(since).toISOString()} title={fullTime(since)}>{spanText(now - since)}</time>
}
/** "12 min ago". */
export function Ago ({ at }: { at: number }) {
  const { t } = useTranslation()
  const now = useNow()
  return <time className='numbers' dateTime={new Date(at).toISOString()} title={fullTime(at)}>{t('time.ago', { age: spanText(now - at) })}</time>
}
