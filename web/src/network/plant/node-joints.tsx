/** What is joined in a closure or at a panel, in the order of the strands and positions. */
import { Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Joint, NamedPoint } from '../../../../server/contract/plant.js'
import { Loaded } from '../../ui/feedback.js'
import { jointsAtQuery } from '../data.js'
import styles from '../network.module.css'
import { dbText } from '../units.js'

const collator = new Intl.Collator('uk', { numeric: true })
const textOf = ({ points: [a] }: Joint) => a ? `${a.name} ${a.detail} ${a.point.kind}` : ''

export function NodeJoints ({ nodeId }: { nodeId: string }) {
  const { t } = useTranslation()
  const joints = useQuery(jointsAtQuery(nodeId))
  return (
    <Loaded query={joints} rows={3}>
      {list => list.length === 0 ? <Text size='sm' className='quiet'>{t('plant.nothingJoined')}</Text> : (
        <div className={styles.scroller} style={{ maxHeight: 260 }}>
          <Table aria-label={t('plant.jointsHere')}>
            <Table.Tbody>{[...list].sort((a, b) => collator.compare(textOf(a), textOf(b))).map(j => <Table.Tr key={j.id}>{[0, 1].map(i => <Table.Td key={i}><Point point={j.points[i]} /></Table.Td>)}<Table.Td ta='right' className='quiet'>{j.lossDb === null ? '' : dbText(j.lossDb)}</Table.Td></Table.Tr>)}</Table.Tbody>
          </Table>
        </div>
      )}
    </Loaded>
  )
}

function Point ({ point: named }: { point: NamedPoint | undefined }) {
  const { t } = useTranslation()
  if (!named) return <span className='quiet'>{t('plant.open')}</span>
  const { point, name, detail } = named
  if (point.kind === 'strand') return <Link to='/network/plant' search={{ cable: point.cableId, strand: point.strand }} style={{ color: 'inherit' }}>{t('plant.strandOf', { cable: name, number: detail })}</Link>
  if (point.kind === 'port') return name === '' ? <span className='quiet'>{t('plant.hidden')}</span> : <>{name} · {detail}</>
  return <>{t('plant.panelPosition', { panel: name, number: detail })}, {t(`plant.side.${point.kind}`)}</>
}
