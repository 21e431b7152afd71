import { Button, Modal, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type ComplianceSettings, loginCheckModes, type LoginCheckStarted } from '../../../../server/contract/compliance.js'
import { tellFault } from '../../admin/faults.js'
import { api } from '../../api.js'
import { confirm, Loaded, told } from '../../ui/feedback.js'
import { type ComplianceSearch, complianceSettingsQuery, idsOf } from './data.js'

/** As many as the server takes at once. */
const MOST = 500

/** When factory logins are tried; and a trial at the cameras that the table shows. */
export function LoginDialog ({ filter, cameras, onClose }: { filter: ComplianceSearch, cameras: number, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const settings = useQuery(complianceSettingsQuery)
  const change = useMutation({
    mutationFn: (loginChecks: ComplianceSettings['loginChecks']) => api.put<ComplianceSettings>('/compliance/settings', { loginChecks }), onError: tellFault,
    onSuccess: answer => { told(t('loginCheck.saved')); client.setQueryData(complianceSettingsQuery.queryKey, answer) }
  })
  const start = useMutation({
    mutationFn: async (): Promise<LoginCheckStarted> => {
      const deviceIds = await idsOf(filter, MOST)
      return deviceIds && deviceIds.length > 0 ? api.post<LoginCheckStarted>('/compliance/login-checks', { deviceIds }) : { started: 0, refused: [] }
    },
    onError: tellFault,
    onSuccess: ({ started, refused }) => {
      told([t('loginCheck.started', { number: started }), refused.length > 0 ? t('loginCheck.refused', { number: refused.length }) : ''].filter(Boolean).join('. '))
      onClose()
      return client.invalidateQueries({ queryKey: ['compliance'] })
    }
  })
  return (
    <Modal opened onClose={onClose} size='lg' title={t('loginCheck.title')}>
      <Stack gap='md'>
        <Text size='sm'>{t('loginCheck.always')}</Text>
        <Text size='sm' className='quiet'>{t('loginCheck.intro')}</Text>
        <Loaded query={settings} rows={1}>
          {({ loginChecks }) => (
            <>
              <SegmentedControl aria-label={t('loginCheck.mode')} value={loginChecks} disabled={change.isPending} onChange={v => { const mode = loginCheckModes.find(m => m === v); if (mode) change.mutate(mode) }} data={loginCheckModes.map(value => ({ value, label: t(`loginCheck.${value}`) }))} />
              {loginChecks !== 'off' && (cameras > MOST
                ? <Text size='sm' className='quiet'>{t('loginCheck.tooMany')}</Text>
                : <Button variant='default' disabled={cameras === 0} loading={start.isPending} onClick={() => confirm({ title: t('loginCheck.startTitle'), text: t('loginCheck.startText', { count: cameras }), action: t('loginCheck.startOne'), onConfirm: () => start.mutate() })}>{t('loginCheck.start')} ({cameras})</Button>)}
            </>
          )}
        </Loaded>
      </Stack>
    </Modal>
  )
}
