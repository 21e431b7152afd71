import { Modal, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { FirmwareList, FirmwareVersion, FirmwareWrite } from '../../../../server/contract/compliance.js'
import { tellFault } from '../../admin/faults.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { shortTime } from '../../time.js'
import { EmptyPanel, Loaded, told } from '../../ui/feedback.js'
import styles from './compliance.module.css'
import { firmwareQuery } from './data.js'

/** Versions by maker and model, with a switch for each. */
export function FirmwareDialog ({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const list = useQuery(firmwareQuery)
  return (
    <Modal opened onClose={onClose} size='lg' title={t('firmwareList.title')}>
      <Text size='sm' className='quiet' mb='md'>{t('firmwareList.intro')}</Text>
      <Loaded query={list} rows={4}>
        {({ versions }) => versions.length === 0 ? <EmptyPanel title={t('firmwareList.none')} /> : (
          <Stack gap='lg'>{byModel(versions).map(([model, some]) => <section key={model}><Text component='h3' fz={15} fw={600} m={0} mb={6} style={{ overflowWrap: 'anywhere' }}>{model}</Text><div className={styles.versions}>{some.map(v => <Version key={v.version} version={v} />)}</div></section>)}</Stack>
        )}
      </Loaded>
    </Modal>
  )
}

function byModel (versions: readonly FirmwareVersion[]): [string, FirmwareVersion[]][] {
  const models = new Map<string, FirmwareVersion[]>()
  for (const v of versions) models.set(`${v.manufacturer} ${v.model}`, [...models.get(`${v.manufacturer} ${v.model}`) ?? [], v])
  return [...models]
}

function Version ({ version: { manufacturer, model, version, cameras, approvedAt, approvedBy } }: { version: FirmwareVersion }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const may = useMay('firmware.approve')
  const change = useMutation({
    mutationFn: (approved: boolean) => api.put<FirmwareList>('/compliance/firmware', { manufacturer, model, version, approved } satisfies FirmwareWrite), onError: tellFault,
    onSuccess: (answer, approved) => {
      told(t(approved ? 'firmwareList.approved' : 'firmwareList.withdrawn', { version }))
      client.setQueryData(firmwareQuery.queryKey, answer)
      return client.invalidateQueries({ queryKey: ['compliance', 'list'] })
    }
  })
  return (
    <>
      <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{version}{approvedAt !== null && <span className='quiet' style={{ fontSize: 13 }}> · {t('firmwareList.by', { login: approvedBy ?? '', time: shortTime(approvedAt) })}</span>}</span>
      <span className='quiet numbers'>{t('compliance.cameras', { count: cameras })}</span>
      <Switch aria-label={t('firmwareList.approvedLabel', { version })} checked={approvedAt !== null} disabled={!may || change.isPending} onChange={e => change.mutate(e.currentTarget.checked)} />
    </>
  )
}
