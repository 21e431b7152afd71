/** One form for new and for known devices; what differs (credential, buttons) its pages add. */
import { Stack, Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Panel } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { CameraFields, type FieldsProps, HostFields, SwitchFields } from './fields.js'
import { PlacementFields } from './placement-fields.js'

export function DeviceForm (props: FieldsProps & { ownId?: string }) {
  const { t } = useTranslation()
  const { draft, change, faults, disabled } = props
  return (
    <Stack gap='md'>
      <Panel>
        <div className={styles.fields}>
          <TextInput label={t('common.name')} value={draft.name} onChange={e => change({ name: e.currentTarget.value })} error={faults.name} maxLength={120} required disabled={disabled} />
          <TextInput label={t('common.address')} placeholder='192.0.2.10' value={draft.address} onChange={e => change({ address: e.currentTarget.value })} error={faults.address} maxLength={253} required autoCapitalize='none' spellCheck={false} disabled={disabled} />
        </div>
      </Panel>
      <Panel title={t(`deviceForm.settings.${draft.kind}`)}>
        {draft.kind === 'camera' ? <CameraFields {...props} /> : draft.kind === 'switch' ? <SwitchFields {...props} /> : <HostFields {...props} />}
      </Panel>
      <Panel title={t('deviceForm.placement')}><PlacementFields {...props} /></Panel>
      <Panel><Textarea label={t('common.note')} value={draft.note} onChange={e => change({ note: e.currentTarget.value })} error={faults.note} maxLength={2000} autosize minRows={2} maxRows={8} disabled={disabled} /></Panel>
    </Stack>
  )
}
