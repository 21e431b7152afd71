import { ActionIcon, Button, Skeleton, Stack } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useCallback, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alarm } from '../../../server/contract/health.js'
import type { Device } from '../../../server/contract/inventory.js'
import { StandingAlarms } from '../alarms/standing.js'
import { AlarmHistory } from '../alarms/history.js'
import { ApiError } from '../api.js'
import { serverNow, useWall } from '../live-socket.js'
import { beforeSearch } from '../playback/playback-link.js'
import { deviceQuery, historyQuery } from '../queries.js'
import { useMay } from '../session/me.js'
import { shortTime } from '../time.js'
import { Age } from '../ui/age.js'
import { EmptyPanel, ErrorPanel, Loaded, PageHead, Panel } from '../ui/feedback.js'
import { StateMark, StateText, shownState } from '../ui/marks.js'
import styles from './devices.module.css'
import { CameraEventsPanel } from './camera-events.js'
import { CompliancePanel } from './compliance/compliance-panel.js'
import { byName } from './filter.js'
import { IntegrityPanel } from './integrity-panel.js'
import { MasksPanel } from './masks.js'
import { LightPanel } from './light-panel.js'
import { MotionPanel } from './motion.js'
import { Measured } from './measured.js'
import { CameraPicture } from './picture.js'
import { PlotsPanel } from './plots.js'
import { PortsPanel, SwitchPort } from './ports.js'
import { useReason } from './reason.js'
import { SensorsPanel } from './sensors-panel.js'
import { WhyPanel } from './why-panel.js'

export function DevicePage () {
  const { t } = useTranslation()
  const { id } = useParams({ from: '/shell/devices/$id' })
  const client = useQueryClient()
  const device = useQuery(deviceQuery(id))
  const since = useWall(w => { const d = w.devices.get(id); return d ? `${d.state} ${d.since}` : null })
  // A new state arrives by the live feed at once; what is only read over HTTP follows it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change of state is the reason to read again
  useEffect(() => { void client.invalidateQueries({ queryKey: ['devices', id] }) }, [since, id, client])
  if (device.error instanceof ApiError && device.error.kind === 'not_found') return <EmptyPanel title={t('device.removed')} action={<Link to='/devices'>{t('devices.title')}</Link>} />
  if (device.data) return <DeviceScreen key={id} device={device.data} />
  if (device.isError) return <ErrorPanel error={device.error} onRetry={() => { void device.refetch() }} />
  return <Stack><Skeleton height={34} width={320} /><div className={styles.columns}><Skeleton height={380} /><Skeleton height={380} /></div></Stack>
}

function DeviceScreen ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const live = useWall(w => w.devices.get(device.id))
  const ofDevice = useCallback((a: Alarm) => a.deviceId === device.id, [device.id])
  const mayMask = useMay('mask.write')
  const mayCompare = useMay('compliance.read')
  const mayMotion = useMay('motion.write')
  const shown = shownState(live ?? { enabled: device.enabled, state: device.state.state })
  return (
    <>
      <PageHead title={device.name}>{device.kind === 'camera' && <ToRecording id={device.id} />}<StateText state={shown} size={20} /><span className='quiet'><Age since={live?.since ?? device.state.since} /></span></PageHead>
      <div className={styles.columns}>
        <div className={styles.column}>
          {device.kind === 'camera' && device.enabled && <CameraPicture deviceId={device.id} />}
          {device.kind === 'switch' && <><LightPanel deviceId={device.id} /><PortsPanel deviceId={device.id} /></>}
          <PlotsPanel device={device} />
          {device.kind === 'camera' && device.enabled && <IntegrityPanel deviceId={device.id} />}
        </div>
        <div className={styles.column}>
          <Panel title={shown === 'up' ? t('device.path') : t('device.why')}><WhyPanel device={device} /></Panel>
          <Panel title={t('device.alarms')}><StandingAlarms compact only={ofDevice} /></Panel>
          {device.kind === 'camera' && <CameraEventsPanel deviceId={device.id} />}
          {device.kind === 'camera' && device.enabled && mayCompare && <CompliancePanel deviceId={device.id} />}
          {device.kind === 'switch' && <SensorsPanel deviceId={device.id} />}
          <Panel title={t('device.measured')}><Measured device={device} /></Panel>
          {device.parentId && device.kind !== 'switch' && <Panel title={t('device.port')}><SwitchPort switchId={device.parentId} port={device.parentPort} /></Panel>}
          <BehindPanel id={device.id} />
          <Panel title={t('device.history')}><StateHistory id={device.id} camera={device.kind === 'camera'} /></Panel>
          {device.kind === 'camera' && mayMotion && <MotionPanel deviceId={device.id} />}
          {device.kind === 'camera' && mayMask && <MasksPanel deviceId={device.id} />}
          <Panel title={t('device.settings')}><Facts device={device} /></Panel>
          <Panel title={t('alarms.history')}><AlarmHistory deviceId={device.id} /></Panel>
        </div>
      </div>
    </>
  )
}

function Facts ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const group = useWall(w => w.devices.get(device.id)?.groupName)
  const agent = useWall(w => device.agentId ? w.agents.get(device.agentId)?.name : undefined)
  return (
    <dl className={styles.facts}>
      <dt>{t('common.kind')}</dt><dd>{t(`kind.${device.kind}`)}</dd>
      <dt>{t('common.address')}</dt><dd>{device.address}</dd>
      <dt>{t('common.site')}</dt><dd>{device.siteName ?? '—'}</dd>
      {device.kind === 'camera' && <><dt>{t('common.group')}</dt><dd>{group ?? '—'}</dd></>}
      <dt>{t('device.agent')}</dt><dd>{agent ?? '—'}</dd>
      {device.note && <><dt>{t('common.note')}</dt><dd style={{ whiteSpace: 'pre-wrap' }}>{device.note}</dd></>}
    </dl>
  )
}

/** What suffers with this device. */
function BehindPanel ({ id }: { id: string }) {
  const { t } = useTranslation()
  const devices = useWall(w => w.devices)
  const behind = useMemo(() => [...devices.values()].filter(d => d.causeDeviceId === id).sort(byName), [devices, id])
  if (behind.length === 0) return null
  return (
    <Panel title={`${t('device.behind')} (${behind.length})`}>
      <Stack gap={6}>{behind.slice(0, 30).map(d => <Link key={d.id} to='/devices/$id' params={{ id: d.id }} style={{ color: 'inherit', display: 'flex', gap: 8, alignItems: 'center' }}><StateMark state={shownState(d)} /><span className='ellipsis'>{d.name}</span></Link>)}</Stack>
    </Panel>
  )
}

/** To what the camera recorded a minute ago. */
function ToRecording ({ id }: { id: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  if (!useMay('video.playback')) return null
  return <Button size='xs' variant='default' leftSection={<IconPlayerPlay size={15} />} onClick={() => { void navigate({ to: '/playback', search: beforeSearch(id, serverNow() - 60_000) }) }}>{t('playback.openAt')}</Button>
}

function StateHistory ({ id, camera }: { id: string, camera: boolean }) {
  const navigate = useNavigate()
  const mayPlay = useMay('video.playback') && camera
  const { t } = useTranslation()
  const history = useQuery(historyQuery(id))
  const reason = useReason()
  return (
    <Loaded query={history} rows={4}>
      {list => list.length === 0 ? <span className='quiet'>{t('device.noHistory')}</span> : (
        <ol className={styles.timeline}>
          {list.map(h => <li key={`${h.at} ${h.to}`}><StateMark state={h.to} /><time className='numbers'>{shortTime(h.at)}</time><span>{t(`state.${h.to}`)}{h.to !== 'up' && <span className='quiet'> · {reason({ state: h.to, reasonCode: h.reason?.code ?? null, causeDeviceId: h.causeDeviceId })}</span>}{mayPlay && <ActionIcon variant='subtle' color='gray' size='xs' ml={6} aria-label={`${t('playback.openAt')}: ${shortTime(h.at)}`} title={t('playback.openAt')} onClick={() => { void navigate({ to: '/playback', search: beforeSearch(id, h.at) }) }}><IconPlayerPlay size={13} /></ActionIcon>}</span></li>)}
        </ol>
      )}
    </Loaded>
  )
}
