import { Badge, Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../server/contract/common.js'
import type { Session } from '../../../server/contract/people.js'
import { ApiError, api } from '../api.js'
import { sessionsQuery } from '../queries.js'
import { shortTime, timeZone } from '../time.js'
import { Ago } from '../ui/age.js'
import { confirm, ErrorPanel, failed, Loaded, PageHead, Panel, told } from '../ui/feedback.js'
import { browserName } from './browser-name.js'
import { LanguageSwitch } from './front.js'
import { useMe } from './me.js'
import { passwordFault, refusedPassword } from './password.js'
import { useSignOut } from './sign-out.js'

export function Account () {
  const { t } = useTranslation()
  const { user } = useMe()
  const signOut = useSignOut()
  const remember = (language: Language) => { api.put('/me/preferences', { language }).catch(failed) }
  return (
    <Stack gap='md' maw={860} mx='auto'>
      <PageHead title={user.displayName}><Button variant='default' onClick={signOut}>{t('account.signOut')}</Button></PageHead>
      <Panel>
        <Stack gap='sm'>
          <Text size='sm' className='quiet'>{t('signIn.login')}: {user.login}</Text>
          <Group gap={6}><Text size='sm' className='quiet'>{t('account.roles')}:</Text>{user.roles.map(r => <Badge key={r} variant='default' tt='none'>{t(`role.${r}`)}</Badge>)}</Group>
          <Text size='sm' className='quiet'>{t('account.groups')}: {user.allGroups ? t('account.allGroups') : t('account.groupCount', { count: user.groupIds.length })}</Text>
          <Text size='sm' className='quiet'>{t('time.zone', { zone: timeZone() })}</Text>
          <LanguageSwitch onChange={remember} />
        </Stack>
      </Panel>
      <Panel title={t('account.changePassword')}><PasswordForm /></Panel>
      <Panel title={t('account.sessions')}><Sessions /></Panel>
    </Stack>
  )
}

function PasswordForm () {
  const { t } = useTranslation()
  const [form, setForm] = useState({ current: '', next: '', repeat: '' })
  const [fault, setFault] = useState<string | null>(null)
  const change = useMutation({
    mutationFn: () => api.put('/me/password', { current: form.current, next: form.next }),
    onSuccess: () => { setForm({ current: '', next: '', repeat: '' }); told(t('account.changed')) }
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = passwordFault(form.next, form.repeat)
    setFault(found)
    if (!found) change.mutate()
  }
  const refused = refusedPassword(change.error)
  const wrong = change.error instanceof ApiError && (change.error.kind === 'forbidden' || change.error.code.includes('current') || change.error.code.includes('wrong_password'))
  const field = (name: keyof typeof form, label: string, error: string | null, complete: string) => (
    <PasswordInput label={label} value={form[name]} onChange={e => setForm({ ...form, [name]: e.currentTarget.value })} error={error} autoComplete={complete} required maxLength={256} />
  )
  return (
    <form onSubmit={submit}>
      <Stack gap='sm' maw={420}>
        {field('current', t('account.current'), wrong ? t('password.wrong') : null, 'current-password')}
        {field('next', t('account.next'), fault ?? (wrong ? null : refused), 'new-password')}
        {field('repeat', t('setup.repeat'), null, 'new-password')}
        <Text size='xs' className='quiet'>{t('password.rule')}</Text>
        {change.isError && !refused && !wrong && <ErrorPanel error={change.error} />}
        <Button type='submit' loading={change.isPending} style={{ alignSelf: 'flex-start' }}>{t('account.changePassword')}</Button>
      </Stack>
    </form>
  )
}

function Sessions () {
  const sessions = useQuery(sessionsQuery)
  return <Loaded query={sessions} rows={3}>{list => <Stack gap={0}>{list.map(s => <SessionRow key={s.id} session={s} />)}</Stack>}</Loaded>
}

function SessionRow ({ session }: { session: Session }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: () => api.delete(`/sessions/${session.id}`), onError: failed,
    onSuccess: () => { told(t('account.endedSession')); return client.invalidateQueries({ queryKey: sessionsQuery.queryKey }) }
  })
  const ask = () => confirm({ title: t('account.endSession'), text: t('account.endSessionConfirm'), action: t('account.endSession'), danger: true, onConfirm: () => end.mutate() })
  return (
    <Group justify='space-between' py={8} gap='sm' style={{ borderTop: '1px solid var(--line)' }} wrap='nowrap'>
      <Stack gap={2} style={{ minWidth: 0 }}>
        <Text size='sm' className='ellipsis' title={session.userAgent}>{browserName(session.userAgent)} · {session.ip}</Text>
        <Text size='xs' className='quiet'>{t('account.started')}: {shortTime(session.createdAt)} · {t('account.lastSeen')}: <Ago at={session.lastSeenAt} /></Text>
      </Stack>
      {session.current ? <Badge variant='default' tt='none'>{t('account.thisSession')}</Badge> : <Button size='xs' variant='default' loading={end.isPending} onClick={ask}>{t('account.endSession')}</Button>}
    </Group>
  )
}
