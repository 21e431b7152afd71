/** Has the absence at the playhead filled from the camera's own card. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconDatabaseExport } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { refillableCauses } from '../../../server/contract/recording.js'
import { translated } from '../admin/faults.js'
import { useMay } from '../session/me.js'
import { failed, told } from '../ui/feedback.js'
import { askRefill } from './data.js'
import type { RowGap } from './timeline/layout.js'

/** Nothing to ask for: it is under way, or the card has said that it has nothing. */
const canAsk = (gap: RowGap) => gap.id !== null && !gap.open && refillableCauses.includes(gap.cause) && gap.refill?.status !== 'running' && !(gap.refill?.status === 'waiting' && gap.refill.reason === null)

export function RefillButton ({ gap }: { gap: RowGap }) {
  const { t } = useTranslation()
  const may = useMay('recording.refill')
  const client = useQueryClient()
  const ask = useMutation({
    mutationFn: () => askRefill(gap.id!), onError: err => failed(translated(err)),
    onSuccess: () => { told(t('refill.asked')); return client.invalidateQueries({ queryKey: ['timeline'] }) }
  })
  if (!may || !canAsk(gap)) return null
  return <Button size='compact-xs' variant='default' leftSection={<IconDatabaseExport size={15} />} loading={ask.isPending} onClick={() => ask.mutate()}>{t('refill.ask')}</Button>
}
