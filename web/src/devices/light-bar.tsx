/** One direction of a port's light: a calm bar between its limits, coloured only outside of them, with the number beside it. */
import { useTranslation } from 'react-i18next'
import type { ModuleView } from '../../../server/contract/hardware.js'
import { limitNames, placeOf, severityOfLevel } from './light.js'
import styles from './light.module.css'
import { dbm } from './units.js'

const percent = (share: number) => `${(share * 100).toFixed(1)}%`

export function LightSide ({ module, side }: { module: ModuleView, side: 'rx' | 'tx' }) {
  const { t } = useTranslation()
  const value = side === 'rx' ? module.rxPowerDbm : module.txPowerDbm
  const { level, limits } = module[side]
  const severity = severityOfLevel(level)
  const dark = module.gate !== 'up'
  const label = `${t(`light.${side}`)}: ${value === null ? t('light.noReading') : dbm(value)}${level ? `, ${t(`light.level.${level}`)}` : ''}`
  return (
    <span className={styles.side} title={limitNames.map(name => `${t(`light.${name}`)}: ${dbm(limits[name])}`).join('\n')}>
      <span className={styles.sideName} aria-hidden>{side.toUpperCase()}</span>
      <span className={styles.bar} role='img' aria-label={label}>
        <span className={styles.within} style={{ left: percent(placeOf(limits.lowWarn, limits)), right: percent(1 - placeOf(limits.highWarn, limits)) }} />
        {limitNames.map(name => <span key={name} className={styles.limit} style={{ left: percent(placeOf(limits[name], limits)) }} />)}
        {value !== null && <span className={styles.mark} data-severity={severity ?? undefined} data-dark={dark || undefined} style={{ left: percent(placeOf(value, limits)) }} />}
      </span>
      <span className={`numbers ${styles.value} ${severity ? styles[severity] : dark ? 'quiet' : ''}`}>{value === null ? '—' : dbm(value)}</span>
    </span>
  )
}
