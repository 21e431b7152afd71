/** The camera's picture as it should be, as it was when something was wrong, and now. */
import { Button, SimpleGrid, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { VisionPictures } from '../../../server/contract/agent-link.js'
import { tellFault } from '../admin/faults.js'
import { api, urlOf } from '../api.js'
import { useMay } from '../session/me.js'
import { fullTime, shortTime } from '../time.js'
import { confirm, Loaded, Panel, told } from '../ui/feedback.js'

export function IntegrityPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayReset = useMay('integrity.reset')
  const key = ['devices', deviceId, 'integrity']
  const pictures = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<VisionPictures>(`/devices/${deviceId}/integrity`, {}, signal), refetchInterval: 60_000 })
  const reset = useMutation({ mutationFn: () => api.post(`/devices/${deviceId}/integrity/reset`), onError: tellFault, onSuccess: () => { told(t('integrity.resetDone')); return client.invalidateQueries({ queryKey: key }) } })
  const ask = () => confirm({ title: t('integrity.reset'), text: t('integrity.resetHint'), action: t('integrity.reset'), onConfirm: () => reset.mutate() })
  return (
    <Panel title={t('integrity.title')} aside={mayReset && <Button size='xs' variant='default' loading={reset.isPending} onClick={ask}>{t('integrity.reset')}</Button>}>
      <Loaded query={pictures} rows={2}>
        {({ reference, event }) => (
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing='sm'>
            <Shown title={t('integrity.reference')} note={reference ? fullTime(reference.at) : t('integrity.learning')} src={reference && `data:image/jpeg;base64,${reference.jpegBase64}`} />
            <Shown title={t('integrity.event')} note={event ? fullTime(event.at) : t('integrity.noEvent')} src={event && `data:image/jpeg;base64,${event.jpegBase64}`} />
            <Shown title={t('integrity.current')} note={shortTime(pictures.dataUpdatedAt)} src={urlOf(`/devices/${deviceId}/snapshot`, { v: pictures.dataUpdatedAt })} />
          </SimpleGrid>
        )}
      </Loaded>
    </Panel>
  )
}

function Shown ({ title, note, src }: { title: string, note: string, src: string | null }) {
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <div style={{ aspectRatio: '16 / 9', background: '#000', borderRadius: 5, overflow: 'hidden' }}>{src && <img src={src} alt={title} style={{ width: '100%', height: '100%', objectFit: 'contain', display: 'block' }} />}</div>
      <figcaption><Text size='sm' mt={4}>{title} <span className='quiet numbers'>{note}</span></Text></figcaption>
    </figure>
  )
}
