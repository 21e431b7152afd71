import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { serverNow } from '../../live-socket.js'
import { timeZone } from '../../time.js'
import { momentTyped } from '../moment-text.js'
import { momentText } from './interval-fields.js'

/** A wall-clock time in the centre's zone. */
export function GoToDialog ({ at, onGo, onClose }: { at: number | null, onGo: (at: number) => void, onClose: () => void }) {
  const { t } = useTranslation()
  return <Modal opened={at !== null} onClose={onClose} title={t('playback.goTo')} size='sm'>{at !== null && <GoToForm at={at} onGo={onGo} />}</Modal>
}
function GoToForm ({ at, onGo }: { at: number, onGo: (at: number) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState(() => momentText(at))
  const [wrong, setWrong] = useState(false)
  const go = () => {
    const moment = momentTyped(text, timeZone(), at, serverNow())
    if (moment === null) setWrong(true)
    else onGo(moment)
  }
  return (
    <form onSubmit={event => { event.preventDefault(); go() }}>
      <Stack gap='sm'>
        <TextInput label={t('playback.goTo')} description={t('playback.goToHint', { zone: timeZone() })} value={text} onChange={e => { setText(e.currentTarget.value); setWrong(false) }} onFocus={e => e.currentTarget.select()} error={wrong ? t('playback.goToBad') : undefined} data-autofocus inputMode='text' />
        <Group justify='flex-end'><Button variant='default' onClick={() => onGo(serverNow() - 2000)}>{t('playback.goToNow')}</Button><Button type='submit'>{t('playback.goTo')}</Button></Group>
      </Stack>
    </form>
  )
}
