/** The centre's name and time zone. */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Settings, SettingsWrite } from '../../../server/contract/people.js'
import { api } from '../api.js'
import { meQuery } from '../queries.js'
import { useMay } from '../session/me.js'
import { ErrorPanel, Loaded, PageHead, Panel, told } from '../ui/feedback.js'
import styles from './admin.module.css'
import { formFaults } from './faults.js'
import { PtzSettingsPanel } from './ptz-settings.js'
import { keys, settingsQuery } from './queries.js'

export function SettingsPage () {
  const { t } = useTranslation()
  const settings = useQuery(settingsQuery)
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.settings')} />
      <Loaded query={settings} rows={3}>{s => <Panel title={t('settings.centre')}><CentreForm settings={s} /></Panel>}</Loaded>
      <PtzSettingsPanel />
    </div>
  )
}

/** Browsers list old spellings (Europe/Kiev); the chosen one must be there however it is spelt. */
const zones = (own: string) => [...new Set([own, 'Europe/Kyiv', 'UTC', ...Intl.supportedValuesOf('timeZone')])].filter(z => z !== 'Europe/Kiev').sort()

function CentreForm ({ settings: { centre } }: { settings: Settings }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayWrite = useMay('settings.write')
  const [form, setForm] = useState(centre)
  const data = useMemo(() => zones(centre.timeZone), [centre.timeZone])
  const save = useMutation({
    mutationFn: (write: SettingsWrite) => api.patch<Settings>('/settings', write),
    onSuccess: saved => { client.setQueryData(keys.settings, saved); told(t('settings.saved')); return client.invalidateQueries({ queryKey: meQuery.queryKey }) }
  })
  const { fields, other } = formFaults(save.error, ['name', 'timeZone'])
  const submit = (event: FormEvent) => { event.preventDefault(); if (form.name.trim()) save.mutate({ centre: { ...form, name: form.name.trim() } }) }
  return (
    <form onSubmit={submit}>
      <Stack gap='sm' maw={520}>
        <TextInput label={t('settings.name')} value={form.name} onChange={e => setForm({ ...form, name: e.currentTarget.value })} error={fields.name} required maxLength={120} disabled={!mayWrite} />
        <Select label={t('settings.timeZone')} description={t('settings.timeZoneHint')} data={data} value={form.timeZone} onChange={v => v && setForm({ ...form, timeZone: v })} error={fields.timeZone} searchable limit={100} allowDeselect={false} nothingFoundMessage={t('empty.filtered')} disabled={!mayWrite} />
        {other !== null && <ErrorPanel error={other} />}
        {mayWrite && <Group><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>}
      </Stack>
    </form>
  )
}
