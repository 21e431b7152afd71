/** The light of a switch's optical ports: levels at a glance, what the module is and how it was on demand. */
import { Button, Group, Switch, TextInput, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Hardware, ModuleView } from '../../../server/contract/hardware.js'
import { hardwareQuery, seriesQuery } from '../queries.js'
import { useMay } from '../session/me.js'
import { spanText, useNow } from '../time.js'
import { EmptyPanel, Loaded, Panel } from '../ui/feedback.js'
import { SeverityMark } from '../ui/marks.js'
import styles from './light.module.css'
import facts from './devices.module.css'
import { LightSide } from './light-bar.js'
import { LightLimitsDialog } from './light-limits.js'
import { limitNames, matchesModule, worstOf } from './light.js'
import { Plot } from './plot.js'
import { celsius, dbm, milliamperes, nanometres, orDash, volts } from './units.js'

const DAY_MS = 86_400_000
const STALE_MS = 20 * 60_000
const SHOWN = 200
/** Fewer are seen at a glance. */
const FILTER_FROM = 12

export function LightPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const hardware = useQuery(hardwareQuery(deviceId))
  const [problems, setProblems] = useState(false)
  const many = (hardware.data?.modules.length ?? 0) > 0
  return (
    <Panel title={t('light.title')} aside={many && <Switch size='sm' label={t('light.problems')} checked={problems} onChange={e => setProblems(e.currentTarget.checked)} />}>
      <Loaded query={hardware} rows={4}>
        {data => data.at === null ? <p className='quiet'>{t('light.notRead')}</p> : data.modules.length === 0 ? <EmptyPanel title={t('light.none')} hint={t('light.noneHint')} /> : <Modules deviceId={deviceId} hardware={data} at={data.at} problems={problems} />}
      </Loaded>
    </Panel>
  )
}

function Modules ({ deviceId, hardware, at, problems }: { deviceId: string, hardware: Hardware, at: number, problems: boolean }) {
  const { t } = useTranslation()
  const now = useNow()
  const [text, setText] = useState('')
  const shown = hardware.modules.filter(m => (!problems || worstOf(m) !== null) && matchesModule(m, text))
  const age = spanText(now - at)
  return (
    <>
      {hardware.modules.length > FILTER_FROM && <TextInput size='sm' mb={8} aria-label={t('light.filter')} placeholder={t('light.filter')} value={text} onChange={e => setText(e.currentTarget.value)} />}
      {shown.length === 0 ? <EmptyPanel title={t('empty.filtered')} /> : (
        <ul className={styles.list} aria-label={t('light.title')}>
          {shown.slice(0, SHOWN).map(m => <ModuleItem key={`${m.kind} ${m.port}`} deviceId={deviceId} module={m} />)}
          {shown.length > SHOWN && <li className='quiet'>+{shown.length - SHOWN}</li>}
        </ul>
      )}
      <p className='quiet' style={{ margin: '8px 0 0', fontSize: 13 }}>{now - at > STALE_MS ? t('light.stale', { age }) : t('light.readAt', { age })}</p>
    </>
  )
}

function ModuleItem ({ deviceId, module: m }: { deviceId: string, module: ModuleView }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const worst = worstOf(m)
  return (
    <li className={styles.item} data-port={m.port} data-level={worst ?? 'ok'}>
      <UnstyledButton className={styles.row} aria-expanded={open} onClick={() => setOpen(o => !o)}>
        <span>{worst && <SeverityMark severity={worst} size={18} />}</span>
        <span className={styles.name}>
          <span className='ellipsis' style={{ display: 'block' }} title={m.label || m.port}>{m.label || m.port}</span>
          {(m.gate !== 'up' || m.label !== '') && <span className='quiet ellipsis' style={{ display: 'block', fontSize: 12.5 }}>{[m.label !== '' ? m.port : '', m.gate === 'up' ? '' : t(m.gate === 'down' ? 'light.dark' : 'light.disabled')].filter(Boolean).join(' · ')}</span>}
        </span>
        <LightSide module={m} side='rx' />
        <LightSide module={m} side='tx' />
        <span className={styles.toggle}>{open ? <IconChevronDown size={18} aria-hidden /> : <IconChevronRight size={18} aria-hidden />}</span>
      </UnstyledButton>
      {open && <ModuleDetails deviceId={deviceId} module={m} />}
    </li>
  )
}

function ModuleDetails ({ deviceId, module: m }: { deviceId: string, module: ModuleView }) {
  const { t } = useTranslation()
  const mayLimit = useMay('light_limit.write')
  const [editing, setEditing] = useState(false)
  const limits = (side: 'rx' | 'tx') => `${limitNames.map(name => dbm(m[side].limits[name])).join(' / ')} · ${t(`light.source.${m[side].source}`)}`
  return (
    <div className={styles.open}>
      {m.gate === 'down' && <p className='quiet' style={{ margin: 0 }}>{t('light.gateHint')}</p>}
      <dl className={facts.facts}>
        <dt>{t('light.vendor')}</dt><dd>{m.vendor || '—'}</dd>
        <dt>{t('light.part')}</dt><dd>{m.part || '—'}</dd>
        <dt>{t('light.serial')}</dt><dd>{m.serial || '—'}</dd>
        <dt>{t('light.wavelength')}</dt><dd className='numbers'>{orDash(m.wavelengthNm, nanometres)}</dd>
        {m.lanes > 1 && <><dt>{t('light.lanes')}</dt><dd className='numbers'>{m.lanes}</dd></>}
        <dt>{t('light.bias')}</dt><dd className='numbers'>{orDash(m.biasMa, milliamperes)}</dd>
        <dt>{t('light.temperature')}</dt><dd className='numbers'>{orDash(m.temperatureC, celsius)}</dd>
        <dt>{t('light.voltage')}</dt><dd className='numbers'>{orDash(m.voltageV, volts)}</dd>
        <dt>{t('light.limits')}, RX</dt><dd>{limits('rx')}</dd>
        <dt>{t('light.limits')}, TX</dt><dd>{limits('tx')}</dd>
      </dl>
      {mayLimit && <Group><Button size='xs' variant='default' onClick={() => setEditing(true)}>{t('light.setLimits')}</Button></Group>}
      <LightHistory deviceId={deviceId} port={m.port} limits={[m.rx.limits.lowAlarm, m.rx.limits.lowWarn]} />
      {editing && <LightLimitsDialog deviceId={deviceId} module={m} onClose={() => setEditing(false)} />}
    </div>
  )
}

function LightHistory ({ deviceId, port, limits }: { deviceId: string, port: string, limits: number[] }) {
  const { t } = useTranslation()
  const names = [`rx_power_dbm.${port}`, `tx_power_dbm.${port}`]
  const series = useQuery(seriesQuery(deviceId, names, DAY_MS))
  return (
    <div>
      <div className='quiet' style={{ fontSize: 13.5 }}>{t('light.history')}</div>
      <Loaded query={series} rows={2}>
        {data => {
          const lines = names.map((name, i) => ({ label: i === 0 ? 'RX' : 'TX', points: data.series.find(s => s.name === name)?.points ?? [] })).filter(l => l.points.some(p => p[1] !== null))
          return lines.length === 0 ? <EmptyPanel title={t('device.noSeries')} /> : <Plot lines={lines} label={t('light.of', { port })} text={dbm} spanMs={DAY_MS} height={150} fit limits={limits} />
        }}
      </Loaded>
    </div>
  )
}

/** For whatever hangs on a port: its light, if it has any. */
export function PortLight ({ switchId, port }: { switchId: string, port: string }) {
  const { t } = useTranslation()
  const hardware = useQuery(hardwareQuery(switchId))
  const module = hardware.data?.modules.find(m => m.kind === 'port' && m.port === port)
  if (!module) return null
  return <><dt>{t('light.ofPort')}</dt><dd><LightSide module={module} side='rx' /><LightSide module={module} side='tx' /></dd></>
}
