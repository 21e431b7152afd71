/** Many devices by CSV: chosen or pasted, looked at row by row, then entered all or none. */
import { Alert, Button, FileButton, Group, Stack, Tabs, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconCircleCheck, IconDownload, IconFileUpload } from '@tabler/icons-react'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ImportPreview, type ImportRequest, importColumns, MAX_IMPORT_ROWS } from '../../../../server/contract/inventory.js'
import { ApiError, call, urlOf } from '../../api.js'
import { PageHead, Panel } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { translated } from '../faults.js'
import { type CsvEncoding, csvTemplate, decodeCsv, MAX_CSV_BYTES, MAX_CSV_CHARS } from './csv-file.js'
import { Preview } from './preview.js'

/** Ten thousand rows are checked and written in one transaction. */
const PATIENCE_MS = 120_000
interface Source { csv: string, name: string | null, encoding: CsvEncoding | null }

function download (text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}

export function ImportPage () {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [source, setSource] = useState<Source | null>(null)
  const [createMissing, setCreateMissing] = useState(true)
  const preview = useMutation({ mutationFn: (request: ImportRequest) => call<ImportPreview>('POST', '/devices/import/preview', { body: request, timeoutMs: PATIENCE_MS }) })
  const run = useMutation({
    mutationFn: (request: ImportRequest) => call<{ created: number }>('POST', '/devices/import', { body: request, timeoutMs: PATIENCE_MS }),
    onSuccess: () => { for (const key of ['devices', 'sites', 'camera-groups']) void client.invalidateQueries({ queryKey: [key] }) },
    // Between the look and the import somebody may have entered one of them: the rows are looked at again.
    onError: error => { if (source && error instanceof ApiError && error.kind === 'invalid') preview.mutate({ csv: source.csv, createMissing }) }
  })
  const look = (next: Source, missing = createMissing) => { setSource(next); setCreateMissing(missing); run.reset(); preview.mutate({ csv: next.csv, createMissing: missing }) }
  const again = () => { setSource(null); preview.reset(); run.reset() }
  return (
    <div className={styles.fill}>
      <PageHead title={t('csv.title')}>
        <Button variant='default' leftSection={<IconDownload size={16} />} onClick={() => download(csvTemplate, 'kalancha-devices.csv')}>{t('csv.template')}</Button>
        <Button component='a' href={urlOf('/devices/export.csv')} download variant='default' leftSection={<IconDownload size={16} />}>{t('csv.export')}</Button>
        {source && !run.isSuccess && <Button variant='default' onClick={again}>{t('csv.other')}</Button>}
      </PageHead>
      {run.isSuccess ? <Done created={run.data.created} onAgain={again} />
        : source === null ? <Choose onSource={next => look(next)} />
          : <Preview source={source} preview={preview.data ?? null} isLooking={preview.isPending} error={translated(preview.error ?? run.error)} createMissing={createMissing}
              onCreateMissing={missing => look(source, missing)} isRunning={run.isPending} onRun={() => run.mutate({ csv: source.csv, createMissing })} />}
    </div>
  )
}

function Choose ({ onSource }: { onSource: (source: Source) => void }) {
  const { t } = useTranslation()
  const [over, setOver] = useState(false)
  const [pasted, setPasted] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const read = async (file: File | null | undefined) => {
    if (!file) return
    if (file.size > MAX_CSV_BYTES) return setFault(t('fault.too_large'))
    try {
      const { text, encoding } = decodeCsv(new Uint8Array(await file.arrayBuffer()))
      if (text.length > MAX_CSV_CHARS) return setFault(t('fault.too_large'))
      onSource({ csv: text, name: file.name, encoding })
    } catch {
      setFault(t('csv.unreadable'))
    }
  }
  const drop = (event: DragEvent) => { event.preventDefault(); setOver(false); void read(event.dataTransfer.files[0]) }
  return (
    <Stack gap='md' className={styles.readable}>
      <Text size='sm' className='quiet'>{t('csv.intro', { max: MAX_IMPORT_ROWS })}</Text>
      <Tabs defaultValue='file'>
        <Tabs.List mb='md'><Tabs.Tab value='file'>{t('csv.byFile')}</Tabs.Tab><Tabs.Tab value='paste'>{t('csv.byPaste')}</Tabs.Tab></Tabs.List>
        <Tabs.Panel value='file'>
          <section className={styles.drop} data-over={over || undefined} onDragOver={e => { e.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)} onDrop={drop} aria-label={t('csv.byFile')}>
            <Stack align='center' gap='sm' py='lg'>
              <FileButton accept='.csv,text/csv,text/plain' onChange={file => { void read(file) }}>{props => <Button {...props} leftSection={<IconFileUpload size={16} />}>{t('csv.choose')}</Button>}</FileButton>
              <Text size='sm' className='quiet' ta='center'>{t('csv.drop')}</Text>
            </Stack>
          </section>
        </Tabs.Panel>
        <Tabs.Panel value='paste'>
          <Stack gap='sm'>
            <Textarea label={t('csv.pasteLabel')} value={pasted} onChange={e => setPasted(e.currentTarget.value)} rows={10} maxLength={MAX_CSV_CHARS} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }} />
            <Group><Button disabled={pasted.trim() === ''} onClick={() => onSource({ csv: pasted, name: null, encoding: null })}>{t('csv.look')}</Button></Group>
          </Stack>
        </Tabs.Panel>
      </Tabs>
      {fault && <Alert role='alert' variant='outline' color='gray' title={t('error.title')}>{fault}</Alert>}
      <Panel title={t('csv.columns')}><Text size='sm' style={{ overflowWrap: 'anywhere' }} ff='monospace'>{importColumns.join(', ')}</Text><Text size='sm' className='quiet' mt={6}>{t('csv.columnsHint')}</Text></Panel>
    </Stack>
  )
}

function Done ({ created, onAgain }: { created: number, onAgain: () => void }) {
  const { t } = useTranslation()
  return (
    <Stack align='center' gap='sm' py='xl' role='status'>
      <IconCircleCheck size={40} color='var(--accent)' aria-hidden />
      <Text fw={600} fz={18}>{t('csv.done', { count: created })}</Text>
      <Group><Button component={Link} to='/admin/devices'>{t('csv.toDevices')}</Button><Button variant='default' onClick={onAgain}>{t('csv.other')}</Button></Group>
    </Stack>
  )
}

