/** Accounts: who may do what and sees which cameras; one-time links instead of passwords that an administrator knows. */
import { Badge, Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CameraGroup, Invitation, User } from '../../../../server/contract/people.js'
import { api } from '../../api.js'
import { groupsQuery } from '../../queries.js'
import { useMay, useMe } from '../../session/me.js'
import { fullTime } from '../../time.js'
import { Ago } from '../../ui/age.js'
import { confirm, Loaded, PageHead, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { tellFault } from '../faults.js'
import { OnceDialog } from '../once.js'
import { keys, usersQuery } from '../queries.js'
import { UserDialog } from './user-dialog.js'

interface ShownLink { user: User, invitation: Invitation, isNew: boolean }

export function UsersPage () {
  const { t } = useTranslation()
  const users = useQuery(usersQuery)
  const groups = useQuery({ ...groupsQuery, enabled: useMay('group.read') })
  const mayWrite = useMay('user.write')
  const [editing, setEditing] = useState<User | 'new' | null>(null)
  const [link, setLink] = useState<ShownLink | null>(null)
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.users')}>{mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>{t('users.add')}</Button>}</PageHead>
      <Loaded query={users} rows={5}>
        {list => (
          <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>
            {[...list].sort((a, b) => Number(a.disabledAt !== null) - Number(b.disabledAt !== null) || a.displayName.localeCompare(b.displayName, 'uk'))
              .map(u => <UserRow key={u.id} user={u} groups={groups.data ?? []} mayWrite={mayWrite} onEdit={() => setEditing(u)} onLink={invitation => setLink({ user: u, invitation, isNew: u.lastLoginAt === null })} />)}
          </ul>
        )}
      </Loaded>
      {editing && <UserDialog user={editing === 'new' ? null : editing} groups={groups.data ?? []} onClose={() => setEditing(null)} onCreated={created => { setEditing(null); setLink({ ...created, isNew: true }) }} />}
      {link && <OnceDialog title={t(link.isNew ? 'users.invitation' : 'users.reset')} hint={t(link.isNew ? 'users.invitationHint' : 'users.resetLinkHint', { name: link.user.displayName, login: link.user.login })} expiresAt={link.invitation.expiresAt} blocks={[{ label: t('users.link'), text: link.invitation.url }]} onClose={() => setLink(null)} />}
    </div>
  )
}

function UserRow ({ user: u, groups, mayWrite, onEdit, onLink }: { user: User, groups: CameraGroup[], mayWrite: boolean, onEdit: () => void, onLink: (invitation: Invitation) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const me = useMe()
  const changed = () => client.invalidateQueries({ queryKey: keys.users })
  const disable = useMutation({ mutationFn: (disabled: boolean) => api.patch(`/users/${u.id}`, { disabled }), onError: tellFault, onSuccess: (_, disabled) => { told(t(disabled ? 'users.disabledTold' : 'users.enabledTold', { name: u.displayName })); return changed() } })
  const invite = useMutation({ mutationFn: () => api.post<Invitation>(`/users/${u.id}/invitation`), onError: tellFault, onSuccess: invitation => { onLink(invitation); return changed() } })
  const askDisable = () => confirm({ title: t('users.disable'), text: t('users.disableHint', { name: u.displayName }), action: t('users.disable'), danger: true, onConfirm: () => disable.mutate(true) })
  const askReset = () => confirm({ title: t('users.reset'), text: t('users.resetHint', { name: u.displayName }), action: t('users.makeLink'), onConfirm: () => invite.mutate() })
  const names = u.groupIds.map(id => groups.find(g => g.id === id)?.name).filter(Boolean).join(', ')
  return (
    <li className={styles.row} data-user={u.login} style={u.disabledAt === null ? undefined : { opacity: 0.65 }}>
      <div className={styles.grow} style={{ flexBasis: 280 }}>
        <Group gap={8}><span className={styles.itemName}>{u.displayName}</span><span className='quiet'>{u.login}</span>{u.disabledAt !== null && <Badge variant='default' tt='none'>{t('users.disabled')}</Badge>}</Group>
        <div className={styles.chips} style={{ margin: '4px 0' }}>{u.roles.map(r => <Badge key={r} variant='default' tt='none' fw={500}>{t(`role.${r}`)}</Badge>)}</div>
        <Text size='sm' className='quiet'>
          {t('account.groups')}: {u.allGroups ? t('account.allGroups') : names || t('common.none')} · {u.lastLoginAt === null ? t('users.neverSignedIn') : <span title={fullTime(u.lastLoginAt)}>{t('users.lastSignedIn')} <Ago at={u.lastLoginAt} /></span>}
        </Text>
      </div>
      {mayWrite && (
        <Group gap={6}>
          <Button size='xs' variant='default' onClick={onEdit}>{t('action.edit')}</Button>
          {u.disabledAt === null && u.id !== me.user.id && <Button size='xs' variant='default' loading={invite.isPending} onClick={u.lastLoginAt === null ? () => invite.mutate() : askReset}>{u.lastLoginAt === null ? t('users.newInvitation') : t('users.reset')}</Button>}
          {u.id !== me.user.id && (u.disabledAt === null ? <Button size='xs' variant='subtle' color='gray' onClick={askDisable}>{t('users.disable')}</Button> : <Button size='xs' variant='default' onClick={() => disable.mutate(false)}>{t('users.enable')}</Button>)}
        </Group>
      )}
    </li>
  )
}
