/** The beginning and end of a piece of footage, typed in the centre's zone. */
import { SimpleGrid, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { serverNow } from '../../live-socket.js'
import { spanText, timeZone } from '../../time.js'
import { momentTyped } from '../moment-text.js'
import { dateText, timeText } from '../timeline/zone.js'

export const momentText = (at: number) => `${dateText(at, timeZone())} ${timeText(at, timeZone())}`
export interface Typed { from: string, to: string }
export const typedOf = ({ from, to }: { from: number, to: number }): Typed => ({ from: momentText(from), to: momentText(to) })
/** Null while either is no moment or they stand in the wrong order. */
export function intervalOf (typed: Typed): { from: number, to: number } | null {
  const read = (text: string) => momentTyped(text, timeZone(), serverNow(), serverNow())
  const [from, to] = [read(typed.from), read(typed.to)]
  return from === null || to === null || to <= from ? null : { from, to }
}

export function IntervalFields ({ typed, onChange }: { typed: Typed, onChange: (typed: Typed) => void }) {
  const { t } = useTranslation()
  const interval = intervalOf(typed)
  const wrong = (text: string) => momentTyped(text, timeZone(), serverNow(), serverNow()) === null ? t('playback.goToBad') : undefined
  const order = !interval && !wrong(typed.from) && !wrong(typed.to) ? t('clip.tooLong') : undefined
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing='sm'>
      <TextInput label={t('clip.from')} value={typed.from} onChange={e => onChange({ ...typed, from: e.currentTarget.value })} error={wrong(typed.from)} />
      <TextInput label={t('clip.to')} value={typed.to} onChange={e => onChange({ ...typed, to: e.currentTarget.value })} error={wrong(typed.to) ?? order} description={interval ? spanText(interval.to - interval.from) : undefined} inputWrapperOrder={['label', 'input', 'description', 'error']} />
    </SimpleGrid>
  )
}
