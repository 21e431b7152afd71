/** A .sor file from the instrument to a strand's end. */
import { Alert, Button, FileButton, Group, Modal, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconFileUpload } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OtdrTrace, OtdrUpload } from '../../../../server/contract/otdr.js'
import type { CableRow } from '../../../../server/contract/plant.js'
import { formFaults } from '../../admin/faults.js'
import { api } from '../../api.js'
import { ErrorPanel, Loaded, told } from '../../ui/feedback.js'
import { cablesQuery } from '../data.js'
import styles from '../network.module.css'

const MAX_BYTES = 4 * 1024 * 1024

async function base64Of (file: File) {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  // Arguments of one call are limited.
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
  return btoa(text)
}

export function UploadDialog ({ cableId, onClose, onDone }: { cableId: string | null, onClose: () => void, onDone: (id: string) => void }) {
  const { t } = useTranslation()
  const cables = useQuery(cablesQuery)
  return <Modal opened onClose={onClose} title={t('otdr.upload')} size='lg'><Loaded query={cables} rows={5}>{list => <UploadForm cables={list} cableId={cableId} onClose={onClose} onDone={onDone} />}</Loaded></Modal>
}

function UploadForm ({ cables, cableId, onClose, onDone }: { cables: readonly CableRow[], cableId: string | null, onClose: () => void, onDone: (id: string) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [file, setFile] = useState<File | null>(null)
  const [form, setForm] = useState({ cableId, strand: 1, end: 'a' as 'a' | 'b', launchM: 0, note: '' })
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const cable = cables.find(c => c.id === form.cableId)
  const tooLarge = file !== null && file.size > MAX_BYTES
  const upload = useMutation({
    mutationFn: async (given: File) => api.post<OtdrTrace>('/otdr/traces', { cableId: form.cableId!, strand: form.strand, end: form.end, launchM: form.launchM, note: form.note, fileName: given.name, contentBase64: await base64Of(given) } satisfies OtdrUpload),
    onSuccess: trace => { void client.invalidateQueries({ queryKey: ['otdr'] }); told(t(trace.isReference ? 'otdr.uploadedFirst' : 'otdr.uploaded')); onClose(); onDone(trace.id) }
  })
  const { fields, other } = formFaults(upload.error, ['cableId', 'strand', 'launchM', 'note', 'contentBase64'])
  const ready = file !== null && !tooLarge && cable !== undefined
  const submit = (event: FormEvent) => { event.preventDefault(); if (ready) upload.mutate(file) }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap='sm'>
        <div className={styles.drop}>
          <FileButton accept='.sor,.SOR,application/octet-stream' onChange={setFile}>{props => <Button {...props} variant={file ? 'default' : 'filled'} leftSection={<IconFileUpload size={16} />}>{t('otdr.chooseFile')}</Button>}</FileButton>
          <Text size='sm' mt={8} style={{ overflowWrap: 'anywhere' }} className={file ? undefined : 'quiet'}>{file ? file.name : t('otdr.fileHint')}</Text>
        </div>
        {(tooLarge || fields.contentBase64) && <Alert role='alert' variant='outline' color='gray' title={t('error.title')}>{tooLarge ? t('fault.sor_too_large') : fields.contentBase64}</Alert>}
        <div className={styles.fields}>
          <Select className={styles.wide} label={t('plant.cable')} data={cables.map(c => ({ value: c.id, label: c.name }))} value={form.cableId} onChange={id => set({ cableId: id })} searchable limit={200} nothingFoundMessage={t('plant.noCables')} error={fields.cableId} required />
          <NumberInput label={t('plant.strandNumber')} value={form.strand} onChange={v => set({ strand: Number(v) || 1 })} min={1} max={cable?.strands ?? 864} allowDecimal={false} error={fields.strand} />
          <Select label={t('otdr.from')} data={[{ value: 'a', label: cable ? `A: ${cable.aNodeName}` : 'A' }, { value: 'b', label: cable ? `B: ${cable.bNodeName}` : 'B' }]} value={form.end} onChange={v => set({ end: v === 'b' ? 'b' : 'a' })} allowDeselect={false} />
          <NumberInput className={styles.wide} label={t('otdr.launch')} description={t('otdr.launchHint')} value={form.launchM} onChange={v => set({ launchM: Number(v) || 0 })} min={0} max={20_000} decimalScale={1} error={fields.launchM} />
          <Textarea className={styles.wide} label={t('common.note')} value={form.note} onChange={e => set({ note: e.currentTarget.value })} error={fields.note} autosize minRows={1} maxRows={6} maxLength={2000} />
        </div>
        {other !== null && <ErrorPanel error={other} />}
        <Group justify='flex-end' gap='xs'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' disabled={!ready} loading={upload.isPending}>{t('otdr.upload')}</Button></Group>
      </Stack>
    </form>
  )
}
