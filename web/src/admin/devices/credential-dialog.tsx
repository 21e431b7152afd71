import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import i18next from 'i18next'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Credential, Device } from '../../../../server/contract/inventory.js'
import { api } from '../../api.js'
import { ErrorPanel } from '../../ui/feedback.js'
import { formFaults } from '../faults.js'
import { CredentialFields } from './credential-fields.js'
import { credentialFaults, credentialOf, noCredential } from './draft.js'

const fields = ['username', 'password', 'community', 'user', 'authKey', 'privKey'] as const

/** Replaces what is kept; the old secret is neither needed nor shown. */
export function CredentialDialog ({ deviceId, kind, onClose, onSaved }: { deviceId: string, kind: Credential['kind'], onClose: () => void, onSaved: (device: Device) => void }) {
  const { t } = useTranslation()
  const [value, setValue] = useState(noCredential)
  const [checked, setChecked] = useState(false)
  const save = useMutation({ mutationFn: (credential: Credential) => api.put<Device>(`/devices/${deviceId}/credential`, credential), onSuccess: onSaved })
  const credential = credentialOf(kind, value)
  const own = credential ? credentialFaults(kind, value) : { [`credential.${kind === 'password' ? 'password' : kind === 'community' ? 'community' : 'user'}`]: 'required' as const }
  const server = formFaults(save.error, fields)
  const faults = {
    ...Object.fromEntries(Object.entries(server.fields).map(([field, text]) => [`credential.${field}`, text])),
    ...(checked ? Object.fromEntries(Object.entries(own).map(([field, code]) => [field, i18next.t(`fault.${code}`)])) : {})
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (credential && Object.keys(own).length === 0) save.mutate(credential)
  }
  return (
    <Modal opened onClose={onClose} title={t('credential.replace')} size='lg'>
      <form onSubmit={submit} noValidate>
        <Stack gap='md'>
          <CredentialFields kind={kind} value={value} change={partial => setValue({ ...value, ...partial })} faults={faults} />
          {server.other !== null && <ErrorPanel error={server.other} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
