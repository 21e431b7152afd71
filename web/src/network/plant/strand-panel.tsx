/** The light path of one strand as a line of elements: read, joined, taken apart; its loss budget; who rides on it. */
import { ActionIcon, Button, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconBox, IconCircleDashed, IconLink, IconLinkOff, IconPlug, IconTimeline, IconUnlink } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Cable, PlantPoint, StrandTrace, TraceElement } from '../../../../server/contract/plant.js'
import { tellFault } from '../../admin/faults.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { confirm, Loaded, Panel, told } from '../../ui/feedback.js'
import { StrandColour } from '../colours.js'
import { strandQuery } from '../data.js'
import styles from '../network.module.css'
import { dbText, lengthText } from '../units.js'
import { JoinDialog } from './join-dialog.js'
import { decimals } from '../../ui/numbers.js'

export function StrandPanel ({ cable, strand }: { cable: Cable, strand: number }) {
  const { t } = useTranslation()
  const trace = useQuery(strandQuery(cable.id, strand))
  return (
    <>
      <Panel title={t('plant.path', { number: strand })}><Loaded query={trace} rows={5}>{data => <Path trace={data} cableId={cable.id} strand={strand} />}</Loaded></Panel>
      {trace.data && <Budget trace={trace.data} />}
      {trace.data && <Riders trace={trace.data} />}
    </>
  )
}

function Path ({ trace, cableId, strand }: { trace: StrandTrace, cableId: string, strand: number }) {
  const [from, setFrom] = useState<PlantPoint | null>(null)
  return (
    <>
      {/* biome-ignore lint/suspicious/noArrayIndexKey: a path has no other names for its steps, and they have no state */}
      <ol className={styles.path}>{trace.elements.map((e, i) => <Step key={i} element={e} own={e.kind === 'strand' && e.cableId === cableId && e.strand === strand} onJoin={setFrom} />)}</ol>
      {from && <JoinDialog from={from} onClose={() => setFrom(null)} />}
    </>
  )
}

const icons = { strand: IconTimeline, joint: IconLink, panel: IconBox, port: IconPlug, open: IconCircleDashed }
function Step ({ element: e, own, onJoin }: { element: TraceElement, own: boolean, onJoin: (from: PlantPoint) => void }) {
  const { t } = useTranslation()
  const mayWrite = useMay('plant.write')
  const Icon = e.kind === 'joint' && e.joint === 'splice' ? IconUnlink : icons[e.kind]
  return (
    <li className={styles.step}>
      <span className={styles.stepMark}><Icon size={18} stroke={1.7} aria-hidden /></span>
      <span className={styles.stepText}><StepText element={e} own={own} /></span>
      {mayWrite && e.kind === 'open' ? <Button size='compact-sm' variant='default' onClick={() => onJoin(e.point)}>{t('plant.join')}</Button> : mayWrite && e.kind === 'joint' ? <TakeOff jointId={e.jointId} place={e.place} /> : <span />}
    </li>
  )
}

function StepText ({ element: e, own }: { element: TraceElement, own: boolean }) {
  const { t } = useTranslation()
  switch (e.kind) {
    case 'strand': return (
      <>
        {own ? <b>{t('plant.strandOf', { cable: e.cableName, number: e.strand })}</b> : <Link to='/network/plant' search={{ cable: e.cableId, strand: e.strand }} style={{ color: 'inherit' }}>{t('plant.strandOf', { cable: e.cableName, number: e.strand })}</Link>}
        <div className='quiet' style={{ fontSize: 13.5, display: 'flex', gap: '2px 12px', flexWrap: 'wrap' }}><StrandColour colours={e.colours} /><span>{e.fromNode} → {e.toNode}</span><span className='numbers'>{e.lengthM === null ? t('plant.lengthUnknown') : `${e.measured ? '' : '~ '}${lengthText(e.lengthM)}`}</span></div>
      </>
    )
    case 'joint': return <span className='quiet'>{t(`plant.jointKind.${e.joint}`)}{e.place && ` · ${e.place}`}{e.lossDb !== null && ` · ${dbText(e.lossDb)}`}</span>
    case 'panel': return t('plant.panelPosition', { panel: e.panelName, number: e.position })
    case 'port': return e.deviceId === null ? <span className='quiet'>{t('plant.hidden')}</span> : <><Link to='/devices/$id' params={{ id: e.deviceId }} style={{ color: 'inherit' }}>{e.deviceName}</Link> <span className='quiet'>{t('chain.port', { port: e.port })}</span></>
    case 'open': return <span className='quiet'>{e.place ? t('plant.openAt', { place: e.place }) : t('plant.open')}</span>
  }
}

function TakeOff ({ jointId, place }: { jointId: string, place: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const take = useMutation({ mutationFn: () => api.delete(`/plant/joints/${jointId}`), onError: tellFault, onSuccess: () => { void client.invalidateQueries({ queryKey: ['plant'] }); told(t('plant.takenOff')) } })
  return <ActionIcon variant='subtle' color='gray' size='lg' loading={take.isPending} aria-label={`${t('plant.takeOff')} ${place}`} title={t('plant.takeOff')} onClick={() => confirm({ title: t('plant.takeOff'), text: t('plant.takeOffHint', { place: place || '—' }), action: t('plant.takeOff'), danger: true, onConfirm: () => take.mutate() })}><IconLinkOff size={18} /></ActionIcon>
}

function Budget ({ trace: { budget } }: { trace: StrandTrace }) {
  const { t } = useTranslation()
  return (
    <Panel title={t('plant.budget')} aside={<span className='quiet numbers'>{lengthText(budget.lengthM)} · {t('plant.jointCounts', { splices: decimals(budget.splices, 0), connectors: decimals(budget.connectors, 0) })}</span>}>
      <Table className={styles.scroller}>
        <Table.Thead><Table.Tr><Table.Th>{t('plant.wavelength')}</Table.Th><Table.Th ta='right'>{t('plant.fibreLoss')}</Table.Th><Table.Th ta='right'>{t('plant.jointLoss')}</Table.Th><Table.Th ta='right'>{t('plant.totalLoss')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>{budget.byWavelength.map(w => <Table.Tr key={w.wavelengthNm} className='numbers'><Table.Td>{t('plantUnit.nm', { value: w.wavelengthNm })}</Table.Td><Table.Td ta='right'>{dbText(w.fibreDb)}</Table.Td><Table.Td ta='right'>{dbText(w.jointsDb)}</Table.Td><Table.Td ta='right' fw={600}>{dbText(w.totalDb)}</Table.Td></Table.Tr>)}</Table.Tbody>
      </Table>
      {!budget.complete && <Text size='sm' className='quiet' mt={6}>{t('plant.budgetIncomplete')}</Text>}
    </Panel>
  )
}

function Riders ({ trace: { riders } }: { trace: StrandTrace }) {
  const { t } = useTranslation()
  const cameras = riders.filter(r => r.kind === 'camera').length
  return (
    <Panel title={t('plant.riders')} aside={<span className='quiet numbers'>{t('plant.riderCounts', { cameras: decimals(cameras, 0), others: decimals(riders.length - cameras, 0) })}</span>}>
      {riders.length === 0 ? <Text size='sm' className='quiet'>{t('plant.noRiders')}</Text>
        : <ul className={styles.chips} style={{ maxHeight: 220, overflow: 'auto' }}>{riders.map(r => <li key={r.id} style={{ minWidth: 0 }}><Link to='/devices/$id' params={{ id: r.id }} className={styles.rider}>{r.name}</Link></li>)}</ul>}
    </Panel>
  )
}
