/** How long somebody has a camera that moves. */
import { Button, Group, NumberInput, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PtzSettings } from '../../../server/contract/ptz.js'
import { api } from '../api.js'
import { useMay } from '../session/me.js'
import { ErrorPanel, Loaded, Panel, told } from '../ui/feedback.js'
import { formFaults } from './faults.js'

const query = { queryKey: ['ptz', 'settings'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<PtzSettings>('/ptz/settings', {}, signal) }

export function PtzSettingsPanel () {
  const { t } = useTranslation()
  const settings = useQuery(query)
  return <div style={{ marginTop: 14 }}><Loaded query={settings} rows={2}>{s => <Panel title={t('ptz.title')}><TimesForm settings={s} /></Panel>}</Loaded></div>
}

function TimesForm ({ settings }: { settings: PtzSettings }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mayWrite = useMay('settings.write')
  const [form, setForm] = useState<{ idleS: number | string, resumeS: number | string }>(settings)
  const save = useMutation({
    mutationFn: () => api.patch<PtzSettings>('/ptz/settings', form),
    onSuccess: saved => { client.setQueryData(query.queryKey, saved); told(t('settings.saved')) }
  })
  const { fields, other } = formFaults(save.error, ['idleS', 'resumeS'])
  const submit = (event: FormEvent) => { event.preventDefault(); save.mutate() }
  const shared = { allowDecimal: false, disabled: !mayWrite, required: true, suffix: ` ${t('ptz.secondsShort')}` }
  return (
    <form onSubmit={submit}>
      <Stack gap='sm' maw={520}>
        <NumberInput {...shared} label={t('ptz.idle')} description={t('ptz.idleHint')} min={10} max={600} value={form.idleS} onChange={idleS => setForm({ ...form, idleS })} error={fields.idleS} />
        <NumberInput {...shared} label={t('ptz.resume')} description={t('ptz.resumeHint')} min={10} max={3600} value={form.resumeS} onChange={resumeS => setForm({ ...form, resumeS })} error={fields.resumeS} />
        {other !== null && <ErrorPanel error={other} />}
        {mayWrite && <Group><Button type='submit' loading={save.isPending} disabled={typeof form.idleS !== 'number' || typeof form.resumeS !== 'number'}>{t('action.save')}</Button></Group>}
      </Stack>
    </form>
  )
}
