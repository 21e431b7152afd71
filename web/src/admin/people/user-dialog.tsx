import { Button, Checkbox, Group, Modal, MultiSelect, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../../server/contract/common.js'
import { type CameraGroup, type Invitation, type Role, roles, type User, type UserCreate } from '../../../../server/contract/people.js'
import { api } from '../../api.js'
import { languages } from '../../i18n/index.js'
import { meQuery } from '../../queries.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { formFaults } from '../faults.js'
import { keys } from '../queries.js'
import styles from '../admin.module.css'

interface Props { user: User | null, groups: CameraGroup[], onClose: () => void, onCreated: (created: { user: User, invitation: Invitation }) => void }
type Form = Required<UserCreate>
const empty: Form = { login: '', displayName: '', roles: ['operator'], allGroups: true, groupIds: [], language: 'uk' }
/** The same rule as the server's. */
const loginRule = /^[A-Za-z0-9._@+-]{2,64}$/

export function UserDialog ({ user, groups, onClose, onCreated }: Props) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [form, setForm] = useState<Form>(() => user ? { login: user.login, displayName: user.displayName, roles: user.roles, allGroups: user.allGroups, groupIds: user.groupIds, language: user.language } : empty)
  const [checked, setChecked] = useState(false)
  const set = (change: Partial<Form>) => setForm({ ...form, ...change })
  const save = useMutation({
    mutationFn: async ({ login, ...rest }: Form) => {
      const write = { ...rest, groupIds: rest.allGroups ? [] : rest.groupIds }
      if (user) { await api.patch(`/users/${user.id}`, write); told(t('users.saved')); onClose() } else onCreated(await api.post('/users', { login, ...write }))
    },
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: keys.users }), client.invalidateQueries({ queryKey: meQuery.queryKey })])
  })
  const own = {
    displayName: form.displayName.trim() === '' ? t('fault.required') : undefined, login: loginRule.test(form.login) ? undefined : t('users.loginRule'),
    roles: form.roles.length === 0 ? t('users.rolesRule') : undefined, groupIds: !form.allGroups && form.groupIds.length === 0 && groups.length > 0 ? t('users.groupsRule') : undefined
  }
  const { fields, other } = formFaults(save.error, ['login', 'displayName', 'roles', 'groupIds'])
  const fault = (name: keyof typeof own) => (checked ? own[name] : undefined) ?? fields[name]
  const submit = (event: FormEvent) => { event.preventDefault(); setChecked(true); if (Object.values(own).every(f => f === undefined)) save.mutate({ ...form, displayName: form.displayName.trim() }) }
  return (
    <Modal opened onClose={onClose} title={user ? t('users.edit') : t('users.add')} size='lg'>
      <form onSubmit={submit} noValidate>
        <Stack gap='md'>
          <div className={styles.fields}>
            <TextInput data-autofocus label={t('setup.displayName')} value={form.displayName} onChange={e => set({ displayName: e.currentTarget.value })} error={fault('displayName')} required maxLength={120} autoComplete='off' />
            <TextInput label={t('signIn.login')} value={form.login} onChange={e => set({ login: e.currentTarget.value })} error={fault('login')} required maxLength={64} autoComplete='off' autoCapitalize='none' spellCheck={false} disabled={user !== null} />
          </div>
          <Checkbox.Group label={t('account.roles')} value={form.roles} onChange={value => set({ roles: value as Role[] })} error={fault('roles')}>
            <div className={styles.fields} style={{ gap: '8px 16px', marginTop: 6 }}>{roles.map(role => <Checkbox key={role} value={role} label={t(`role.${role}`)} description={t(`roleHint.${role}`)} />)}</div>
          </Checkbox.Group>
          <Stack gap={6}>
            <Text size='sm' fw={500}>{t('users.cameras')}</Text>
            <SegmentedControl aria-label={t('users.cameras')} value={form.allGroups ? 'all' : 'some'} onChange={v => set({ allGroups: v === 'all' })} data={[{ value: 'all', label: t('users.allCameras') }, { value: 'some', label: t('users.someCameras') }]} />
            {!form.allGroups && <MultiSelect aria-label={t('account.groups')} placeholder={form.groupIds.length === 0 ? t('users.chooseGroups') : undefined} data={groups.map(g => ({ value: g.id, label: g.name }))} value={form.groupIds} onChange={groupIds => set({ groupIds })} error={fault('groupIds')} searchable clearable nothingFoundMessage={t('groups.none')} />}
          </Stack>
          <Select label={t('language.label')} data={languages.map(value => ({ value, label: t(`language.${value}`) }))} value={form.language} onChange={v => v && set({ language: v as Language })} allowDeselect={false} w={220} />
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{user ? t('action.save') : t('users.create')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
