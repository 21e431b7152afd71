/** Removing devices: asked once, with what will be lost in the question. */
import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.js'
import { confirm, told } from '../../ui/feedback.js'
import { tellFault } from '../faults.js'
import { useBulk } from './bulk.js'

interface Removable { id: string, name: string }
/** Names that the question lists before it only counts. */
const NAMED = 8

export function useRemoveDevices (onDone: () => void) {
  const { t } = useTranslation()
  const bulk = useBulk<Removable>(d => api.delete(`/devices/${d.id}`), ({ done, failed }) => {
    if (failed[0]) tellFault(failed[0].error)
    if (done > failed.length) { told(t('deviceForm.removed', { count: done - failed.length })); onDone() }
  })
  const ask = (devices: readonly Removable[]) => confirm({
    title: t('deviceForm.removeTitle', { count: devices.length }), action: t('deviceForm.remove'), danger: true, onConfirm: () => { void bulk.run(devices) },
    text: (
      <Stack gap='xs' component='span'>
        <Text component='span' size='sm' fw={600}>{devices.slice(0, NAMED).map(d => d.name).join(', ')}{devices.length > NAMED && ` ${t('deviceForm.andMore', { count: devices.length - NAMED })}`}</Text>
        <Text component='span' size='sm'>{t('deviceForm.removeHint')}</Text>
      </Stack>
    )
  })
  return { ask, state: bulk.state, isRunning: bulk.state?.running === true }
}
