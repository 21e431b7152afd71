/** What can be done with several devices at once, and how far it is. */
import { Button, CloseButton, Group, Modal, Progress, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device, DeviceUpdate } from '../../../../server/contract/inventory.js'
import { api } from '../../api.js'
import { groupsQuery, sitesQuery } from '../../queries.js'
import { confirm, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { causeOf } from '../faults.js'
import { type BulkState, useBulk } from './bulk.js'
import { useAgentChoices } from './placement-fields.js'
import { useRemoveDevices } from './remove.js'

type Target = 'site' | 'group' | 'agent'
const NONE = 'none'

export function BulkBar ({ chosen, onClear }: { chosen: Device[], onClear: () => void }) {
  const { t } = useTranslation()
  const [moving, setMoving] = useState<Target | null>(null)
  const [update, setUpdate] = useState<DeviceUpdate>({})
  const ended = ({ failed, done }: BulkState) => { if (failed.length === 0) { told(t('bulk.done', { count: done })); onClear() } }
  const change = useBulk<Device & { update: DeviceUpdate }>(d => api.patch(`/devices/${d.id}`, d.update), ended)
  const remove = useRemoveDevices(onClear)
  const apply = (next: DeviceUpdate, devices = chosen) => { setUpdate(next); void change.run(devices.map(d => ({ ...d, update: next }))) }
  const cameras = chosen.filter(d => d.kind === 'camera')
  const disable = () => confirm({ title: t('deviceForm.disable'), text: t('bulk.disableHint', { count: chosen.length }), action: t('deviceForm.disable'), onConfirm: () => apply({ enabled: false }) })
  const state = change.state ?? remove.state
  const busy = state?.running === true
  return (
    <section className={styles.bar} aria-label={t('bulk.title')}>
      <Text size='sm' fw={600}>{t('bulk.selected', { count: chosen.length })}</Text>
      {busy ? <BulkProgress state={state} onStop={change.stop} /> : (
        <Group gap={6}>
          <Button size='xs' variant='default' onClick={() => setMoving('site')}>{t('bulk.toSite')}</Button>
          <Button size='xs' variant='default' onClick={() => setMoving('group')} disabled={cameras.length === 0}>{t('bulk.toGroup')}</Button>
          <Button size='xs' variant='default' onClick={() => setMoving('agent')}>{t('bulk.toAgent')}</Button>
          <Button size='xs' variant='default' onClick={() => apply({ enabled: true })} disabled={chosen.every(d => d.enabled)}>{t('deviceForm.enable')}</Button>
          <Button size='xs' variant='default' onClick={disable} disabled={chosen.every(d => !d.enabled)}>{t('deviceForm.disable')}</Button>
          <Button size='xs' variant='outline' color='red.6' onClick={() => remove.ask(chosen)}>{t('deviceForm.remove')}</Button>
        </Group>
      )}
      <span className={styles.grow} />
      {!busy && <CloseButton aria-label={t('bulk.clear')} onClick={onClear} />}
      {state && !busy && state.failed.length > 0 && <Failures state={state} onRetry={change.state ? () => apply(update, chosen.filter(d => state.failed.some(f => f.id === d.id))) : undefined} />}
      {moving && <MoveDialog target={moving} onlyCameras={moving === 'group' ? { cameras: cameras.length, all: chosen.length } : null} onClose={() => setMoving(null)}
        onMove={next => { setMoving(null); apply(next, moving === 'group' ? cameras : chosen) }} />}
    </section>
  )
}

function BulkProgress ({ state, onStop }: { state: BulkState, onStop: () => void }) {
  const { t } = useTranslation()
  return (
    <Group gap='sm' style={{ flex: '1 1 260px' }} wrap='nowrap' role='status'>
      <Progress value={state.done / state.total * 100} style={{ flex: 1 }} aria-label={t('bulk.title')} />
      <span className='numbers'>{state.done} / {state.total}</span>
      <Button size='xs' variant='default' onClick={onStop}>{t('bulk.stop')}</Button>
    </Group>
  )
}

function Failures ({ state, onRetry }: { state: BulkState, onRetry?: () => void }) {
  const { t } = useTranslation()
  return (
    <Stack gap={4} w='100%' role='alert'>
      <Group justify='space-between'><Text size='sm' fw={600}>{t('bulk.failed', { count: state.failed.length })}</Text>{onRetry && <Button size='compact-xs' variant='default' onClick={onRetry}>{t('action.retry')}</Button>}</Group>
      {state.failed.slice(0, 10).map(f => <Text key={f.id} size='sm'>{f.name}: {causeOf(f.error)}</Text>)}
    </Stack>
  )
}

function MoveDialog ({ target, onlyCameras, onClose, onMove }: { target: Target, onlyCameras: { cameras: number, all: number } | null, onClose: () => void, onMove: (update: DeviceUpdate) => void }) {
  const { t } = useTranslation()
  const sites = useQuery({ ...sitesQuery, enabled: target === 'site' })
  const groups = useQuery({ ...groupsQuery, enabled: target === 'group' })
  const agents = useAgentChoices()
  const [to, setTo] = useState<string | null>(null)
  const rows = target === 'agent' ? agents : (target === 'site' ? sites.data : groups.data)?.map(r => ({ value: r.id, label: r.name })) ?? []
  const none = { site: t('devices.noSite'), group: t('devices.noGroup'), agent: t('deviceForm.noAgent') }[target]
  const field = ({ site: 'siteId', group: 'groupId', agent: 'agentId' } as const)[target]
  return (
    <Modal opened onClose={onClose} title={{ site: t('bulk.toSite'), group: t('bulk.toGroup'), agent: t('bulk.toAgent') }[target]}>
      <Stack gap='md'>
        <Select data-autofocus label={t('bulk.where')} data={[...rows, { value: NONE, label: none }]} value={to} onChange={setTo} searchable limit={200} nothingFoundMessage={t('empty.filtered')} />
        {onlyCameras && onlyCameras.cameras < onlyCameras.all && <Text size='sm' className='quiet'>{t('bulk.onlyCameras', onlyCameras)}</Text>}
        {target === 'agent' && <Text size='sm' className='quiet'>{t('bulk.agentHint')}</Text>}
        <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button disabled={to === null} onClick={() => onMove({ [field]: to === NONE ? null : to })}>{t('bulk.move')}</Button></Group>
      </Stack>
    </Modal>
  )
}
