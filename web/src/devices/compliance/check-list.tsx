/** One camera's checks, a line each, with what can be done about them. */
import { Button, UnstyledButton } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CameraCompliance, complianceChecks, type FirmwareWrite, type LoginCheckStarted } from '../../../../server/contract/compliance.js'
import { tellFault } from '../../admin/faults.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { clockText } from '../../time.js'
import { confirm, told } from '../../ui/feedback.js'
import { CheckMark } from './check-mark.js'
import styles from './compliance.module.css'
import { sentence } from './words.js'

/** `folded`: only what is wrong or not known, until somebody asks for the rest. */
export function CheckList ({ camera, folded = false }: { camera: CameraCompliance, folded?: boolean }) {
  const { t } = useTranslation()
  const [all, setAll] = useState(!folded)
  const shown = complianceChecks.filter(c => all || camera.checks[c].status === 'fail' || camera.checks[c].status === 'unknown')
  return (
    <ul className={styles.checks}>
      {shown.map(c => (
        <li key={c}>
          <CheckMark status={camera.checks[c].status} size={18} />
          <span className={camera.checks[c].status === 'fail' ? undefined : 'quiet'}>{t(`complianceCheck.${c}`)}</span>
          <span>{sentence(c, camera.checks[c])}{c === 'firmware' && <Approve camera={camera} />}{c === 'password' && <Trial camera={camera} />}</span>
        </li>
      ))}
      {!all && <li><CheckMark status='pass' size={18} /><UnstyledButton className={styles.sort} style={{ gridColumn: '2 / -1', fontSize: 14.5 }} onClick={() => setAll(true)}>{t('compliance.others', { count: complianceChecks.length - shown.length })}</UnstyledButton></li>}
    </ul>
  )
}

function Approve ({ camera: { manufacturer, model, firmware, checks } }: { camera: CameraCompliance }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const may = useMay('firmware.approve')
  const approve = useMutation({
    mutationFn: (write: FirmwareWrite) => api.put('/compliance/firmware', write), onError: tellFault,
    onSuccess: (_answer, { version }) => { told(t('firmwareList.approved', { version })); return client.invalidateQueries({ queryKey: ['compliance'] }) }
  })
  if (!may || !manufacturer || !model || !firmware || checks.firmware.status === 'pass') return null
  return <div><Button size='compact-xs' variant='default' mt={6} loading={approve.isPending} onClick={() => approve.mutate({ manufacturer, model, version: firmware, approved: true })}>{t('firmwareList.approve', { version: firmware })}</Button></div>
}

/** How far the trial of factory logins is, and its beginning. */
function Trial ({ camera: { id, loginCheck } }: { camera: CameraCompliance }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const may = useMay('login_check.write')
  const start = useMutation({
    mutationFn: () => api.post<LoginCheckStarted>('/compliance/login-checks', { deviceIds: [id] }), onError: tellFault,
    onSuccess: ({ started, refused }) => { told(started > 0 ? t('loginCheck.started', { number: started }) : t('loginCheck.refused', { number: refused.length })); return client.invalidateQueries({ queryKey: ['compliance'] }) }
  })
  const { state, tried, of, username, nextAt } = loginCheck
  return (
    <div className='quiet' style={{ fontSize: 13.5, marginTop: 4 }}>
      {t(`loginCheck.state.${state}`, { tried, of, username: username ?? '' })}{nextAt !== null && `, ${t('loginCheck.next', { time: clockText(nextAt) })}`}
      {may && state !== 'waiting' && <div><Button size='compact-xs' variant='default' mt={6} loading={start.isPending} onClick={() => confirm({ title: t('loginCheck.startTitle'), text: t('loginCheck.startText', { count: 1 }), action: t('loginCheck.startOne'), onConfirm: () => start.mutate() })}>{t('loginCheck.startOne')}</Button></div>}
    </div>
  )
}
