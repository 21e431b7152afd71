/** A new user's first password, or a reset, by a one-time link. */
import { Button, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InvitationAccept } from '../../../server/contract/people.js'
import { api } from '../api.js'
import { ErrorPanel } from '../ui/feedback.js'
import { Front } from './front.js'
import { passwordFault, refusedPassword, tokenOf } from './password.js'

export function Invitation () {
  const { t } = useTranslation()
  const token = tokenOf(location.hash)
  const [password, setPassword] = useState('')
  const [repeat, setRepeat] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const accept = useMutation({
    mutationFn: (request: InvitationAccept) => api.post('/invitations/accept', request),
    onSuccess: () => history.replaceState(null, '', location.pathname)
  })
  if (accept.isSuccess) return <Front title={t('invitation.title')} intro={t('invitation.saved')}><Button component={Link} to='/sign-in'>{t('signIn.submit')}</Button></Front>
  if (!token) return <Front title={t('invitation.noToken')}><Text size='sm'>{t('invitation.noTokenHint')}</Text></Front>
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = passwordFault(password, repeat)
    setFault(found)
    if (!found) accept.mutate({ token, password })
  }
  const refused = refusedPassword(accept.error)
  return (
    <Front title={t('invitation.title')} intro={t('invitation.intro')}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          <PasswordInput label={t('account.next')} description={t('password.rule')} value={password} onChange={e => setPassword(e.currentTarget.value)} error={fault ?? refused} autoComplete='new-password' required autoFocus maxLength={256} />
          <PasswordInput label={t('setup.repeat')} value={repeat} onChange={e => setRepeat(e.currentTarget.value)} autoComplete='new-password' required maxLength={256} />
          {accept.isError && !refused && <ErrorPanel error={accept.error} />}
          <Button type='submit' loading={accept.isPending}>{t('invitation.submit')}</Button>
        </Stack>
      </form>
    </Front>
  )
}
