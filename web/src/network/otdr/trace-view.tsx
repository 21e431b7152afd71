/** One trace: the curve, what changed since the reference, where that is on the ground, what the file says. */
import { Button, Table, Text, UnstyledButton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconAlertTriangle, IconArrowLeft, IconBookmark, IconCircleCheck, IconDownload, IconInfoCircle, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OtdrChange, OtdrTrace } from '../../../../server/contract/otdr.js'
import { tellFault } from '../../admin/faults.js'
import { api, urlOf } from '../../api.js'
import { useMay } from '../../session/me.js'
import { fullTime } from '../../time.js'
import { confirm, Loaded, PageHead, Panel, told } from '../../ui/feedback.js'
import { mapQuery, traceQuery } from '../data.js'
import styles from '../network.module.css'
import { type MapFault, PlainMap } from '../plain-map.js'
import { NetworkTabs } from '../tabs.js'
import { dbText, kmText, lengthText } from '../units.js'
import { TracePlot } from './trace-plot.js'
import { differenceText, errorText, eventKindText, isBad, placeText } from './words.js'
import { decimals } from '../../ui/numbers.js'

export function TraceView ({ id }: { id: string }) {
  const { t } = useTranslation()
  const trace = useQuery(traceQuery(id))
  return (
    <div className={styles.page}>
      <NetworkTabs />
      <Link to='/network/otdr' search={{}} className='quiet' style={{ display: 'inline-flex', gap: 5, alignItems: 'center', marginBottom: 6, textDecoration: 'none' }}><IconArrowLeft size={16} aria-hidden />{t('otdr.traces')}</Link>
      <Loaded query={trace} rows={8}>{data => <TraceBody trace={data} />}</Loaded>
    </div>
  )
}

/** The worst that changed is what the screen begins with. */
const worstOf = ({ differences }: OtdrTrace) => differences?.find(d => d.kind === 'ends_early') ?? differences?.filter(isBad).sort((a, b) => (b.changeDb ?? 0) - (a.changeDb ?? 0))[0] ?? null

/** Behind the reflection of the plug, where the first cursor measures the fibre. */
const AFTER_START_M = 60

function TraceBody ({ trace }: { trace: OtdrTrace }) {
  const { t } = useTranslation()
  const worst = worstOf(trace)
  const [shownM, setShownM] = useState<number | null>(worst?.distanceM ?? null)
  const [cursors, setCursors] = useState(() => ({ a: AFTER_START_M, b: worst?.distanceM ?? trace.endM ?? trace.file.points.lengthM / 2 }))
  const show = (at: number) => { setShownM(at); setCursors({ ...cursors, b: at }) }
  return (
    <>
      <PageHead title={t('plant.strandOf', { cable: trace.cableName, number: trace.strand })}><Actions trace={trace} /></PageHead>
      <div className={styles.columns}>
        <div className={styles.column}>
          {trace.differences && <Differences trace={trace} shownM={shownM} onShow={show} />}
          <Panel title={`${t('plantUnit.nm', { value: trace.wavelengthNm })} · ${fullTime(trace.takenAt)}`} aside={<span className='quiet'>{t('otdr.fromEnd', { place: trace.endName })}</span>}><TracePlot trace={trace} cursors={cursors} onCursors={setCursors} /></Panel>
        </div>
        <div className={styles.column}>
          <Where trace={trace} shownM={shownM} />
          <Panel title={t('otdr.events')}><Events trace={trace} onShow={show} /></Panel>
          <Panel title={t('otdr.measurement')}><Facts trace={trace} /></Panel>
        </div>
      </div>
    </>
  )
}

function Actions ({ trace }: { trace: OtdrTrace }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const navigate = useNavigate()
  const mayWrite = useMay('plant.write')
  const change = useMutation({ mutationFn: (body: OtdrChange) => api.patch(`/otdr/traces/${trace.id}`, body), onError: tellFault, onSuccess: () => { void client.invalidateQueries({ queryKey: ['otdr'] }); told(t('otdr.madeReference')) } })
  const remove = useMutation({ mutationFn: () => api.delete(`/otdr/traces/${trace.id}`), onError: tellFault, onSuccess: async () => { told(t('otdr.removed')); await navigate({ to: '/network/otdr', search: {} }); void client.invalidateQueries({ queryKey: ['otdr'] }) } })
  return (
    <>
      <Button component='a' href={urlOf(`/otdr/traces/${trace.id}/original.sor`)} download variant='default' leftSection={<IconDownload size={16} />}>{t('otdr.original')}</Button>
      {mayWrite && !trace.isReference && <Button variant='default' leftSection={<IconBookmark size={16} />} loading={change.isPending} onClick={() => confirm({ title: t('otdr.makeReference'), text: t('otdr.makeReferenceHint'), action: t('otdr.makeReference'), onConfirm: () => change.mutate({ isReference: true }) })}>{t('otdr.makeReference')}</Button>}
      {mayWrite && <Button variant='outline' color='red.6' leftSection={<IconTrash size={16} />} loading={remove.isPending} onClick={() => confirm({ title: t('otdr.removeTitle'), text: t('otdr.removeHint', { name: trace.fileName }), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate() })}>{t('action.delete')}</Button>}
    </>
  )
}

function Differences ({ trace, shownM, onShow }: { trace: OtdrTrace, shownM: number | null, onShow: (at: number) => void }) {
  const { t } = useTranslation()
  const list = trace.differences ?? []
  const aside = trace.referenceId && <Link to='/network/otdr' search={{ trace: trace.referenceId }} className='quiet'>{t('otdr.openReference')}</Link>
  return (
    <Panel title={t('otdr.differences')} aside={aside}>
      {list.length === 0 ? <Text size='sm' style={{ display: 'flex', gap: 8, alignItems: 'center' }}><IconCircleCheck size={18} aria-hidden />{t('otdr.noDifferences')}</Text> : (
        <ul className={styles.differences}>
          {list.map(d => (
            <li key={`${d.kind} ${d.distanceM}`}>
              <UnstyledButton className={styles.difference} data-bad={isBad(d) || undefined} aria-pressed={shownM === d.distanceM} onClick={() => onShow(d.distanceM)}>
                {isBad(d) ? <IconAlertTriangle size={20} color='var(--major)' aria-hidden /> : <IconInfoCircle size={20} aria-hidden />}
                <span>{differenceText(d)}{d.place && <span className='quiet'> ({errorText(d.place)})</span>}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** What the distance that was chosen is on the ground. */
function Where ({ trace, shownM }: { trace: OtdrTrace, shownM: number | null }) {
  const { t } = useTranslation()
  const map = useQuery(mapQuery)
  const place = shownM === null ? null : trace.differences?.find(d => d.distanceM === shownM)?.place ?? trace.eventPlaces[trace.file.events.findIndex(e => e.distanceM - trace.launchM === shownM)] ?? null
  const fault = useMemo((): MapFault | null => place?.point ? { point: place.point, band: place.band ?? [], label: `${kmText(shownM!)} ${errorText(place)}` } : null, [place, shownM])
  if (!map.data) return null
  return (
    <Panel title={t('otdr.where')} aside={place && <span className='quiet'>{errorText(place)}</span>}>
      {place && <Text size='sm' mb={8}><b>{placeText(place)}</b> · {t('otdr.onCable', { cable: place.cableName, at: lengthText(place.cableM), from: place.fromNode })}</Text>}
      {place && !place.point && <Text size='sm' className='quiet' mb={8}>{t('otdr.noRoute')}</Text>}
      {!place && <Text size='sm' className='quiet' mb={8}>{t(shownM === null ? 'otdr.chooseEvent' : 'otdr.noPlace')}</Text>}
      <PlainMap map={map.data} chosenCable={place?.cableId ?? trace.cableId} fault={fault} height='300px' label={t('otdr.where')} />
      {fault && <Text size='xs' className='quiet' mt={6}>{t('otdr.coordinates')}: {fault.point[1].toFixed(5)}, {fault.point[0].toFixed(5)}</Text>}
    </Panel>
  )
}

function Events ({ trace, onShow }: { trace: OtdrTrace, onShow: (at: number) => void }) {
  const { t } = useTranslation()
  const { events } = trace.file
  if (events.length === 0) return <Text size='sm' className='quiet'>{t('otdr.noEvents')}</Text>
  return (
    <div className={styles.scroller} style={{ maxHeight: 360 }}>
      <Table stickyHeader highlightOnHover>
        <Table.Thead><Table.Tr><Table.Th>№</Table.Th><Table.Th ta='right'>{t('otdr.distance')}</Table.Th><Table.Th>{t('otdr.event')}</Table.Th><Table.Th ta='right'>{t('otdr.loss')}</Table.Th><Table.Th ta='right'>{t('otdr.reflectance')}</Table.Th><Table.Th ta='right'>{t('otdr.slope')}</Table.Th><Table.Th>{t('otdr.where')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {events.map((e, i) => {
            const place = trace.eventPlaces[i]
            const at = e.distanceM - trace.launchM
            return (
              <Table.Tr key={`${e.number} ${e.distanceM}`} className='numbers' data-open>
                <Table.Td>{i + 1}</Table.Td><Table.Td ta='right'><UnstyledButton style={{ fontSize: 13.5, textDecoration: 'underline dotted' }} onClick={() => onShow(at)}>{kmText(at)}</UnstyledButton></Table.Td><Table.Td>{eventKindText(e)}{e.manual && ` (${t('otdr.manual')})`}</Table.Td>
                <Table.Td ta='right'>{e.end ? '—' : dbText(e.lossDb, 3)}</Table.Td><Table.Td ta='right'>{e.reflectanceDb === 0 ? '—' : dbText(e.reflectanceDb, 1)}</Table.Td><Table.Td ta='right'>{e.slopeDbPerKm === 0 ? '—' : t('plantUnit.dbPerKm', { value: decimals(e.slopeDbPerKm, 3) })}</Table.Td>
                <Table.Td>{place ? placeText(place) : '—'}{e.comment && <span className='quiet'> · {e.comment}</span>}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Facts ({ trace }: { trace: OtdrTrace }) {
  const { t } = useTranslation()
  const { file } = trace
  const { fixed, supplier, summary, general } = file
  const maker = [supplier?.supplier, supplier?.otdr || supplier?.module, supplier?.otdrSerial || supplier?.moduleSerial].filter(Boolean).join(' · ')
  return (
    <>
      {file.warnings.length > 0 && <ul style={{ margin: '0 0 10px', paddingLeft: 18, fontSize: 14 }}>{file.warnings.map(w => <li key={w.code + w.detail}>{t(`otdr.warning.${w.code}`)}{w.detail && <span className='quiet'> ({w.detail})</span>}</li>)}</ul>}
      <dl className={styles.facts}>
        <dt>{t('otdr.file')}</dt><dd>{trace.fileName}</dd>
        <dt>{t('otdr.instrument')}</dt><dd>{maker || t('common.unknown')}</dd>
        <dt>{t('otdr.operator')}</dt><dd>{general?.operator || t('common.unknown')}</dd>
        <dt>{t('otdr.pulse')}</dt><dd>{fixed.pulses.map(p => t('otdr.pulseText', { width: decimals(p.widthNs, 0), spacing: decimals(p.spacingM, 2) })).join('; ')}</dd>
        <dt>{t('otdr.index')}</dt><dd>{decimals(fixed.refractiveIndex, 5)}</dd>
        <dt>{t('otdr.averages')}</dt><dd>{decimals(fixed.averages, 0)}{fixed.averagingTimeS !== null && ` · ${t('unit.s', { value: decimals(fixed.averagingTimeS, 0) })}`}</dd>
        {summary && <><dt>{t('plant.totalLoss')}</dt><dd>{dbText(summary.totalLossDb, 3)}</dd><dt>{t('otdr.returnLoss')}</dt><dd>{dbText(summary.returnLossDb, 1)}</dd></>}
        <dt>{t('otdr.launchFibre')}</dt><dd>{lengthText(trace.launchM)}</dd>
        <dt>{t('otdr.version')}</dt><dd>SR-4731 · {file.version}</dd>
        <dt>SHA-256</dt><dd style={{ fontSize: 12.5 }}>{trace.sha256}</dd>
        {trace.note && <><dt>{t('common.note')}</dt><dd style={{ whiteSpace: 'pre-wrap' }}>{trace.note}</dd></>}
        <dt>{t('otdr.uploadedBy')}</dt><dd>{trace.uploadedBy}, {fullTime(trace.uploadedAt)}</dd>
      </dl>
    </>
  )
}
