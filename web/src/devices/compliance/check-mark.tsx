/** A check's status as shape and colour: only what is wrong has a colour. */
import { useTranslation } from 'react-i18next'
import type { ComplianceStatus } from '../../../../server/contract/compliance.js'
import styles from './compliance.module.css'

export function CheckMark ({ status, size = 16 }: { status: ComplianceStatus, size?: number }) {
  const { t } = useTranslation()
  const shapes = {
    pass: <circle cx='10' cy='10' r='5' fill='currentColor' />,
    fail: <><rect x='1' y='1' width='18' height='18' rx='3' fill='currentColor' /><text x='10' y='15.2' textAnchor='middle' fontSize='15' fontWeight='800' fill='#14171a'>!</text></>,
    unknown: <><circle cx='10' cy='10' r='8' fill='none' stroke='currentColor' strokeWidth='1.6' /><text x='10' y='14' textAnchor='middle' fontSize='11' fontWeight='700' fill='currentColor'>?</text></>,
    unjudged: <path d='M5 10h10' stroke='currentColor' strokeWidth='2' />
  }
  return <svg className={styles.mark} data-status={status} width={size} height={size} viewBox='0 0 20 20' role='img' aria-label={t(`complianceStatus.${status}`)}>{shapes[status]}</svg>
}
