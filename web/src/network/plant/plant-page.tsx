/** The passive plant: cables, closures and panels, the map; one cable with its strands. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { IconFileImport, IconPlus, IconSearch } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CableRow, PlantNode } from '../../../../server/contract/plant.js'
import { byName } from '../../devices/filter.js'
import { useMay } from '../../session/me.js'
import { DataTable } from '../../ui/data-table.js'
import { EmptyPanel, Loaded, PageHead } from '../../ui/feedback.js'
import { cablesQuery, mapQuery, nodesQuery } from '../data.js'
import styles from '../network.module.css'
import { PlainMap } from '../plain-map.js'
import { NetworkTabs } from '../tabs.js'
import { lengthText } from '../units.js'
import { CableDialog } from './cable-dialog.js'
import { CableView } from './cable-view.js'
import { FilesDialog } from './files-dialog.js'
import { NodeDialog } from './node-dialog.js'

const views = ['cables', 'nodes', 'map'] as const
type View = (typeof views)[number]
type Open = { do: 'cable' } | { do: 'node', node: PlantNode | null } | { do: 'files' } | null

const fold = (text: string) => text.toLocaleLowerCase('uk')
const found = (q: string, ...texts: (string | null)[]) => fold(q).split(/\s+/).every(word => fold(texts.join(' ')).includes(word))

export function PlantPage () {
  const search = useSearch({ from: '/shell/network/plant' })
  return search.cable ? <CableView key={search.cable} id={search.cable} strand={search.strand} /> : <PlantLists view={views.find(v => v === search.view) ?? 'cables'} />
}

function PlantLists ({ view }: { view: View }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const mayWrite = useMay('plant.write')
  const [open, setOpen] = useState<Open>(null)
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim())
  const close = () => setOpen(null)
  const openCable = (id: string) => { void navigate({ to: '/network/plant', search: { cable: id } }) }
  return (
    <div className={styles.fill}>
      <NetworkTabs />
      <PageHead title={t('plant.title')}>
        <Button variant='default' leftSection={<IconFileImport size={16} />} onClick={() => setOpen({ do: 'files' })}>{t('plant.files')}</Button>
        {mayWrite && view === 'nodes' && <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ do: 'node', node: null })}>{t('plant.addNode')}</Button>}
        {mayWrite && view === 'cables' && <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ do: 'cable' })}>{t('plant.addCable')}</Button>}
      </PageHead>
      <div style={{ display: 'flex', gap: 10, flexWrap: 'wrap', marginBottom: 10 }}>
        <SegmentedControl value={view} onChange={v => { void navigate({ to: '/network/plant', search: { view: v } }) }} data={views.map(value => ({ value, label: t(`plant.view.${value}`) }))} />
        {view !== 'map' && <TextInput className={styles.search} leftSection={<IconSearch size={16} />} placeholder={t('plant.search')} aria-label={t('action.search')} value={typed} onChange={e => setTyped(e.currentTarget.value)} />}
      </div>
      {view === 'cables' && <CableTable q={q} onOpen={openCable} />}
      {view === 'nodes' && <NodeTable q={q} onOpen={mayWrite ? node => setOpen({ do: 'node', node }) : undefined} />}
      {view === 'map' && <WholeMap onCable={openCable} />}
      {open?.do === 'cable' && <CableDialog cable={null} onClose={close} onSaved={openCable} />}
      {open?.do === 'node' && <NodeDialog node={open.node} onClose={close} />}
      {open?.do === 'files' && <FilesDialog onClose={close} />}
    </div>
  )
}

function CableTable ({ q, onOpen }: { q: string, onOpen: (id: string) => void }) {
  const { t } = useTranslation()
  const cables = useQuery(cablesQuery)
  const columns = useMemo((): Array<ColumnDef<CableRow>> => [
    { id: 'name', header: t('common.name'), accessorFn: c => c.name, sortingFn: (a, b) => byName(a.original, b.original), cell: ({ row }) => <span title={row.original.name}>{row.original.name}</span>, meta: { track: 'minmax(150px, 1.4fr)' } },
    { id: 'from', header: t('plant.endA'), accessorFn: c => c.aNodeName, cell: ({ row }) => row.original.aNodeName, meta: { track: 'minmax(120px, 1fr)' } },
    { id: 'to', header: t('plant.endB'), accessorFn: c => c.bNodeName, cell: ({ row }) => row.original.bNodeName, meta: { track: 'minmax(120px, 1fr)' } },
    { id: 'strands', header: t('plant.strandsJoined'), accessorFn: c => c.strands, cell: ({ row }) => `${row.original.joinedStrands} / ${row.original.strands}`, meta: { track: '150px', align: 'right' } },
    { id: 'length', header: t('plant.length'), accessorFn: c => c.knownLengthM ?? 0, cell: ({ row }) => <LengthCell cable={row.original} />, meta: { track: '120px', align: 'right' } },
    { id: 'note', header: t('common.note'), enableSorting: false, cell: ({ row }) => <span className='quiet' title={row.original.note}>{row.original.note}</span>, meta: { track: 'minmax(120px, 1.2fr)' } }
  ], [t])
  const empty = q ? <EmptyPanel title={t('empty.filtered')} /> : <EmptyPanel title={t('plant.noCables')} hint={t('plant.noCablesHint')} />
  return (
    <Loaded query={cables} rows={8}>
      {list => <div className={styles.table}><DataTable rows={list.filter(c => found(q, c.name, c.aNodeName, c.bNodeName, c.note))} columns={columns} rowId={c => c.id} label={t('plant.view.cables')} initialSort={[{ id: 'name', desc: false }]} onOpen={c => onOpen(c.id)} empty={empty} card={c => <CableCard cable={c} />} /></div>}
    </Loaded>
  )
}
const LengthCell = ({ cable }: { cable: CableRow }) => {
  const { knownLengthM } = cable
  return knownLengthM === null ? '—' : `${cable.lengthM === null ? '~ ' : ''}${lengthText(knownLengthM)}`
}
function CableCard ({ cable }: { cable: CableRow }) {
  const { t } = useTranslation()
  return (
    <>
      <div className='ellipsis'>{cable.name}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{cable.aNodeName} – {cable.bNodeName}</div>
      <div className='quiet' style={{ fontSize: 13 }}>{t('plant.strandsJoined')}: {cable.joinedStrands} / {cable.strands} · <LengthCell cable={cable} /></div>
    </>
  )
}

function NodeTable ({ q, onOpen }: { q: string, onOpen?: (node: PlantNode) => void }) {
  const { t } = useTranslation()
  const nodes = useQuery(nodesQuery)
  const columns = useMemo((): Array<ColumnDef<PlantNode>> => [
    { id: 'name', header: t('common.name'), accessorFn: n => n.name, sortingFn: (a, b) => byName(a.original, b.original), cell: ({ row }) => row.original.name, meta: { track: 'minmax(150px, 1.4fr)' } },
    { id: 'kind', header: t('common.kind'), accessorFn: n => n.kind, cell: ({ row }) => t(`plant.nodeKind.${row.original.kind}`), meta: { track: '160px' } },
    { id: 'site', header: t('common.site'), accessorFn: n => n.siteName ?? '', cell: ({ row }) => row.original.siteName ?? '—', meta: { track: 'minmax(120px, 1fr)' } },
    { id: 'cables', header: t('plant.view.cables'), accessorFn: n => n.cableCount, meta: { track: '100px', align: 'right' } },
    { id: 'splices', header: t('plant.splices'), accessorFn: n => n.spliceCount, meta: { track: '130px', align: 'right' } },
    { id: 'positions', header: t('plant.positions'), accessorFn: n => n.positions, cell: ({ row }) => row.original.kind === 'panel' ? row.original.positions : '—', meta: { track: '110px', align: 'right' } },
    { id: 'note', header: t('common.note'), enableSorting: false, cell: ({ row }) => <span className='quiet' title={row.original.note}>{row.original.note}</span>, meta: { track: 'minmax(120px, 1.2fr)' } }
  ], [t])
  const empty = q ? <EmptyPanel title={t('empty.filtered')} /> : <EmptyPanel title={t('plant.noNodes')} hint={t('plant.noNodesHint')} />
  return (
    <Loaded query={nodes} rows={8}>
      {list => <div className={styles.table}><DataTable rows={list.filter(n => found(q, n.name, n.siteName, n.note))} columns={columns} rowId={n => n.id} label={t('plant.view.nodes')} initialSort={[{ id: 'name', desc: false }]} onOpen={onOpen} empty={empty} card={n => <NodeCard node={n} />} /></div>}
    </Loaded>
  )
}
function NodeCard ({ node }: { node: PlantNode }) {
  const { t } = useTranslation()
  return (
    <>
      <div className='ellipsis'>{node.name}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{[t(`plant.nodeKind.${node.kind}`), node.siteName].filter(Boolean).join(' · ')}</div>
      <div className='quiet' style={{ fontSize: 13 }}>{t('plant.view.cables')}: {node.cableCount} · {t('plant.splices')}: {node.spliceCount}</div>
    </>
  )
}

function WholeMap ({ onCable }: { onCable: (id: string) => void }) {
  const { t } = useTranslation()
  const map = useQuery(mapQuery)
  return <Loaded query={map} rows={8}>{data => <div className={styles.table}><PlainMap map={data} onCable={onCable} label={t('plant.view.map')} /></div>}</Loaded>
}
