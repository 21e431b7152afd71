/** What one must know at once while moving a camera: it was taken, it does not answer, somebody asks for it. */
import { Button, Group } from '@mantine/core'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import type { PtzConnection, PtzState } from './connection.js'
import styles from './ptz.module.css'

const codes = ['agent_offline', 'agent_gone', 'agent_timeout', 'agent_busy', 'not_in_plan', 'no_agent', 'camera_disabled'] as const
/** In the reader's words; a camera's own failures have theirs already. */
function ptzFailureText (code: string): string {
  const known = codes.find(c => c === code)
  if (known) return i18next.t(`ptz.code.${known}`)
  const key = `failure.${code}`
  return i18next.exists(key) ? i18next.t(key as 'failure.timeout') : i18next.t('ptz.code.other')
}

function useTroubleText (state: PtzState): string | null {
  const { t } = useTranslation()
  const { trouble } = state
  switch (trouble?.kind) {
    case undefined: return null
    case 'failed': return t('ptz.failed', { why: ptzFailureText(trouble.code) })
    case 'locked': return state.lock ? t('ptz.locked', { name: state.lock.name }) : null
    case 'denied': return t('ptz.denied')
    case 'held': return t('ptz.held')
    case 'lost': {
      const { reason, to } = trouble
      if (reason === 'released') return null
      return reason === 'taken_over' || reason === 'given' ? t(`ptz.lost.${reason}`, { name: to ?? '' }) : t(`ptz.lost.${reason}`)
    }
  }
}

export function Notices ({ state, ptz }: { state: PtzState, ptz: PtzConnection | null }) {
  const { t } = useTranslation()
  const trouble = useTroubleText(state)
  if (state.askedBy) {
    return (
      <div className={styles.notice} role='alert' data-ptz-notice='asked'>
        <span>{t('ptz.askedBy', { name: state.askedBy })}</span>
        <Group gap={8} wrap='nowrap'>
          <Button size='compact-sm' onClick={() => ptz?.answer(true)}>{t('ptz.give')}</Button>
          <Button size='compact-sm' variant='default' onClick={() => ptz?.answer(false)}>{t('ptz.keep')}</Button>
        </Group>
      </div>
    )
  }
  if (!trouble) return null
  return <div className={styles.notice} role='alert' data-bad data-ptz-notice={state.trouble?.kind}>{trouble}</div>
}
