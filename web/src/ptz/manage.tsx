/** Presets, home and tours of a camera. */
import { ActionIcon, Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconCurrentLocation, IconPencil, IconTrash } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PtzPreset, PtzTour, PtzView } from '../../../server/contract/ptz.js'
import { api } from '../api.js'
import { confirm, ErrorPanel, told } from '../ui/feedback.js'
import { TourForm } from './tour-form.js'

const pathOf = (deviceId: string, token: string) => `/devices/${deviceId}/ptz/presets/${encodeURIComponent(token)}`

export function ManageDialog ({ deviceId, view, onClose }: { deviceId: string, view: PtzView, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [tour, setTour] = useState<PtzTour | 'new' | null>(null)
  const act = useMutation({ mutationFn: (work: () => Promise<unknown>) => work(), onSettled: () => client.invalidateQueries({ queryKey: ['ptz', deviceId] }) })
  const then = (text: string, work: () => Promise<unknown>) => act.mutate(work, { onSuccess: () => told(text) })
  return (
    <Modal opened onClose={onClose} title={t('ptz.manage')} size='lg'>
      {tour
        ? <TourForm deviceId={deviceId} presets={view.presets} tour={tour === 'new' ? null : tour} onDone={() => setTour(null)} />
        : (
          <Stack gap='lg'>
            {act.isError && <ErrorPanel error={act.error} />}
            <Presets deviceId={deviceId} presets={view.presets} busy={act.isPending} then={then} />
            {view.abilities?.setHome && (
              <Group justify='space-between'>
                <Text size='sm'>{t('ptz.homeHint')}</Text>
                <Button size='xs' variant='default' disabled={act.isPending} onClick={() => confirm({ title: t('ptz.setHome'), text: t('ptz.setHomeText'), action: t('ptz.setHome'), onConfirm: () => then(t('ptz.homeSet'), () => api.post(`/devices/${deviceId}/ptz/home`)) })}>{t('ptz.setHome')}</Button>
              </Group>
            )}
            <Tours deviceId={deviceId} view={view} busy={act.isPending} then={then} onEdit={setTour} />
          </Stack>
          )}
    </Modal>
  )
}

interface Shared { deviceId: string, busy: boolean, then: (text: string, work: () => Promise<unknown>) => void }

function Presets ({ deviceId, presets, busy, then }: Shared & { presets: readonly PtzPreset[] }) {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [renaming, setRenaming] = useState<PtzPreset | null>(null)
  const add = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim()) then(t('ptz.presetAdded'), async () => { await api.post(`/devices/${deviceId}/ptz/presets`, { name: name.trim() }); setName('') })
  }
  const rename = (event: FormEvent) => {
    event.preventDefault()
    if (renaming?.name.trim()) then(t('ptz.presetRenamed'), async () => { await api.patch(pathOf(deviceId, renaming.token), { name: renaming.name.trim() }); setRenaming(null) })
  }
  return (
    <section aria-label={t('ptz.presets')}>
      <Text component='h3' fz={15} fw={600} m={0} mb={6}>{t('ptz.presets')}</Text>
      {presets.length === 0 && <Text size='sm' className='quiet' mb={6}>{t('ptz.noPresets')}</Text>}
      <Table verticalSpacing={3}>
        <Table.Tbody>
          {presets.map((preset, i) => (
            <Table.Tr key={preset.token}>
              <Table.Td w={30} className='quiet numbers'>{i + 1}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {renaming?.token === preset.token
                  ? <form onSubmit={rename}><Group gap={6} wrap='nowrap'><TextInput size='xs' style={{ flex: 1 }} aria-label={t('common.name')} value={renaming.name} maxLength={120} autoFocus onChange={e => setRenaming({ ...renaming, name: e.currentTarget.value })} /><Button size='xs' type='submit' disabled={busy || !renaming.name.trim()}>{t('action.save')}</Button></Group></form>
                  : preset.name}
              </Table.Td>
              <Table.Td w={110}>
                <Group gap={2} wrap='nowrap' justify='flex-end'>
                  <ActionIcon variant='subtle' color='gray' disabled={busy} aria-label={`${t('action.rename')}: ${preset.name}`} title={t('action.rename')} onClick={() => setRenaming(preset)}><IconPencil size={16} /></ActionIcon>
                  <ActionIcon variant='subtle' color='gray' disabled={busy} aria-label={`${t('ptz.place')}: ${preset.name}`} title={t('ptz.place')} onClick={() => confirm({ title: t('ptz.place'), text: t('ptz.placeText', { name: preset.name }), action: t('ptz.place'), onConfirm: () => then(t('ptz.presetPlaced'), () => api.post(`${pathOf(deviceId, preset.token)}/place`)) })}><IconCurrentLocation size={16} /></ActionIcon>
                  <ActionIcon variant='subtle' color='gray' disabled={busy} aria-label={`${t('action.delete')}: ${preset.name}`} title={t('action.delete')} onClick={() => confirm({ title: t('ptz.removePreset'), text: t('ptz.removePresetText', { name: preset.name }), action: t('action.delete'), danger: true, onConfirm: () => then(t('ptz.presetRemoved'), () => api.delete(pathOf(deviceId, preset.token))) })}><IconTrash size={16} /></ActionIcon>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <form onSubmit={add}>
        <Group gap={8} align='flex-end' mt={8}>
          <TextInput style={{ flex: 1 }} label={t('ptz.addHere')} placeholder={t('ptz.presetName')} value={name} maxLength={120} onChange={e => setName(e.currentTarget.value)} />
          <Button type='submit' variant='default' disabled={busy || !name.trim()}>{t('action.add')}</Button>
        </Group>
      </form>
    </section>
  )
}

function Tours ({ deviceId, view, busy, then, onEdit }: Shared & { view: PtzView, onEdit: (tour: PtzTour | 'new') => void }) {
  const { t } = useTranslation()
  return (
    <section aria-label={t('ptz.tours')}>
      <Group justify='space-between' mb={6}>
        <Text component='h3' fz={15} fw={600} m={0}>{t('ptz.tours')}</Text>
        <Button size='xs' variant='default' disabled={view.presets.length < 2} onClick={() => onEdit('new')}>{t('ptz.addTour')}</Button>
      </Group>
      {view.tours.length === 0 && <Text size='sm' className='quiet'>{t(view.presets.length < 2 ? 'ptz.tourNeeds' : 'ptz.noTours')}</Text>}
      <Table verticalSpacing={3}>
        <Table.Tbody>
          {view.tours.map(tour => (
            <Table.Tr key={tour.id}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{tour.name}<Text span size='xs' className='quiet'> · {t('ptz.stepCount', { count: tour.steps.length })}{tour.id === view.runningTourId && ` · ${t('ptz.running')}`}</Text></Table.Td>
              <Table.Td w={80}>
                <Group gap={2} wrap='nowrap' justify='flex-end'>
                  <ActionIcon variant='subtle' color='gray' aria-label={`${t('action.edit')}: ${tour.name}`} title={t('action.edit')} onClick={() => onEdit(tour)}><IconPencil size={16} /></ActionIcon>
                  <ActionIcon variant='subtle' color='gray' disabled={busy} aria-label={`${t('action.delete')}: ${tour.name}`} title={t('action.delete')} onClick={() => confirm({ title: t('ptz.removeTour'), text: t('ptz.removeTourText', { name: tour.name }), action: t('action.delete'), danger: true, onConfirm: () => then(t('ptz.tourRemoved'), () => api.delete(`/devices/${deviceId}/ptz/tours/${tour.id}`)) })}><IconTrash size={16} /></ActionIcon>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
