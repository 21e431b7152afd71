/** The first administrator, by the one-time link that the server printed. */
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SetupRequest } from '../../../server/contract/people.js'
import { ApiError, api } from '../api.js'
import { currentLanguage } from '../i18n/index.js'
import { meQuery, setupQuery } from '../queries.js'
import { ErrorPanel, LoadingRows } from '../ui/feedback.js'
import { fieldErrors } from '../ui/form.js'
import { Front } from './front.js'
import { passwordFault, refusedPassword, tokenOf } from './password.js'

export function Setup () {
  const { t } = useTranslation()
  const state = useQuery(setupQuery)
  const token = tokenOf(location.hash)
  if (state.data?.needed === false) return <Front title={t('setup.done')} intro={t('setup.doneHint')}><Button component={Link} to='/sign-in'>{t('signIn.submit')}</Button></Front>
  if (!token) return <Front title={t('setup.noToken')}><Text size='sm'>{t('setup.noTokenHint')}</Text></Front>
  return (
    <Front title={t('setup.title')} intro={t('setup.intro')}>
      {state.isPending ? <LoadingRows rows={4} /> : state.isError ? <ErrorPanel error={state.error} onRetry={() => { void state.refetch() }} /> : <SetupForm token={token} />}
    </Front>
  )
}

function SetupForm ({ token }: { token: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form, setForm] = useState({ login: '', displayName: '', password: '', repeat: '' })
  const [fault, setFault] = useState<string | null>(null)
  const create = useMutation({
    mutationFn: (request: SetupRequest) => api.post('/setup', request),
    onSuccess: async () => {
      history.replaceState(null, '', location.pathname)
      const me = await client.fetchQuery({ ...meQuery, staleTime: 0 })
      await navigate({ to: me ? '/' : '/sign-in' })
    }
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = passwordFault(form.password, form.repeat)
    setFault(found)
    if (!found) create.mutate({ token, login: form.login, displayName: form.displayName, password: form.password, language: currentLanguage() })
  }
  const set = (name: keyof typeof form) => (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value })
  const { fields } = fieldErrors(create.error, ['login', 'displayName', 'password'])
  const refused = refusedPassword(create.error)
  const elsewhere = create.isError && !refused && (!(create.error instanceof ApiError) || Object.keys(fields).length === 0)
  return (
    <form onSubmit={submit}>
      <Stack gap='sm'>
        <TextInput label={t('setup.displayName')} value={form.displayName} onChange={set('displayName')} error={fields.displayName} autoComplete='name' required autoFocus maxLength={120} />
        <TextInput label={t('signIn.login')} value={form.login} onChange={set('login')} error={fields.login} autoComplete='username' autoCapitalize='none' spellCheck={false} required minLength={2} maxLength={64} pattern='[A-Za-z0-9._@+\-]+' />
        <PasswordInput label={t('signIn.password')} description={t('password.rule')} value={form.password} onChange={set('password')} error={fault ?? refused ?? fields.password} autoComplete='new-password' required maxLength={256} />
        <PasswordInput label={t('setup.repeat')} value={form.repeat} onChange={set('repeat')} autoComplete='new-password' required maxLength={256} />
        {elsewhere && <ErrorPanel error={create.error} />}
        <Button type='submit' loading={create.isPending}>{t('setup.submit')}</Button>
      </Stack>
    </form>
  )
}
