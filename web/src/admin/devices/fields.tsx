/** Inputs of the device form by kind of device. `faults` are sentences by path into DeviceCreate. */
import { NumberInput, SegmentedControl, Select, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import styles from '../admin.module.css'
import type { Change, DeviceDraft } from './draft.js'

export interface FieldsProps { draft: DeviceDraft, change: Change, faults: Record<string, string>, disabled?: boolean }
type NumberField = { [K in keyof DeviceDraft]: DeviceDraft[K] extends number | '' ? K : never }[keyof DeviceDraft]
type TextField = 'certificate' | 'mainPath' | 'subPath' | 'checkPath' | 'statuses'

function useInputs ({ draft, change, faults, disabled }: FieldsProps) {
  return {
    number: (name: NumberField, path: string, label: string, max = 65_535, description?: string) => (
      <NumberInput label={label} description={description} value={draft[name]} onChange={v => change({ [name]: typeof v === 'number' ? v : '' })} error={faults[path]} min={1} max={max} clampBehavior='none' allowDecimal={false} allowNegative={false} hideControls required disabled={disabled} />
    ),
    text: (name: TextField, path: string, label: string, props: { placeholder?: string, description?: string, required?: boolean } = {}) => (
      <TextInput label={label} value={draft[name]} onChange={e => change({ [name]: e.currentTarget.value })} error={faults[path]} spellCheck={false} autoCapitalize='none' autoComplete='off' disabled={disabled} {...props} />
    )
  }
}

export function CameraFields (props: FieldsProps) {
  const { t } = useTranslation()
  const { draft, change, disabled } = props
  const { number, text } = useInputs(props)
  return (
    <div className={styles.fields}>
      <Stack gap={4} className={styles.wide}>
        <SegmentedControl aria-label={t('deviceForm.cameraBy')} value={draft.onvif ? 'onvif' : 'rtsp'} onChange={v => change({ onvif: v === 'onvif' })} disabled={disabled}
          data={[{ value: 'onvif', label: t('deviceForm.onvif') }, { value: 'rtsp', label: t('deviceForm.rtspOnly') }]} />
        <Text size='xs' className='quiet'>{draft.onvif ? t('deviceForm.onvifHint') : t('deviceForm.rtspHint')}</Text>
      </Stack>
      {draft.onvif && number('onvifPort', 'camera.onvif.port', t('deviceForm.onvifPort'))}
      {number('rtspPort', 'camera.rtsp.port', t('deviceForm.rtspPort'))}
      {draft.onvif && <Switch className={styles.wide} label={t('deviceForm.onvifTls')} checked={draft.onvifTls} onChange={e => change({ onvifTls: e.currentTarget.checked })} disabled={disabled} />}
      {draft.onvif && draft.onvifTls && <div className={styles.wide}>{text('certificate', 'camera.onvif.certificateSha256', t('deviceForm.certificate'), { description: t('deviceForm.certificateHint') })}</div>}
      {text('mainPath', 'camera.rtsp.mainPath', t('deviceForm.mainPath'), { placeholder: draft.onvif ? t('deviceForm.askCamera') : '/main', required: !draft.onvif })}
      {text('subPath', 'camera.rtsp.subPath', t('deviceForm.subPath'), { placeholder: draft.onvif ? t('deviceForm.askCamera') : '/sub' })}
      <Select label={t('deviceForm.pull')} description={t(`deviceForm.pullHint.${draft.pull}`)} allowDeselect={false} value={draft.pull} onChange={v => v && change({ pull: v as DeviceDraft['pull'] })} disabled={disabled}
        data={(['always', 'on_demand'] as const).map(value => ({ value, label: t(`deviceForm.pulls.${value}`) }))} />
      <Select label={t('deviceForm.client')} description={t(`deviceForm.clientHint.${draft.client}`)} allowDeselect={false} value={draft.client} onChange={v => v && change({ client: v as DeviceDraft['client'] })} disabled={disabled}
        data={(['auto', 'ffmpeg'] as const).map(value => ({ value, label: t(`deviceForm.clients.${value}`) }))} />
    </div>
  )
}

export function SwitchFields (props: FieldsProps) {
  const { t } = useTranslation()
  const { draft, change, disabled } = props
  const { number } = useInputs(props)
  return (
    <div className={styles.fields}>
      <Stack gap={4}>
        <Text size='sm' fw={500}>{t('deviceForm.snmpVersion')}</Text>
        <SegmentedControl aria-label={t('deviceForm.snmpVersion')} value={draft.snmpVersion} onChange={v => change({ snmpVersion: v as DeviceDraft['snmpVersion'] })} data={[{ value: '1', label: 'v1' }, { value: '2c', label: 'v2c' }, { value: '3', label: 'v3' }]} disabled={disabled} />
      </Stack>
      {number('snmpPort', 'switch.port', t('deviceForm.snmpPort'))}
      {number('pollS', 'switch.intervalS', t('deviceForm.pollS'), 3600)}
      {number('statusS', 'switch.statusIntervalS', t('deviceForm.statusS'), 3600)}
      {number('hardwareS', 'switch.hardwareIntervalS', t('deviceForm.hardwareS'), 86_400)}
      {draft.snmpVersion !== '1' && <Switch className={styles.wide} label={t('deviceForm.bulk')} description={t('deviceForm.bulkHint')} checked={draft.bulk} onChange={e => change({ bulk: e.currentTarget.checked })} disabled={disabled} />}
    </div>
  )
}

export function HostFields (props: FieldsProps) {
  const { t } = useTranslation()
  const { draft, change, disabled } = props
  const { number, text } = useInputs(props)
  const tls = (checkTls: boolean) => change({ checkTls, ...(draft.checkPort === (checkTls ? 80 : 443) ? { checkPort: checkTls ? 443 : 80 } : {}) })
  return (
    <div className={styles.fields}>
      <Stack gap={4} className={styles.wide}>
        <SegmentedControl aria-label={t('deviceForm.check')} value={draft.check} onChange={v => change({ check: v as DeviceDraft['check'] })} disabled={disabled}
          data={(['icmp', 'tcp', 'http'] as const).map(value => ({ value, label: t(`deviceForm.checks.${value}`) }))} />
        <Text size='xs' className='quiet'>{t(`deviceForm.checkHint.${draft.check}`)}</Text>
      </Stack>
      {draft.check !== 'icmp' && number('checkPort', 'host.check.port', t('deviceForm.checkPort'))}
      {number('checkS', 'host.intervalS', t('deviceForm.checkS'), 3600)}
      {draft.check === 'http' && text('checkPath', 'host.check.path', t('deviceForm.checkPath'), { required: true })}
      {draft.check === 'http' && text('statuses', 'host.check.statuses', t('deviceForm.statuses'), { placeholder: t('deviceForm.statusesAny') })}
      {draft.check === 'http' && <Switch label={t('deviceForm.checkTls')} checked={draft.checkTls} onChange={e => tls(e.currentTarget.checked)} disabled={disabled} />}
    </div>
  )
}
