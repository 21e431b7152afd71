/** "Test connection": each step as it happens, with its cause, its facts and the first picture. */
import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconMinus, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type TestReport, type TestStep, testStepNames } from '../../../../server/contract/agent-link.js'
import { fullTime } from '../../time.js'
import { ErrorPanel, Panel } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { faultText, translated } from '../faults.js'
import { useTask } from '../use-task.js'
import { failureText, FactList } from './test-facts.js'

/** `request` gives what to ask, or null when the form is not ready; it may show its own faults. */
export function ConnectionTest ({ request, onPaths }: { request: () => { path: string, body: unknown } | null, onPaths?: (paths: { mainPath: string | null, subPath: string | null }) => void }) {
  const { t } = useTranslation()
  const { task, error, isRunning, start, cancel } = useTask<TestStep[], TestReport>()
  const begin = () => { const asked = request(); if (asked) start(asked.path, asked.body) }
  const steps = task?.result?.steps ?? task?.progress ?? []
  const report = task?.status === 'done' ? task.result : null
  return (
    <Panel title={t('connectionTest.title')} aside={isRunning
      ? <Button size='xs' variant='default' onClick={cancel}>{t('action.cancel')}</Button>
      : <Button size='xs' variant={task ? 'default' : 'filled'} leftSection={<IconPlayerPlay size={14} />} onClick={begin}>{task ? t('connectionTest.again') : t('connectionTest.start')}</Button>}>
      <Stack gap='sm'>
        {!task && !isRunning && !error && <Text size='sm' className='quiet'>{t('connectionTest.hint')}</Text>}
        {error && <ErrorPanel error={translated(error)} />}
        <div aria-live='polite'>
          {task && <ol className={styles.steps} aria-label={t('connectionTest.title')}>{steps.map(step => <StepRow key={step.step} step={step} />)}</ol>}
          {isRunning && steps.every(s => s.status !== 'running') && <Group gap='xs' py={6}><Loader size={16} /><Text size='sm' className='quiet'>{t('connectionTest.waiting')}</Text></Group>}
          {task?.status === 'failed' && <Alert variant='outline' color='gray' icon={<IconAlertTriangle />} title={t('connectionTest.failed')}><Text size='sm'>{task.failure ? faultText(task.failure.code) ?? failureText(t, task.failure.code) ?? task.failure.detail : ''}</Text></Alert>}
          {task?.status === 'cancelled' && <Text size='sm' className='quiet'>{t('connectionTest.cancelled')}</Text>}
          {report && <Verdict report={report} onPaths={onPaths} />}
        </div>
      </Stack>
    </Panel>
  )
}

function Verdict ({ report, onPaths }: { report: TestReport, onPaths?: (paths: { mainPath: string | null, subPath: string | null }) => void }) {
  const { t } = useTranslation()
  const warned = report.steps.some(s => s.status === 'warning')
  return (
    <Stack gap='sm' mt={6}>
      <Text fw={600} size='sm' data-test-verdict={report.ok}>{!report.ok ? t('connectionTest.notOk') : warned ? t('connectionTest.okWithWarnings') : t('connectionTest.ok')}</Text>
      {report.picture && (
        <figure style={{ margin: 0 }}>
          <img className={styles.picture} src={`data:image/jpeg;base64,${report.picture.jpegBase64}`} alt={t('connectionTest.picture')} />
          <figcaption className='quiet' style={{ fontSize: 12.5 }}>{fullTime(report.picture.at)}</figcaption>
        </figure>
      )}
      {onPaths && report.mainPath && <Button size='xs' variant='default' onClick={() => onPaths(report)} style={{ alignSelf: 'flex-start' }}>{t('connectionTest.takePaths')}</Button>}
    </Stack>
  )
}

const marks = {
  ok: <IconCheck size={18} color='var(--accent)' />, warning: <IconAlertTriangle size={18} color='var(--minor)' />, failed: <IconX size={18} color='var(--critical)' />, skipped: <IconMinus size={18} />, running: <Loader size={16} />
}
function StepRow ({ step }: { step: TestStep }) {
  const { t } = useTranslation()
  const known = testStepNames.includes(step.step)
  const cause = step.failure && failureText(t, step.failure.code)
  return (
    <li className={styles.step} data-status={step.status} data-step={step.step}>
      <span aria-hidden style={{ display: 'flex', paddingTop: 2 }}>{marks[step.status]}</span>
      <span>{known ? t(`connectionTest.steps.${step.step}`) : step.step}<span className='visually-hidden'>: {t(`connectionTest.status.${step.status}`)}</span></span>
      <span className='numbers quiet'>{step.tookMs === null ? '' : t('unit.ms', { value: Math.round(step.tookMs) })}</span>
      {(cause || step.detail || step.facts) && (
        <div className={styles.stepBody}>
          {cause && <div style={{ fontWeight: 600 }}>{cause}</div>}
          {step.status === 'skipped' ? <div>{t('connectionTest.skippedHint')}</div> : step.status !== 'running' && step.status !== 'ok' && step.detail && <div className='quiet' lang='en'>{step.detail}</div>}
          {step.facts && <FactList facts={step.facts} />}
        </div>
      )}
    </li>
  )
}
