/** Legal holds on footage: what is held, why, until when somebody must look again; released with a reason. */
import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconLock, IconSearch } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Lock } from '../../../../server/contract/recording.js'
import { startOfDay } from '../../../../lib/zoned-day.js'
import { api } from '../../api.js'
import { beforeSearch } from '../../playback/playback-link.js'
import { useMay } from '../../session/me.js'
import { fullRange, fullTime, timeZone, useNow } from '../../time.js'
import { EmptyPanel, ErrorPanel, Loaded, PageHead, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { formFaults } from '../faults.js'
import { bytesText } from '../sizes.js'
import { type LockState, locksQuery } from './recording-data.js'

const states: LockState[] = ['held', 'review', 'released', 'all']

export function LocksPage () {
  const { t } = useTranslation()
  const [state, setState] = useState<LockState>('held')
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 250)
  const locks = useInfiniteQuery(locksQuery(state, q))
  const [acting, setActing] = useState<{ lock: Lock, act: 'release' | 'review' } | null>(null)
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.locks')} />
      <Text size='sm' className='quiet' mb='md'>{t('locks.intro')}</Text>
      <Group gap='sm' mb='md' wrap='wrap'>
        <SegmentedControl value={state} onChange={v => setState(v as LockState)} data={states.map(value => ({ value, label: t(`locks.state.${value}`) }))} />
        <TextInput className={styles.search} leftSection={<IconSearch size={16} />} placeholder={t('locks.search')} aria-label={t('locks.search')} value={typed} onChange={e => setTyped(e.currentTarget.value)} />
      </Group>
      <Loaded query={locks} rows={5}>
        {({ pages }) => {
          const list = pages.flatMap(p => p.items)
          return list.length === 0 ? <EmptyPanel title={q || state !== 'held' ? t('common.nothingFound') : t('locks.none')} hint={q || state !== 'held' ? undefined : t('locks.noneHint')} /> : (
            <>
              <ul className={styles.list}>{list.map(l => <LockItem key={l.id} lock={l} onAct={act => setActing({ lock: l, act })} />)}</ul>
              {locks.hasNextPage && <Button mt='md' variant='default' loading={locks.isFetchingNextPage} onClick={() => { void locks.fetchNextPage() }}>{t('action.more')}</Button>}
            </>
          )
        }}
      </Loaded>
      {acting && <ActDialog key={acting.lock.id} {...acting} onClose={() => setActing(null)} />}
    </div>
  )
}

function LockItem ({ lock: l, onAct }: { lock: Lock, onAct: (act: 'release' | 'review') => void }) {
  const { t } = useTranslation()
  const now = useNow()
  const mayReview = useMay('lock.create')
  const mayRelease = useMay('lock.release')
  const due = l.releasedAt === null && l.reviewAt <= now
  return (
    <li className={styles.item}>
      <div className={styles.itemHead}>
        <IconLock size={16} aria-hidden style={{ flex: 'none', opacity: l.releasedAt === null ? 1 : 0.35 }} />
        <span className={styles.itemName} style={{ flex: '1 1 200px' }}>{l.deviceName}</span>
        <Group gap='4px 8px' ml='auto'>
          {l.releasedAt === null && mayReview && <Button size='xs' variant='default' onClick={() => onAct('review')}>{t('locks.review')}</Button>}
          {l.releasedAt === null && mayRelease && <Button size='xs' variant='outline' color='gray' onClick={() => onAct('release')}>{t('locks.release')}</Button>}
        </Group>
      </div>
      <Group gap='2px 12px' className='quiet' mt={4}><span className='numbers'>{fullRange(l.from, l.to)}</span><Link to='/playback' search={beforeSearch(l.deviceId, l.from)} style={{ color: 'inherit', fontSize: 14 }}>{t('playback.openAt')}</Link></Group>
      <Text size='sm' mt={6} style={{ overflowWrap: 'anywhere' }}>{l.reason}{l.reference && <span className='quiet'> · {l.reference}</span>}</Text>
      <dl className={styles.facts}>
        <div><dt>{t('locks.owner')}</dt><dd>{l.ownerName}, {fullTime(l.createdAt)}</dd></div>
        <div><dt>{t('locks.reviewAt')}</dt><dd className={due ? styles.fault : undefined}>{fullTime(l.reviewAt)}</dd></div>
        <div><dt>{t('locks.held')}</dt><dd>{bytesText(t, l.bytes)}</dd></div>
        <div><dt>{t('locks.confirmed')}</dt><dd>{l.confirmedAt === null ? t('locks.notConfirmed') : fullTime(l.confirmedAt)}</dd></div>
        {l.releasedAt !== null && <div><dt>{t('locks.released')}</dt><dd>{l.releasedBy}, {fullTime(l.releasedAt)}: {l.releaseReason}</dd></div>}
      </dl>
    </li>
  )
}

function ActDialog ({ lock, act, onClose }: { lock: Lock, act: 'release' | 'review', onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const [day, setDay] = useState('')
  const reviewAt = startOfDay(day, timeZone())
  const save = useMutation({
    mutationFn: () => act === 'release' ? api.post(`/locks/${lock.id}/release`, { reason: reason.trim() }) : api.patch(`/locks/${lock.id}`, { reviewAt: reviewAt! }),
    onSuccess: () => { told(t(act === 'release' ? 'locks.releasedNow' : 'locks.reviewed')); onClose(); return client.invalidateQueries({ queryKey: ['locks'] }) }
  })
  const { fields, other } = formFaults(save.error, ['reason', 'reviewAt'])
  const ready = act === 'release' ? reason.trim().length >= 3 : reviewAt !== undefined
  const submit = (event: FormEvent) => { event.preventDefault(); if (ready) save.mutate() }
  return (
    <Modal opened onClose={onClose} title={t(act === 'release' ? 'locks.releaseTitle' : 'locks.reviewTitle')}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          <Text size='sm'>{lock.deviceName} · <span className='numbers'>{fullRange(lock.from, lock.to)}</span></Text>
          <Text size='sm' className='quiet'>{t(act === 'release' ? 'locks.releaseHint' : 'locks.reviewHint')}</Text>
          {act === 'release'
            ? <Textarea label={t('locks.releaseReason')} value={reason} onChange={e => setReason(e.currentTarget.value)} error={fields.reason} autosize minRows={2} maxLength={1000} required data-autofocus />
            : <TextInput type='date' label={t('locks.reviewAt')} value={day} onChange={e => setDay(e.currentTarget.value)} error={fields.reviewAt} required data-autofocus />}
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' disabled={!ready} loading={save.isPending} color={act === 'release' ? 'red.8' : undefined}>{t(act === 'release' ? 'locks.release' : 'action.save')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
