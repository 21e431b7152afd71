/** The plant out of a file and into one: looked at row by row, then entered all or none. */
import { Alert, Button, FileButton, Group, Modal, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconCircleCheck, IconDownload, IconFileUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { MAX_PLANT_ROWS, type PlantImportPreview, plantColumns } from '../../../../server/contract/plant.js'
import { faultText, translated } from '../../admin/faults.js'
import { decodeCsv, MAX_CSV_BYTES, MAX_CSV_CHARS } from '../../admin/import/csv-file.js'
import { call, urlOf } from '../../api.js'
import { useMay } from '../../session/me.js'
import { ErrorPanel, LoadingRows } from '../../ui/feedback.js'
import styles from '../network.module.css'
import { decimals } from '../../ui/numbers.js'

const PATIENCE_MS = 120_000
/** Rows with errors that are listed; more are counted. */
const SHOWN = 200

export function FilesDialog ({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const mayWrite = useMay('plant.write')
  return (
    <Modal opened onClose={onClose} title={t('plant.files')} size='xl'>
      <Stack gap='md'>
        <Group gap='xs'>
          <Button component='a' href={urlOf('/plant/export.geojson')} download variant='default' leftSection={<IconDownload size={16} />}>GeoJSON</Button>
          <Button component='a' href={urlOf('/plant/export.csv')} download variant='default' leftSection={<IconDownload size={16} />}>CSV</Button>
        </Group>
        {mayWrite && <Import onDone={onClose} />}
      </Stack>
    </Modal>
  )
}

function Import ({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [text, setText] = useState<string | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const preview = useMutation({ mutationFn: (body: { text: string }) => call<PlantImportPreview>('POST', '/plant/import/preview', { body, timeoutMs: PATIENCE_MS }) })
  const run = useMutation({ mutationFn: (body: { text: string }) => call<{ created: number, updated: number }>('POST', '/plant/import', { body, timeoutMs: PATIENCE_MS }), onSuccess: () => { void client.invalidateQueries({ queryKey: ['plant'] }) } })
  const read = async (file: File | null) => {
    if (!file) return
    setFault(null)
    run.reset()
    if (file.size > MAX_CSV_BYTES) return setFault(t('fault.too_large'))
    const read = decodeCsv(new Uint8Array(await file.arrayBuffer())).text
    if (read.length > MAX_CSV_CHARS) return setFault(t('fault.too_large'))
    setText(read)
    preview.mutate({ text: read })
  }
  if (run.isSuccess) {
    return (
      <Stack align='center' gap='sm' py='md' role='status'>
        <IconCircleCheck size={36} color='var(--accent)' aria-hidden />
        <Text fw={600}>{t('plant.imported', { created: decimals(run.data.created, 0), updated: decimals(run.data.updated, 0) })}</Text>
        <Button onClick={onDone}>{t('action.close')}</Button>
      </Stack>
    )
  }
  return (
    <>
      <Text size='sm' className='quiet'>{t('plant.importHint', { max: decimals(MAX_PLANT_ROWS, 0) })}</Text>
      <Text size='xs' className='quiet' ff='monospace' style={{ overflowWrap: 'anywhere' }}>{plantColumns.join(', ')}</Text>
      <div className={styles.drop}><FileButton accept='.csv,.geojson,.json,text/csv,application/geo+json' onChange={file => { void read(file) }}>{props => <Button {...props} variant={text === null ? 'filled' : 'default'} leftSection={<IconFileUpload size={16} />}>{t('csv.choose')}</Button>}</FileButton></div>
      {fault && <Alert role='alert' variant='outline' color='gray' title={t('error.title')}>{fault}</Alert>}
      {preview.isPending && <LoadingRows rows={3} />}
      {(preview.isError || run.isError) && <ErrorPanel error={translated(preview.error ?? run.error)} />}
      {preview.data && text !== null && <Preview preview={preview.data} isRunning={run.isPending} onRun={() => run.mutate({ text })} />}
    </>
  )
}

function Preview ({ preview, isRunning, onRun }: { preview: PlantImportPreview, isRunning: boolean, onRun: () => void }) {
  const { t } = useTranslation()
  const faulty = preview.rows.filter(r => r.errors.length > 0)
  const nothing = preview.creates + preview.updates === 0
  const counts = { total: decimals(preview.total, 0), creates: decimals(preview.creates, 0), updates: decimals(preview.updates, 0), invalid: decimals(preview.invalid, 0) }
  return (
    <Stack gap='sm'>
      {preview.errors.map(e => <Alert key={e.message} role='alert' variant='outline' color='gray' title={faultText(e.code) ?? t('error.title')}>{e.message}</Alert>)}
      {preview.errors.length === 0 && <Text size='sm' role='status'>{t('plant.importCounts', counts)}</Text>}
      {faulty.length > 0 && (
        <div className={styles.scroller} style={{ maxHeight: 320 }}>
          <Table stickyHeader>
            <Table.Thead><Table.Tr><Table.Th>{t('plant.line')}</Table.Th><Table.Th>{t('common.name')}</Table.Th><Table.Th>{t('error.title')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{faulty.slice(0, SHOWN).map(r => <Table.Tr key={r.line}><Table.Td>{r.line}</Table.Td><Table.Td>{r.kind} {r.name}</Table.Td><Table.Td style={{ whiteSpace: 'normal' }}>{r.errors.map(e => `${e.column}: ${faultText(e.code) ?? e.message}`).join('; ')}</Table.Td></Table.Tr>)}</Table.Tbody>
          </Table>
          {faulty.length > SHOWN && <Text size='sm' className='quiet'>{t('plant.moreFaults', { count: faulty.length - SHOWN })}</Text>}
        </div>
      )}
      <Group justify='flex-end'><Button disabled={preview.errors.length > 0 || faulty.length > 0 || nothing} loading={isRunning} onClick={onRun}>{t('plant.import')}</Button></Group>
    </Stack>
  )
}
