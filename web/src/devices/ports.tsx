/** A switch's ports: status, rates, errors, and what hangs on them. */
import { Badge, Switch, Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Port } from '../../../server/contract/health.js'
import { useWall } from '../live-socket.js'
import { portsQuery } from '../queries.js'
import { Age } from '../ui/age.js'
import { EmptyPanel, Loaded, Panel } from '../ui/feedback.js'
import { StateMark } from '../ui/marks.js'
import styles from './devices.module.css'
import { PortLight } from './light-panel.js'
import { bitRate, orDash, plain } from './units.js'

/** Administratively closed is normal; enabled and without a link is worth a look only if something hangs there. */
const portMark = (p: Port) => p.admin === 'down' ? 'disabled' : p.oper === 'up' ? 'up' : p.deviceIds.length > 0 ? 'down' : null
function PortMark ({ port }: { port: Port }) {
  const mark = portMark(port)
  return mark === null ? <span style={{ width: 14, flex: 'none' }} /> : <StateMark state={mark} size={14} />
}

export function PortsPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const ports = useQuery(portsQuery(deviceId))
  const [all, setAll] = useState(true)
  return (
    <Panel title={t('device.ports')} aside={<Switch size='sm' label={t('device.onlyActive')} checked={!all} onChange={e => setAll(!e.currentTarget.checked)} />}>
      <Loaded query={ports} rows={8}>
        {list => list.length === 0 ? <EmptyPanel title={t('device.noPorts')} /> : <div className={styles.scroller}><PortTable ports={list.filter(p => all || p.oper === 'up')} /></div>}
      </Loaded>
    </Panel>
  )
}

function PortTable ({ ports }: { ports: Port[] }) {
  const { t } = useTranslation()
  const heads = [t('portTable.name'), t('portTable.alias'), t('portTable.oper'), t('portTable.speed'), t('portTable.in'), t('portTable.out'), t('portTable.errors'), t('portTable.discards'), t('portTable.since'), t('portTable.devices')]
  return (
    <Table className={styles.ports} stickyHeader highlightOnHover>
      <Table.Thead><Table.Tr>{heads.map(h => <Table.Th key={h}>{h}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>{ports.map(p => <PortRow key={p.ifIndex} port={p} />)}</Table.Tbody>
    </Table>
  )
}

function PortRow ({ port: p }: { port: Port }) {
  const { t } = useTranslation()
  const sum = (a: number | null, b: number | null) => a === null && b === null ? null : (a ?? 0) + (b ?? 0)
  return (
    <Table.Tr>
      <Table.Td>{p.name}</Table.Td>
      <Table.Td title={p.alias} style={{ maxWidth: 180, overflow: 'hidden', textOverflow: 'ellipsis' }}>{p.alias}</Table.Td>
      <Table.Td><span style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}><PortMark port={p} />{p.admin === 'down' ? t('admin.down') : t(`oper.${p.oper}`)}</span></Table.Td>
      <Table.Td className='numbers'>{orDash(p.speedBps, bitRate)}</Table.Td>
      <Table.Td className='numbers'>{orDash(p.inBps, bitRate)}</Table.Td>
      <Table.Td className='numbers'>{orDash(p.outBps, bitRate)}</Table.Td>
      <Table.Td className='numbers'>{orDash(sum(p.inErrorsPerS, p.outErrorsPerS), plain)}</Table.Td>
      <Table.Td className='numbers'>{orDash(sum(p.inDiscardsPerS, p.outDiscardsPerS), plain)}</Table.Td>
      <Table.Td><Age since={p.since} /></Table.Td>
      <Table.Td><Behind ids={p.deviceIds} /></Table.Td>
    </Table.Tr>
  )
}

function Behind ({ ids }: { ids: string[] }) {
  const devices = useWall(w => w.devices)
  return ids.slice(0, 5).map(id => {
    const d = devices.get(id)
    return d && <Badge key={id} component={Link} to={`/devices/${id}`} variant='default' tt='none' mr={4} leftSection={<StateMark state={d.enabled ? d.state : 'disabled'} size={11} />} style={{ cursor: 'pointer', maxWidth: 220 }}>{d.name}</Badge>
  }).concat(ids.length > 5 ? [<span key='more' className='quiet'>+{ids.length - 5}</span>] : [])
}

/** The port that a camera hangs on, as a few facts. */
export function SwitchPort ({ switchId, port }: { switchId: string, port: string | null }) {
  const { t } = useTranslation()
  const name = useWall(w => w.devices.get(switchId)?.name)
  const ports = useQuery({ ...portsQuery(switchId), enabled: port !== null })
  const found = ports.data?.find(p => p.name === port)
  return (
    <dl className={styles.facts}>
      <dt>{t('kind.switch')}</dt><dd><Link to='/devices/$id' params={{ id: switchId }} style={{ color: 'inherit' }}>{name ?? t('common.unknown')}</Link></dd>
      <dt>{t('portTable.name')}</dt><dd>{port ?? t('device.noPort')}</dd>
      {found && (
        <>
          <dt>{t('portTable.oper')}</dt><dd style={{ display: 'flex', gap: 6, alignItems: 'center' }}><PortMark port={found} />{found.admin === 'down' ? t('admin.down') : t(`oper.${found.oper}`)}</dd>
          <dt>{t('portTable.speed')}</dt><dd className='numbers'>{orDash(found.speedBps, bitRate)}</dd>
          <dt>{t('portTable.in')} / {t('portTable.out')}</dt><dd className='numbers'>{orDash(found.inBps, bitRate)} / {orDash(found.outBps, bitRate)}</dd>
          <PortLight switchId={switchId} port={found.name} />
        </>
      )}
    </dl>
  )
}
