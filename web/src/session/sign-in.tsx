import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LoginRequest, Me } from '../../../server/contract/people.js'
import { ApiError, api } from '../api.js'
import { meQuery } from '../queries.js'
import { ErrorPanel } from '../ui/feedback.js'
import { Front } from './front.js'

/** Only a page of ours, and not this one. */
const wayBack = (to: string | undefined) => to?.startsWith('/') && !to.startsWith('//') && !to.startsWith('/sign-in') ? to : '/'

export function SignIn () {
  const { t } = useTranslation()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { to, ended } = useSearch({ strict: false }) as { to?: string, ended?: boolean }
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: (request: LoginRequest) => api.post<Me>('/session', request),
    onSuccess: async () => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 })
      await navigate({ to: wayBack(to) })
    },
    onError: () => setPassword('')
  })
  const wrong = signIn.error instanceof ApiError && ['unauthenticated', 'invalid'].includes(signIn.error.kind)
  const submit = (event: FormEvent) => { event.preventDefault(); signIn.mutate({ login, password }) }
  return (
    <Front title={t('signIn.title')} intro={ended ? t('signIn.ended') : undefined}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          <TextInput label={t('signIn.login')} value={login} onChange={e => setLogin(e.currentTarget.value)} autoComplete='username' autoCapitalize='none' spellCheck={false} required autoFocus size='md' />
          <PasswordInput label={t('signIn.password')} value={password} onChange={e => setPassword(e.currentTarget.value)} autoComplete='current-password' required size='md' error={wrong ? t('signIn.wrong') : undefined} />
          {signIn.isError && !wrong && <ErrorPanel error={signIn.error} />}
          <Button type='submit' size='md' loading={signIn.isPending} disabled={!login || !password}>{t('signIn.submit')}</Button>
          <Text size='sm' className='quiet'>{t('signIn.noAccount')}</Text>
        </Stack>
      </form>
    </Front>
  )
}
