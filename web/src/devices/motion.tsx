/** Motion detection of a camera that reports none: what is set, and the dialog that sets it, with the level of this moment beside the threshold. */
import { Button, Group, Modal, NumberInput, Slider, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconActivity } from '@tabler/icons-react'
import { useReducer, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CameraMotion, MotionLevels, MotionWrite } from '../../../server/contract/motion.js'
import { api } from '../api.js'
import { confirm, ErrorPanel, Loaded, Panel, told } from '../ui/feedback.js'
import { edit } from '../ui/region-edit.js'
import { RegionEditor } from '../ui/region-editor.js'
import { LevelMeter } from './level-meter.js'
import { useStill } from './still.js'

const motionQuery = (id: string) => ({ queryKey: ['devices', id, 'motion'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<CameraMotion>(`/devices/${id}/motion`, undefined, signal) })
const LEVEL_EVERY_MS = 700

export function MotionPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const motion = useQuery(motionQuery(deviceId))
  const [open, setOpen] = useState(false)
  const text = ({ enabled, regions, sensitivity }: CameraMotion) => enabled ? `${regions.length === 0 ? t('motion.everywhere') : t('motion.inRegions', { count: regions.length })} · ${t('motion.sensitivityIs', { value: sensitivity })}` : t('motion.off')
  return (
    <Panel title={t('motion.title')} aside={<Button size='xs' variant='default' leftSection={<IconActivity size={15} />} disabled={!motion.data} onClick={() => setOpen(true)}>{t('motion.edit')}</Button>}>
      <Loaded query={motion} rows={1}>{set => <Text size='sm' className='quiet'>{text(set)}</Text>}</Loaded>
      {open && motion.data && <MotionDialog motion={motion.data} onClose={() => setOpen(false)} />}
    </Panel>
  )
}

const settingsOf = ({ enabled, regions, sensitivity, minAreaPercent, holdS }: MotionWrite): MotionWrite => ({ enabled, regions, sensitivity, minAreaPercent, holdS })

function MotionDialog ({ motion, onClose }: { motion: CameraMotion, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [drawing, change] = useReducer(edit, { regions: motion.regions, draft: [], selected: null })
  const [form, setForm] = useState(settingsOf(motion))
  const { still, picture } = useStill(motion.deviceId)
  const wanted: MotionWrite = { ...form, regions: drawing.regions.map(r => [...r]) }
  const changed = drawing.draft.length > 0 || JSON.stringify(wanted) !== JSON.stringify(settingsOf(motion))
  const levels = useQuery({ queryKey: ['devices', motion.deviceId, 'motion', 'levels'], queryFn: ({ signal }) => api.get<MotionLevels>(`/devices/${motion.deviceId}/motion/levels`, undefined, signal), enabled: motion.enabled, refetchInterval: LEVEL_EVERY_MS, retry: false, gcTime: 0 })
  const save = useMutation({
    mutationFn: () => api.put<CameraMotion>(`/devices/${motion.deviceId}/motion`, wanted),
    // The dialog stays: one tunes by saving and looking at the level.
    onSuccess: saved => { client.setQueryData(motionQuery(motion.deviceId).queryKey, saved); change({ do: 'reset', regions: saved.regions }); told(t('motion.saved')) }
  })
  const leave = () => { if (changed) confirm({ title: t('motion.leaveTitle'), text: t('motion.leaveText'), action: t('motion.leave'), danger: true, onConfirm: onClose }); else onClose() }
  const set = (part: Partial<MotionWrite>) => setForm(f => ({ ...f, ...part }))
  return (
    <Modal opened onClose={leave} size={960} title={t('motion.title')} closeOnClickOutside={false}>
      <Stack gap='md'>
        <Text size='sm' className='quiet'>{t('motion.hint')}</Text>
        <Switch checked={form.enabled} onChange={event => set({ enabled: event.currentTarget.checked })} label={t('motion.enabled')} />
        {still.isError && <ErrorPanel error={still.error} title={t('masks.noPicture')} onRetry={() => { void still.refetch() }} />}
        <RegionEditor clear drawing={drawing} onEdit={change} picture={picture?.url ?? null} aspect={picture?.aspect} />
        {motion.enabled
          ? levels.isError ? <ErrorPanel error={levels.error} title={t('motion.noLevels')} onRetry={() => { void levels.refetch() }} /> : <LevelMeter levels={levels.data} thresholdPercent={form.minAreaPercent} />
          : <Text size='sm' className='quiet'>{t('motion.meterOff')}</Text>}
        <div>
          <Text size='sm' id='motion-sensitivity'>{t('motion.sensitivity')}: <span className='numbers'>{form.sensitivity}</span></Text>
          <Slider aria-labelledby='motion-sensitivity' thumbLabel={t('motion.sensitivity')} min={1} max={100} value={form.sensitivity} onChange={sensitivity => set({ sensitivity })} label={null} />
        </div>
        <Group grow align='flex-start'>
          <NumberInput label={t('motion.minArea')} description={t('motion.minAreaHint')} suffix=' %' min={0.1} max={100} step={0.5} decimalScale={1} value={form.minAreaPercent} onChange={value => { if (typeof value === 'number' && value >= 0.1) set({ minAreaPercent: value }) }} />
          <NumberInput label={t('motion.hold')} description={t('motion.holdHint')} suffix={` ${t('motion.seconds')}`} min={1} max={60} allowDecimal={false} value={form.holdS} onChange={value => { if (typeof value === 'number' && value >= 1) set({ holdS: value }) }} />
        </Group>
        {save.isError && <ErrorPanel error={save.error} />}
        <Group justify='flex-end' gap='xs'>
          <Button variant='default' onClick={leave}>{t('action.close')}</Button>
          <Button disabled={!changed || drawing.draft.length > 0} loading={save.isPending} onClick={() => save.mutate()}>{t('motion.save')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
