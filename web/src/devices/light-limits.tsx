/** People's limits for the light of one port, before those of its module. */
import { Button, Checkbox, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LightLimits, ModuleView, PortLightLimits } from '../../../server/contract/hardware.js'
import { api } from '../api.js'
import { currentLanguage } from '../i18n/index.js'
import { hardwareQuery } from '../queries.js'
import { ErrorPanel, told } from '../ui/feedback.js'
import { faultyLimit, limitNames } from './light.js'
import styles from './light.module.css'

type Draft = { own: boolean, values: Record<(typeof limitNames)[number], number | ''> }
const draftOf = ({ source, limits }: ModuleView['rx']): Draft => ({ own: source === 'person', values: { ...limits } })
const limitsOf = (d: Draft) => d.own ? d.values as LightLimits : null

export function LightLimitsDialog ({ deviceId, module, onClose }: { deviceId: string, module: ModuleView, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [rx, setRx] = useState(() => draftOf(module.rx))
  const [tx, setTx] = useState(() => draftOf(module.tx))
  const faulty = (d: Draft) => d.own && faultyLimit(d.values) !== null
  const save = useMutation({
    mutationFn: () => api.put<PortLightLimits>(`/devices/${deviceId}/light-limits`, { port: module.port, rx: limitsOf(rx), tx: limitsOf(tx) }),
    onSuccess: () => { told(t('light.saved')); onClose(); return client.invalidateQueries({ queryKey: hardwareQuery(deviceId).queryKey }) }
  })
  return (
    <Modal opened onClose={onClose} size={760} title={t('light.limitsOf', { port: module.port })}>
      <form onSubmit={e => { e.preventDefault(); save.mutate() }}>
        <Stack gap='md'>
          <Text size='sm' className='quiet'>{t('light.ownHint')}</Text>
          <SideLimits title={`${t('light.rx')} (RX)`} draft={rx} source={module.rx.source} onChange={setRx} />
          <SideLimits title={`${t('light.tx')} (TX)`} draft={tx} source={module.tx.source} onChange={setTx} />
          {save.isError && <ErrorPanel error={save.error} />}
          <Group justify='flex-end' gap='xs'>
            <Button variant='default' onClick={onClose}>{t('action.cancel')}</Button>
            <Button type='submit' disabled={faulty(rx) || faulty(tx)} loading={save.isPending}>{t('light.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function SideLimits ({ title, draft, source, onChange }: { title: string, draft: Draft, source: ModuleView['rx']['source'], onChange: (draft: Draft) => void }) {
  const { t } = useTranslation()
  const fault = draft.own ? faultyLimit(draft.values) : null
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <legend style={{ fontWeight: 600, padding: 0 }}>{title} <span className='quiet' style={{ fontWeight: 400 }}>· {t('light.limits')}: {t(`light.source.${source}`)}</span></legend>
      <Stack gap='xs' mt={6}>
        <Checkbox label={t('light.own')} checked={draft.own} onChange={e => onChange({ ...draft, own: e.currentTarget.checked })} />
        <div className={styles.limits}>
          {limitNames.map(name => (
            <NumberInput key={name} size='sm' label={t(`light.${name}`)} suffix={` ${t('light.dbm')}`} decimalScale={2} decimalSeparator={currentLanguage() === 'uk' ? ',' : '.'} allowedDecimalSeparators={[',', '.']} step={0.5} disabled={!draft.own} value={draft.values[name]}
              onChange={v => onChange({ ...draft, values: { ...draft.values, [name]: typeof v === 'number' ? v : '' } })} error={fault?.name === name ? t(`light.${fault.fault}`) : undefined} />
          ))}
        </div>
      </Stack>
    </fieldset>
  )
}
