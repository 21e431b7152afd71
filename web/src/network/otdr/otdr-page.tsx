/** OTDR traces: the list, the upload, and one trace over its reference. */
import { Button, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { IconFileUpload, IconSearch } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OtdrTraceRow } from '../../../../server/contract/otdr.js'
import { useMay } from '../../session/me.js'
import { shortTime } from '../../time.js'
import { DataTable } from '../../ui/data-table.js'
import { EmptyPanel, Loaded, PageHead } from '../../ui/feedback.js'
import { tracesQuery } from '../data.js'
import styles from '../network.module.css'
import { NetworkTabs } from '../tabs.js'
import { kmText } from '../units.js'
import { TraceView } from './trace-view.js'
import { UploadDialog } from './upload-dialog.js'

export function OtdrPage () {
  const search = useSearch({ from: '/shell/network/otdr' })
  return search.trace ? <TraceView key={search.trace} id={search.trace} /> : <TraceList cableId={search.cable} />
}

function TraceList ({ cableId }: { cableId?: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const mayWrite = useMay('plant.write')
  const [uploading, setUploading] = useState(false)
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim().toLocaleLowerCase('uk'))
  const traces = useInfiniteQuery(tracesQuery({ cableId }))
  const columns = useColumns()
  const open = (id: string) => { void navigate({ to: '/network/otdr', search: { trace: id } }) }
  const matches = (r: OtdrTraceRow) => q.split(/\s+/).every(word => `${r.cableName} ${r.endName} ${r.fileName} ${r.note} ${r.uploadedBy}`.toLocaleLowerCase('uk').includes(word))
  const empty = q ? <EmptyPanel title={t('empty.filtered')} /> : <EmptyPanel title={t('otdr.none')} hint={t('otdr.noneHint')} />
  return (
    <div className={styles.fill}>
      <NetworkTabs />
      <PageHead title={t('otdr.traces')}>
        {cableId && <Button component={Link} to='/network/otdr' variant='default'>{t('otdr.ofAllCables')}</Button>}
        {mayWrite && <Button leftSection={<IconFileUpload size={16} />} onClick={() => setUploading(true)}>{t('otdr.upload')}</Button>}
      </PageHead>
      <div style={{ display: 'flex', marginBottom: 10 }}><TextInput className={styles.search} leftSection={<IconSearch size={16} />} placeholder={t('otdr.search')} aria-label={t('action.search')} value={typed} onChange={e => setTyped(e.currentTarget.value)} /></div>
      <Loaded query={traces} rows={8}>
        {({ pages }) => <div className={styles.table}><DataTable rows={pages.flatMap(p => p.items).filter(matches)} columns={columns} rowId={r => r.id} label={t('otdr.traces')} onOpen={r => open(r.id)} empty={empty} card={r => <TraceCard row={r} />} /></div>}
      </Loaded>
      {traces.hasNextPage && <Button variant='default' mt={8} loading={traces.isFetchingNextPage} onClick={() => { void traces.fetchNextPage() }}>{t('action.more')}</Button>}
      {uploading && <UploadDialog cableId={cableId ?? null} onClose={() => setUploading(false)} onDone={open} />}
    </div>
  )
}

const strandText = (r: OtdrTraceRow) => `${r.cableName} · ${r.strand}`
function useColumns (): Array<ColumnDef<OtdrTraceRow>> {
  const { t } = useTranslation()
  return useMemo(() => [
    { id: 'taken', header: t('otdr.taken'), accessorFn: r => r.takenAt, cell: ({ row }) => shortTime(row.original.takenAt), meta: { track: '150px' } },
    { id: 'strand', header: t('otdr.strand'), accessorFn: strandText, cell: ({ row }) => strandText(row.original), meta: { track: 'minmax(140px, 1.4fr)' } },
    { id: 'end', header: t('otdr.from'), accessorFn: r => r.endName, cell: ({ row }) => row.original.endName, meta: { track: 'minmax(110px, 1fr)' } },
    { id: 'wavelength', header: t('plant.wavelength'), accessorFn: r => r.wavelengthNm, cell: ({ row }) => t('plantUnit.nm', { value: row.original.wavelengthNm }), meta: { track: '120px', align: 'right' } },
    { id: 'endM', header: t('otdr.endAt'), accessorFn: r => r.endM ?? 0, cell: ({ row }) => row.original.endM === null ? '—' : kmText(row.original.endM), meta: { track: '130px', align: 'right' } },
    { id: 'reference', header: t('otdr.referenceHead'), accessorFn: r => r.isReference, cell: ({ row }) => row.original.isReference ? t('common.yes') : '', meta: { track: '100px' } },
    { id: 'file', header: t('otdr.file'), accessorFn: r => r.fileName, cell: ({ row }) => <span className='quiet' title={row.original.fileName}>{row.original.fileName}</span>, meta: { track: 'minmax(130px, 1fr)' } },
    { id: 'by', header: t('otdr.uploadedBy'), accessorFn: r => r.uploadedBy, cell: ({ row }) => row.original.uploadedBy, meta: { track: '120px' } }
  ], [t])
}
function TraceCard ({ row }: { row: OtdrTraceRow }) {
  const { t } = useTranslation()
  return (
    <>
      <div className='ellipsis'>{strandText(row)}{row.isReference && ` · ${t('otdr.reference')}`}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{shortTime(row.takenAt)} · {t('plantUnit.nm', { value: row.wavelengthNm })} · {row.endName}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{row.fileName}</div>
    </>
  )
}
