/** State and severity as colour AND shape AND letter, so that they are read without colour vision and from afar. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { DeviceState, Severity } from '../../../server/contract/health.js'
import styles from './marks.module.css'

export type ShownState = DeviceState | 'disabled'
const frame = (children: ReactNode, label: string, size: number, className?: string) => (
  <svg className={className} width={size} height={size} viewBox='0 0 20 20' role='img' aria-label={label}><title>{label}</title>{children}</svg>
)
const letter = (text: string, y = 14.2, dark = true) => <text x='10' y={y} textAnchor='middle' fontSize='11' fontWeight='700' fill={dark ? '#14171a' : 'currentColor'}>{text}</text>

/** Priority 1 to 4 in a shape of its own: square, triangle, circle, hollow circle. */
export function SeverityMark ({ severity, size = 20 }: { severity: Severity, size?: number }) {
  const { t } = useTranslation()
  const shapes: Record<Severity, ReactNode> = {
    critical: <><rect x='1' y='1' width='18' height='18' rx='1.5' fill='currentColor' />{letter('1')}</>,
    major: <><path d='M10 .8 19.6 18.6H.4z' fill='currentColor' />{letter('2', 16.4)}</>,
    minor: <><circle cx='10' cy='10' r='9.2' fill='currentColor' />{letter('3')}</>,
    warning: <><circle cx='10' cy='10' r='8.2' fill='none' stroke='currentColor' strokeWidth='2' />{letter('4', 14, false)}</>
  }
  return frame(shapes[severity], t(`severity.${severity}`), size, styles[severity])
}

export function StateMark ({ state, size = 16 }: { state: ShownState, size?: number }) {
  const { t } = useTranslation()
  const shapes: Record<ShownState, ReactNode> = {
    up: <circle cx='10' cy='10' r='5' fill='currentColor' />,
    degraded: <><path d='M10 .8 19.6 18.6H.4z' fill='currentColor' />{letter('!', 16.4)}</>,
    down: <><rect x='1' y='1' width='18' height='18' rx='1.5' fill='currentColor' /><path d='m5.5 5.5 9 9m0-9-9 9' stroke='#14171a' strokeWidth='2.6' /></>,
    unreachable: <><circle cx='10' cy='10' r='8.2' fill='none' stroke='currentColor' strokeWidth='2' /><path d='m4.5 15.5 11-11' stroke='currentColor' strokeWidth='2' /></>,
    unknown: <><circle cx='10' cy='10' r='8.2' fill='none' stroke='currentColor' strokeWidth='2' strokeDasharray='3 2.2' />{letter('?', 14, false)}</>,
    disabled: <><rect x='2' y='2' width='16' height='16' rx='2' fill='none' stroke='currentColor' strokeWidth='1.6' /><path d='M5.5 10h9' stroke='currentColor' strokeWidth='2' /></>
  }
  return frame(shapes[state], t(`state.${state}`), size, styles[state])
}

export function StateText ({ state, size = 16 }: { state: ShownState, size?: number }) {
  const { t } = useTranslation()
  return <span className={styles.stateText}><StateMark state={state} size={size} /><span>{t(`state.${state}`)}</span></span>
}

export const shownState = (device: { enabled: boolean, state: DeviceState }): ShownState => device.enabled ? device.state : 'disabled'
