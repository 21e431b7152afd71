/** One cable: what it is, its strands in their colours, and the light path of the chosen one. */
import { Button, UnstyledButton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconArrowLeft, IconPencil, IconTrash, IconWaveSine } from '@tabler/icons-react'
import { Fragment, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Cable, NamedPoint, Strand } from '../../../../server/contract/plant.js'
import { tellFault } from '../../admin/faults.js'
import { api } from '../../api.js'
import { useMay } from '../../session/me.js'
import { fullTime } from '../../time.js'
import { confirm, Loaded, PageHead, Panel, told } from '../../ui/feedback.js'
import { StrandColour, TubeColour } from '../colours.js'
import { cableQuery, mapQuery } from '../data.js'
import styles from '../network.module.css'
import { PlainMap } from '../plain-map.js'
import { NetworkTabs } from '../tabs.js'
import { lengthText } from '../units.js'
import { CableDialog } from './cable-dialog.js'
import { StrandPanel } from './strand-panel.js'
import { decimals } from '../../ui/numbers.js'

export function CableView ({ id, strand }: { id: string, strand?: number }) {
  const { t } = useTranslation()
  const cable = useQuery(cableQuery(id))
  return (
    <div className={styles.page}>
      <NetworkTabs />
      <Link to='/network/plant' search={{}} className='quiet' style={{ display: 'inline-flex', gap: 5, alignItems: 'center', marginBottom: 6, textDecoration: 'none' }}><IconArrowLeft size={16} aria-hidden />{t('plant.view.cables')}</Link>
      <Loaded query={cable} rows={8}>{data => <CableBody cable={data} chosen={strand !== undefined && strand <= data.strands ? strand : 1} />}</Loaded>
    </div>
  )
}

function CableBody ({ cable, chosen }: { cable: Cable, chosen: number }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const mayWrite = useMay('plant.write')
  const [editing, setEditing] = useState(false)
  const map = useQuery({ ...mapQuery, enabled: cable.route !== null })
  const remove = useMutation({
    mutationFn: () => api.delete(`/plant/cables/${cable.id}`), onError: tellFault,
    onSuccess: async () => { told(t('plant.removed', { name: cable.name })); await navigate({ to: '/network/plant', search: {} }); void client.invalidateQueries({ queryKey: ['plant'] }) }
  })
  const choose = (number: number) => { void navigate({ to: '/network/plant', search: { cable: cable.id, strand: number }, replace: true }) }
  return (
    <>
      <PageHead title={cable.name}>
        <Button onClick={() => { void navigate({ to: '/network/otdr', search: { cable: cable.id } }) }} variant='default' leftSection={<IconWaveSine size={16} />}>{t('otdr.title')}</Button>
        {mayWrite && <Button variant='default' leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>{t('action.edit')}</Button>}
        {mayWrite && <Button variant='outline' color='red.6' leftSection={<IconTrash size={16} />} loading={remove.isPending} onClick={() => confirm({ title: t('plant.removeTitle', { name: cable.name }), text: t('plant.removeCableHint'), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate() })}>{t('action.delete')}</Button>}
      </PageHead>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel title={t('plant.strands')} aside={<span className='quiet numbers'>{t('plant.strandsJoined')}: {cable.joinedStrands} / {cable.strands}</span>}><Strands cable={cable} chosen={chosen} onChoose={choose} /></Panel>
        </div>
        <div className={styles.column}>
          <StrandPanel cable={cable} strand={chosen} />
          {cable.route && map.data && <PlainMap map={map.data} chosenCable={cable.id} height='320px' label={t('plant.route')} />}
          <Panel title={t('plant.facts')}><Facts cable={cable} /></Panel>
        </div>
      </div>
      {editing && <CableDialog cable={cable} onClose={() => setEditing(false)} onSaved={() => {}} />}
    </>
  )
}

function Strands ({ cable, chosen, onChoose }: { cable: Cable, chosen: number, onChoose: (number: number) => void }) {
  const { t } = useTranslation()
  return (
    <ul className={styles.strands} aria-label={t('plant.strands')}>
      {cable.strandList.map((s, i) => (
        <Fragment key={s.number}>
          {(i === 0 || cable.strandList[i - 1]!.colours.tubeNumber !== s.colours.tubeNumber) && cable.strands > cable.strandsPerTube && <li className={styles.tube}><TubeColour colours={s.colours} /></li>}
          <li><UnstyledButton className={styles.strand} aria-current={s.number === chosen} onClick={() => onChoose(s.number)}><StrandLine strand={s} /></UnstyledButton></li>
        </Fragment>
      ))}
    </ul>
  )
}
function StrandLine ({ strand }: { strand: Strand }) {
  const { t } = useTranslation()
  return (
    <>
      <b className='numbers'>{strand.number}</b>
      <StrandColour colours={strand.colours} />
      <span className={`ellipsis ${styles.strandFrom}`} title={t('plant.endA')}><span className='quiet'>A: </span><Joined to={strand.a} /></span>
      <span className='ellipsis' title={t('plant.endB')}><span className='quiet'>B: </span><Joined to={strand.b} /></span>
    </>
  )
}
function Joined ({ to }: { to: NamedPoint | null }) {
  const { t } = useTranslation()
  if (to === null) return <span className='quiet'>{t('plant.free')}</span>
  return <>{to.name === '' ? t('plant.hidden') : `${to.name} · ${to.detail}`}</>
}

function Facts ({ cable }: { cable: Cable }) {
  const { t } = useTranslation()
  return (
    <dl className={styles.facts}>
      <dt>{t('plant.endA')}</dt><dd>{cable.aNodeName}</dd>
      <dt>{t('plant.endB')}</dt><dd>{cable.bNodeName}</dd>
      <dt>{t('plant.fibre')}</dt><dd>{t(`plant.fibreType.${cable.fibre}`)}</dd>
      <dt>{t('plant.colourCode')}</dt><dd>{t(`plant.code.${cable.colourCode}`)}</dd>
      <dt>{t('plant.length')}</dt><dd>{cable.lengthM === null ? t('common.unknown') : lengthText(cable.lengthM)}</dd>
      <dt>{t('plant.routeLength')}</dt><dd>{cable.routeLengthM === null ? t('common.unknown') : lengthText(cable.routeLengthM)}{cable.routeRatio !== null && ` × ${decimals(cable.routeRatio, 3)}`}</dd>
      <dt>{t('plant.slack')}</dt><dd>{cable.slack.length === 0 ? t('common.none') : cable.slack.map(s => `${lengthText(s.lengthM)} ${t('plant.slackAt', { at: lengthText(s.atM) })}${s.nodeName ? ` (${s.nodeName})` : ''}`).join('; ')}</dd>
      {cable.note && <><dt>{t('common.note')}</dt><dd style={{ whiteSpace: 'pre-wrap' }}>{cable.note}</dd></>}
      <dt>{t('plant.changed')}</dt><dd>{fullTime(cable.updatedAt)}, {cable.updatedBy}</dd>
    </dl>
  )
}
