/** A known device: its settings, its credential (replaced, never shown), its connection, its end. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { IconArrowLeft, IconKey } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device, DeviceUpdate } from '../../../../server/contract/inventory.js'
import { api } from '../../api.js'
import { deviceQuery } from '../../queries.js'
import { useMay } from '../../session/me.js'
import { confirm, ErrorPanel, Loaded, PageHead, Panel, told } from '../../ui/feedback.js'
import { StateText, shownState } from '../../ui/marks.js'
import styles from '../admin.module.css'
import { tellFault } from '../faults.js'
import { keys } from '../queries.js'
import { ConnectionTest } from './connection-test.js'
import { CredentialDialog } from './credential-dialog.js'
import { DeviceForm } from './device-form.js'
import { credentialKindOf, draftOf, updateOf } from './draft.js'
import { useRemoveDevices } from './remove.js'
import { useDraft } from './use-draft.js'

export function EditDevicePage () {
  const { id } = useParams({ from: '/shell/admin/devices/$id' })
  const device = useQuery(deviceQuery(id))
  return <Loaded query={device}>{d => <EditDevice key={d.id} device={d} />}</Loaded>
}

function useChangeDevice (id: string, onDone: (device: Device) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (update: DeviceUpdate) => api.patch<Device>(`/devices/${id}`, update),
    onSuccess: device => {
      client.setQueryData(deviceQuery(id).queryKey, device)
      void client.invalidateQueries({ queryKey: keys.devices })
      onDone(device)
    }
  })
}

function EditDevice ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const mayWrite = useMay('device.write')
  const mayTest = useMay('device.test')
  const save = useChangeDevice(device.id, () => told(t('deviceForm.saved')))
  const enable = useChangeDevice(device.id, d => told(t(d.enabled ? 'deviceForm.enabled' : 'deviceForm.disabled')))
  const remove = useRemoveDevices(() => { void navigate({ to: '/admin/devices' }) })
  const { draft, change, check, faults, other } = useDraft(() => draftOf(device), save.error)
  const submit = (event: FormEvent) => { event.preventDefault(); if (check()) save.mutate(updateOf(draft)) }
  const toggle = () => {
    if (!device.enabled) return enable.mutate({ enabled: true }, { onError: tellFault })
    confirm({ title: t('deviceForm.disable'), text: t('deviceForm.disableHint', { name: device.name }), action: t('deviceForm.disable'), onConfirm: () => enable.mutate({ enabled: false }, { onError: tellFault }) })
  }
  return (
    <div className={styles.paired}>
      <PageHead title={device.name}>
        <StateText state={shownState({ enabled: device.enabled, state: device.state.state })} />
        <Button component={Link} to={`/devices/${device.id}`} variant='default'>{t('deviceForm.openPage')}</Button>
        <Button component={Link} to='/admin/devices' variant='subtle' color='gray' leftSection={<IconArrowLeft size={16} />}>{t('action.back')}</Button>
      </PageHead>
      <div className={styles.columns}>
        <form onSubmit={submit} noValidate>
          <Stack gap='md'>
            <DeviceForm draft={draft} change={change} faults={faults} disabled={!mayWrite} ownId={device.id} />
            {other !== null && <ErrorPanel error={other} />}
            {mayWrite && (
              <Group justify='space-between'>
                <Button type='submit' loading={save.isPending}>{t('action.save')}</Button>
                <Group gap='xs'>
                  <Button variant='default' loading={enable.isPending} onClick={toggle}>{device.enabled ? t('deviceForm.disable') : t('deviceForm.enable')}</Button>
                  <Button variant='outline' color='red.6' loading={remove.isRunning} onClick={() => remove.ask([device])}>{t('deviceForm.remove')}</Button>
                </Group>
              </Group>
            )}
          </Stack>
        </form>
        <Stack gap='md' className={styles.sticky}>
          <CredentialPanel device={device} />
          {mayTest && <ConnectionTest request={() => ({ path: `/devices/${device.id}/test`, body: {} })} onPaths={mayWrite ? ({ mainPath, subPath }) => change({ mainPath: mainPath ?? '', subPath: subPath ?? '' }) : undefined} />}
        </Stack>
      </div>
    </div>
  )
}

function CredentialPanel ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayWrite = useMay('device.credential.write')
  const [replacing, setReplacing] = useState(false)
  const changed = (now: Device) => { client.setQueryData(deviceQuery(device.id).queryKey, now); void client.invalidateQueries({ queryKey: keys.devices }) }
  const forget = useMutation({ mutationFn: () => api.delete<Device>(`/devices/${device.id}/credential`), onError: tellFault, onSuccess: now => { changed(now); told(t('credential.forgotten')) } })
  const ask = () => confirm({ title: t('credential.forget'), text: t('credential.forgetHint'), action: t('credential.forget'), danger: true, onConfirm: () => forget.mutate() })
  return (
    <Panel title={t('credential.title')}>
      <Stack gap='sm'>
        {device.credentialProblem && <Alert variant='outline' color='gray' icon={<IconKey />}><Text size='sm'>{t(`credential.problem.${device.credentialProblem}`)}</Text></Alert>}
        <Text size='sm'>{!device.hasCredential ? t('credential.none') : device.credentialUser ? t('credential.keptFor', { user: device.credentialUser }) : t('credential.kept')}</Text>
        <Text size='xs' className='quiet'>{t('credential.neverShown')}</Text>
        {mayWrite && (
          <Group gap='xs'>
            <Button size='xs' variant='default' leftSection={<IconKey size={14} />} onClick={() => setReplacing(true)}>{device.hasCredential ? t('credential.replace') : t('credential.enter')}</Button>
            {device.hasCredential && <Button size='xs' variant='subtle' color='gray' loading={forget.isPending} onClick={ask}>{t('credential.forget')}</Button>}
          </Group>
        )}
      </Stack>
      {replacing && <CredentialDialog deviceId={device.id} kind={credentialKindOf(draftOf(device))} onClose={() => setReplacing(false)} onSaved={now => { changed(now); setReplacing(false); told(t('credential.replaced')) }} />}
    </Panel>
  )
}
