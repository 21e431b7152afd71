/** A new device by form, empty or filled from what a search found. */
import { Button, Group, SegmentedControl, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { IconArrowLeft } from '@tabler/icons-react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { type Device, type DeviceKind, deviceKinds } from '../../../../server/contract/inventory.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { EmptyPanel, ErrorPanel, Loaded, PageHead, Panel, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { draftOfSuggestion } from '../discovery/prefill.js'
import { agentsQuery, keys, suggestionsQuery } from '../queries.js'
import { ConnectionTest } from './connection-test.js'
import { CredentialFields } from './credential-fields.js'
import { DeviceForm } from './device-form.js'
import { createOf, credentialKindOf, type DeviceDraft, emptyDraft } from './draft.js'
import { useDraft } from './use-draft.js'

export function NewDevicePage () {
  const { t } = useTranslation()
  const { kind, suggestion } = useSearch({ from: '/shell/admin/devices/new' })
  const agents = useQuery(agentsQuery)
  const suggestions = useQuery({ ...suggestionsQuery, enabled: suggestion !== undefined })
  if (!useMay('device.write')) return <EmptyPanel title={t('common.forbidden')} hint={t('common.forbiddenHint')} />
  if (suggestion !== undefined) {
    return (
      <Loaded query={suggestions}>
        {all => {
          const found = all.find(s => s.id === suggestion)
          return found ? <NewDevice initial={draftOfSuggestion(found)} suggestionId={found.id} /> : <EmptyPanel title={t('discovery.gone')} />
        }}
      </Loaded>
    )
  }
  return (
    <Loaded query={agents}>
      {list => {
        const usable = list.filter(a => a.status !== 'revoked')
        return <NewDevice initial={{ ...emptyDraft(kind ?? 'camera'), agentId: usable.length === 1 ? usable[0]!.id : null }} />
      }}
    </Loaded>
  )
}

function NewDevice ({ initial, suggestionId }: { initial: DeviceDraft, suggestionId?: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation({
    mutationFn: (draft: DeviceDraft) => api.post<Device>(suggestionId ? `/discovery/suggestions/${suggestionId}/accept` : '/devices', createOf(draft)),
    onSuccess: async device => {
      told(t('deviceForm.created', { name: device.name }))
      await Promise.all([client.invalidateQueries({ queryKey: keys.devices }), client.invalidateQueries({ queryKey: keys.suggestions }), client.invalidateQueries({ queryKey: ['sites'] }), client.invalidateQueries({ queryKey: ['camera-groups'] })])
      await navigate({ to: suggestionId ? '/admin/discovery' : '/admin/devices' })
    }
  })
  const { draft, change, check, faults, other } = useDraft(() => initial, create.error)
  const submit = (event: FormEvent) => { event.preventDefault(); if (check()) create.mutate(draft) }
  return (
    <div className={styles.paired}>
      <PageHead title={t('deviceForm.new')}><Button component={Link} to={suggestionId ? '/admin/discovery' : '/admin/devices'} variant='subtle' color='gray' leftSection={<IconArrowLeft size={16} />}>{t('action.back')}</Button></PageHead>
      <div className={styles.columns}>
        <form onSubmit={submit} noValidate>
          <Stack gap='md'>
            <SegmentedControl aria-label={t('common.kind')} value={draft.kind} onChange={kind => change({ kind: kind as DeviceKind })} data={deviceKinds.map(value => ({ value, label: t(`kind.${value}`) }))} />
            <DeviceForm draft={draft} change={change} faults={faults} />
            <Panel title={t('credential.title')}>
              <CredentialFields kind={credentialKindOf(draft)} value={draft.credential} change={partial => change({ credential: { ...draft.credential, ...partial } })} faults={faults} />
            </Panel>
            {other !== null && <ErrorPanel error={other} />}
            <Group><Button type='submit' loading={create.isPending}>{t('deviceForm.create')}</Button></Group>
          </Stack>
        </form>
        <div className={styles.sticky}>
          <ConnectionTest request={() => check() ? { path: '/devices/test', body: createOf(draft) } : null} onPaths={({ mainPath, subPath }) => change({ mainPath: mainPath ?? '', subPath: subPath ?? '' })} />
        </div>
      </div>
    </div>
  )
}
