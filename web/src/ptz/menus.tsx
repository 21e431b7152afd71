/** Where the camera can go by itself. */
import { Button, Menu, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconMapPin, IconPlayerStop, IconRoute } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { PtzPreset, PtzView } from '../../../server/contract/ptz.js'
import { api } from '../api.js'
import { failed } from '../ui/feedback.js'

export function PresetMenu ({ presets, onGo }: { presets: readonly PtzPreset[], onGo: (token: string) => void }) {
  const { t } = useTranslation()
  return (
    <Menu position='top-end' withinPortal shadow='md' returnFocus>
      <Menu.Target><Button variant='default' leftSection={<IconMapPin size={18} />} px={10}>{t('ptz.presets')}</Button></Menu.Target>
      <Menu.Dropdown mah='60vh' maw={340} style={{ overflow: 'auto' }}>
        {presets.length === 0 && <Text size='sm' p='xs' className='quiet'>{t('ptz.noPresets')}</Text>}
        {presets.map((preset, i) => (
          <Menu.Item key={preset.token} onClick={() => onGo(preset.token)} rightSection={i < 9 ? <Text size='xs' className='quiet numbers'>{i + 1}</Text> : undefined}><span className='two-lines'>{preset.name}</span></Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

export function TourMenu ({ deviceId, view }: { deviceId: string, view: PtzView }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const run = useMutation({
    mutationFn: (tourId: string | null) => api.post(tourId ? `/devices/${deviceId}/ptz/tours/${tourId}/start` : `/devices/${deviceId}/ptz/tours/stop`),
    onError: failed, onSettled: () => client.invalidateQueries({ queryKey: ['ptz', deviceId] })
  })
  const running = view.tours.find(tour => tour.id === view.runningTourId)
  return (
    <Menu position='top-end' withinPortal shadow='md' returnFocus>
      <Menu.Target><Button variant={running ? 'light' : 'default'} leftSection={<IconRoute size={18} />} px={10} loading={run.isPending} aria-pressed={running !== undefined}>{t('ptz.tours')}</Button></Menu.Target>
      <Menu.Dropdown mah='60vh' maw={340} style={{ overflow: 'auto' }}>
        {running && <Menu.Item leftSection={<IconPlayerStop size={16} />} onClick={() => run.mutate(null)}>{t('ptz.stopTour', { name: running.name })}</Menu.Item>}
        {running && <Menu.Divider />}
        <Menu.Label>{t('ptz.startTour')}</Menu.Label>
        {view.tours.map(tour => <Menu.Item key={tour.id} disabled={tour.id === running?.id} onClick={() => run.mutate(tour.id)}><span className='two-lines'>{tour.name}</span></Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  )
}
