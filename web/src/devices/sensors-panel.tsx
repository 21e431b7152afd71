/** What a switch measures of itself, and what it feeds over its ports. */
import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Poe, Sensor } from '../../../server/contract/hardware.js'
import { hardwareQuery } from '../queries.js'
import { Loaded, Panel } from '../ui/feedback.js'
import { SeverityMark } from '../ui/marks.js'
import facts from './devices.module.css'
import styles from './light.module.css'
import { celsius, orDash, percent, rpm, volts, watts } from './units.js'

const units: Record<Sensor['kind'], (value: number) => string> = { cpu: percent, memory: percent, temperature: celsius, fan: rpm, power_supply: watts, voltage: volts, power: watts }

export function SensorsPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const hardware = useQuery(hardwareQuery(deviceId))
  return (
    <Panel title={t('sensors.title')}>
      <Loaded query={hardware} rows={3}>
        {({ sensors, poe, at }) => sensors.length === 0 && poe === null ? <p className='quiet'>{at === null ? t('light.notRead') : t('sensors.none')}</p> : (
          <Stack gap='md'>
            {sensors.length > 0 && <dl className={facts.facts}>{sensors.map(s => <SensorFact key={`${s.kind} ${s.name}`} sensor={s} />)}</dl>}
            {poe && <PoeFacts poe={poe} />}
          </Stack>
        )}
      </Loaded>
    </Panel>
  )
}

/** Grey while nothing is wrong: the word for that is left out. */
function SensorFact ({ sensor: s }: { sensor: Sensor }) {
  const { t } = useTranslation()
  const bad = s.status === 'failed' || s.status === 'warning' ? s.status : null
  const kind = t(`sensors.kind.${s.kind}`)
  // What the profiles call things is English; what the device calls them stays.
  const ours = /^(?:CPU|Memory|RAM|Temperature|Fan|Power supply|Voltage)( \d+)?$/.exec(s.name)
  return (
    <>
      <dt title={ours ? undefined : s.name}>{ours ? `${kind}${ours[1] ?? ''}` : `${kind} · ${s.name}`}</dt>
      <dd style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
        {bad && <SeverityMark severity={bad === 'failed' ? 'minor' : 'warning'} size={16} />}
        <span className='numbers'>{s.value === null ? bad ? '' : t('sensors.status.ok') : orDash(s.value, units[s.kind])}</span>
        {bad && <span>{t(`sensors.status.${bad}`)}</span>}
      </dd>
    </>
  )
}

function PoeFacts ({ poe }: { poe: Poe }) {
  const { t } = useTranslation()
  const fed = poe.ports.filter(p => p.status === 'delivering' || (p.powerW ?? 0) > 0)
  const faulty = poe.ports.filter(p => p.status === 'fault')
  return (
    <div>
      <h3 style={{ fontSize: 14, margin: '0 0 6px' }}>{t('poe.title')}</h3>
      <Stack gap={8}>
        {poe.supplies.map(s => (
          <div key={s.name}>
            <div className='numbers' style={{ fontSize: 14 }}>{t('poe.used', { used: orDash(s.usedW, watts), budget: orDash(s.budgetW, watts) })}</div>
            {s.budgetW !== null && s.usedW !== null && s.budgetW > 0 && <div className={styles.share}><div style={{ width: `${Math.min(100, s.usedW / s.budgetW * 100)}%` }} /></div>}
          </div>
        ))}
        <div className='quiet' style={{ fontSize: 13.5 }}>{t('poe.fed', { count: fed.length })}</div>
        <ul className={styles.poe}>
          {[...faulty, ...fed].slice(0, 60).map(p => (
            <li key={p.number} style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
              {p.status === 'fault' && <SeverityMark severity='minor' size={16} />}
              <span>{p.port ?? t('poe.number', { number: p.number })}</span>
              <span className='quiet numbers'>{p.powerW === null ? t(`poe.${p.status}`) : watts(p.powerW)}</span>
            </li>
          ))}
        </ul>
      </Stack>
    </div>
  )
}
