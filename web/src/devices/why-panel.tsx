import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconPlug, IconServer2 } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../server/contract/inventory.js'
import { useWall } from '../live-socket.js'
import { deviceQuery, portsQuery } from '../queries.js'
import { Age } from '../ui/age.js'
import { StateMark, StateText, shownState } from '../ui/marks.js'
import styles from './devices.module.css'
import { useReason } from './reason.js'
import { why, type WhyLink } from './why.js'

/** Parents whose own parent is still to be read, three levels up: a town's tree is seldom deeper. */
function useParents (device: Device) {
  const first = useQuery({ ...deviceQuery(device.parentId ?? ''), enabled: device.parentId !== null }).data
  const second = useQuery({ ...deviceQuery(first?.parentId ?? ''), enabled: first?.parentId != null }).data
  const third = useQuery({ ...deviceQuery(second?.parentId ?? ''), enabled: second?.parentId != null }).data
  return useMemo(() => new Map([device, first, second, third].filter(d => d !== undefined).map(d => [d.id, { parentId: d.parentId, parentPort: d.parentPort }])), [device, first, second, third])
}

/** From the device to its agent, with the link that is the cause marked. */
export function WhyPanel ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const devices = useWall(w => w.devices)
  const agents = useWall(w => w.agents)
  const parents = useParents(device)
  const [ports] = useQueries({ queries: [{ ...portsQuery(device.parentId ?? ''), enabled: device.parentId !== null && device.parentPort !== null }] })
  const own = devices.get(device.id)
  if (!own) return <p className='quiet'>{t('common.unknown')}</p>
  const chain = why({ device: own, parents, devices, ports: ports.data ?? [], agent: device.agentId ? agents.get(device.agentId) : null })
  return <ol className={styles.chain}>{chain.map(link => <ChainLink key={keyOf(link)} link={link} detail={link.kind === 'device' && link.device.id === device.id ? device.state.reason?.detail : undefined} />)}</ol>
}
const keyOf = (l: WhyLink) => l.kind === 'device' ? l.device.id : l.kind === 'port' ? `${l.switchId} ${l.port}` : 'agent'

function ChainLink ({ link, detail }: { link: WhyLink, detail?: string }) {
  const { t } = useTranslation()
  const reason = useReason()
  return (
    <li className={styles.link} data-cause={link.isCause || undefined}>
      {link.kind === 'device' ? <StateMark state={shownState(link.device)} size={20} /> : link.kind === 'port' ? <IconPlug size={20} stroke={1.6} aria-hidden /> : <IconServer2 size={20} stroke={1.6} aria-hidden />}
      <div className={styles.linkText}>
        {link.kind === 'device' && <><Link to='/devices/$id' params={{ id: link.device.id }} className={styles.linkName} style={{ color: 'inherit' }}>{link.device.name}</Link><div className='quiet'>{t(`state.${shownState(link.device)}`)} · <Age since={link.device.since} />{reason(link.device) && ` · ${reason(link.device)}`}</div></>}
        {link.kind === 'device' && detail && <div className='quiet' style={{ fontSize: 13 }}>{detail}</div>}
        {link.kind === 'port' && <><span className={styles.linkName}>{t('chain.port', { port: link.port })}</span>{link.oper && <div className='quiet'>{t('portTable.oper')}: {t(`oper.${link.oper}`)}</div>}</>}
        {link.kind === 'agent' && <><span className={styles.linkName}>{t('chain.agent', { name: link.name })}</span><div className='quiet'><AgentStatus status={link.status} /></div></>}
        {link.kind === 'no_agent' && <><span className={styles.linkName}>{t('deviceForm.noAgent')}</span><div className='quiet'>{t('chain.noAgentHint')}</div></>}
        {link.isCause && <span className={styles.cause}>{t('chain.cause')}</span>}
      </div>
    </li>
  )
}
function AgentStatus ({ status }: { status: string }) {
  return <StateText size={14} state={status === 'online' ? 'up' : status === 'revoked' ? 'disabled' : 'down'} />
}
