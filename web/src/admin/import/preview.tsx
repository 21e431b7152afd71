/** What a file would do, row by row, before anything is written. */
import { Alert, Button, Group, Progress, Stack, Switch, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ColumnDef } from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ImportPreview, ImportRow } from '../../../../server/contract/inventory.js'
import { useMay } from '../../session/me.js'
import { DataTable } from '../../ui/data-table.js'
import { EmptyPanel, ErrorPanel, LoadingRows } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { faultText } from '../faults.js'
import type { CsvEncoding } from './csv-file.js'

interface Props {
  source: { name: string | null, encoding: CsvEncoding | null }
  preview: ImportPreview | null
  isLooking: boolean
  error: unknown
  createMissing: boolean
  onCreateMissing: (createMissing: boolean) => void
  isRunning: boolean
  onRun: () => void
}
type RowError = ImportRow['errors'][number]
const errorOf = ({ column, code, message }: RowError) => `${column}: ${faultText(code) ?? message}`

export function Preview ({ source, preview, isLooking, error, createMissing, onCreateMissing, isRunning, onRun }: Props) {
  const { t } = useTranslation()
  const [onlyErrors, setOnlyErrors] = useState(false)
  const rows = useMemo(() => onlyErrors ? preview?.rows.filter(r => r.errors.length > 0) ?? [] : preview?.rows ?? [], [preview, onlyErrors])
  const columns = useColumns()
  const from = source.name === null ? t('csv.pasted') : source.encoding === null ? source.name : `${source.name} · ${t(`csv.encodings.${source.encoding}`)}`
  const ready = preview !== null && preview.errors.length === 0 && preview.invalid === 0 && preview.total > 0
  return (
    <>
      <Stack gap='sm' mb='sm'>
        <Group gap='md' justify='space-between'>
          <Stack gap={0}>
            <Text size='sm' className='quiet'>{from}</Text>
            {preview && preview.errors.length === 0 && <Text fw={600} role='status' data-import-verdict={ready}>{preview.invalid > 0 ? t('csv.withErrors', { count: preview.total, invalid: preview.invalid }) : t('csv.allGood', { count: preview.total })}</Text>}
          </Stack>
          <Group gap='md'>
            <Switch label={t('csv.createMissing')} checked={createMissing} onChange={e => onCreateMissing(e.currentTarget.checked)} disabled={isLooking || isRunning} />
            {preview !== null && preview.invalid > 0 && <Switch label={t('csv.onlyErrors')} checked={onlyErrors} onChange={e => setOnlyErrors(e.currentTarget.checked)} />}
            {preview?.errors.length !== 0 ? null : <Button onClick={onRun} loading={isRunning} disabled={!ready || isLooking}>{t('csv.run', { count: preview.total })}</Button>}
          </Group>
        </Group>
        {isRunning && <Stack gap={4} role='status'><Progress value={100} animated aria-label={t('csv.running')} /><Text size='sm' className='quiet'>{t('csv.running')}</Text></Stack>}
        {error !== null && error !== undefined && <ErrorPanel error={error} />}
        {preview && <WholeFile preview={preview} />}
        {preview && <NewPlaces preview={preview} />}
      </Stack>
      {isLooking && !preview ? <LoadingRows rows={10} /> : preview && preview.rows.length > 0 && (
        <div className={styles.table}>
          <DataTable key={String(onlyErrors)} rows={rows} columns={columns} rowId={r => String(r.line)} label={t('csv.preview')} empty={<EmptyPanel title={t('empty.filtered')} />} card={r => <RowCard row={r} />} />
        </div>
      )}
    </>
  )
}

function WholeFile ({ preview }: { preview: ImportPreview }) {
  const { t } = useTranslation()
  if (preview.errors.length === 0) return null
  return (
    <Alert role='alert' variant='outline' color='gray' icon={<IconAlertTriangle />} title={t('csv.fileErrors')}>
      <Stack gap={6}>{preview.errors.map(e => <div key={e.message}><Text size='sm'>{faultText(e.code) ?? e.code}</Text><Text size='xs' className='quiet' lang='en'>{e.message}</Text></div>)}</Stack>
    </Alert>
  )
}

/** Names that are listed before they are only counted. */
const NAMED = 12
function NewPlaces ({ preview }: { preview: ImportPreview }) {
  const { t } = useTranslation()
  const mayAll = useMay('site.write')
  const list = (names: string[]) => `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` ${t('deviceForm.andMore', { count: names.length - NAMED })}` : ''}`
  if (!mayAll || (preview.newSites.length === 0 && preview.newGroups.length === 0)) return null
  return (
    <Stack gap={2}>
      {preview.newSites.length > 0 && <Text size='sm'><b>{t('csv.newSites', { count: preview.newSites.length })}:</b> {list(preview.newSites)}</Text>}
      {preview.newGroups.length > 0 && <Text size='sm'><b>{t('csv.newGroups', { count: preview.newGroups.length })}:</b> {list(preview.newGroups)}</Text>}
    </Stack>
  )
}

function Errors ({ row }: { row: ImportRow }) {
  const { t } = useTranslation()
  if (row.errors.length === 0) return <span className='quiet'>{t('csv.good')}</span>
  const text = row.errors.map(errorOf).join('; ')
  return <span className={styles.fault} title={`${text}\n\n${row.errors.map(e => e.message).join('\n')}`}>{text}</span>
}

function useColumns (): Array<ColumnDef<ImportRow>> {
  const { t } = useTranslation()
  return useMemo(() => [
    { id: 'line', header: t('csv.line'), accessorFn: r => r.line, meta: { track: '80px', align: 'right' } },
    { id: 'errors', header: t('csv.verdict'), accessorFn: r => -r.errors.length, cell: ({ row }) => <Errors row={row.original} />, meta: { track: 'minmax(260px, 3fr)' } },
    { id: 'kind', header: t('common.kind'), accessorFn: r => r.kind, meta: { track: '90px' } },
    { id: 'name', header: t('common.name'), accessorFn: r => r.name, cell: ({ row }) => <span title={row.original.name}>{row.original.name}</span>, meta: { track: 'minmax(160px, 1.6fr)' } },
    { id: 'address', header: t('common.address'), accessorFn: r => r.address, meta: { track: 'minmax(120px, 1fr)' } },
    { id: 'site', header: t('common.site'), accessorFn: r => r.site, meta: { track: 'minmax(110px, 1fr)' } },
    { id: 'group', header: t('common.group'), accessorFn: r => r.group, meta: { track: 'minmax(100px, 1fr)' } }
  ], [t])
}

function RowCard ({ row }: { row: ImportRow }) {
  return (
    <div className={styles.grow}>
      <div className='ellipsis'><span className='quiet numbers'>{row.line}</span> {row.name || row.address || '—'}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{[row.kind, row.address, row.site].filter(Boolean).join(' · ')}</div>
      <div className='ellipsis' style={{ fontSize: 13 }}><Errors row={row} /></div>
    </div>
  )
}
