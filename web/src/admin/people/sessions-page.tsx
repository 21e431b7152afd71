/** Who is signed in, from where; an administrator may end any session. */
import { Badge, Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Session } from '../../../../server/contract/people.js'
import { api } from '../../api.js'
import { browserName } from '../../session/browser-name.js'
import { fullTime, shortTime } from '../../time.js'
import { Ago } from '../../ui/age.js'
import { confirm, Loaded, PageHead, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { tellFault } from '../faults.js'
import { everySessionQuery, keys } from '../queries.js'

export function SessionsPage () {
  const { t } = useTranslation()
  const sessions = useQuery(everySessionQuery)
  return (
    <div className={styles.readable}>
      <PageHead title={t('administration.sessions')} />
      <Loaded query={sessions} rows={5}>
        {list => <ul className={`${styles.list} ${styles.rows}`} style={{ gap: 0 }}>{[...list].sort((a, b) => b.lastSeenAt - a.lastSeenAt).map(s => <SessionRow key={s.id} session={s} />)}</ul>}
      </Loaded>
    </div>
  )
}

function SessionRow ({ session: s }: { session: Session }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const end = useMutation({ mutationFn: () => api.delete(`/sessions/${s.id}`), onError: tellFault, onSuccess: () => { told(t('account.endedSession')); return client.invalidateQueries({ queryKey: keys.sessions }) } })
  const ask = () => confirm({ title: t('account.endSession'), text: t('sessions.endHint', { login: s.login }), action: t('account.endSession'), danger: true, onConfirm: () => end.mutate() })
  return (
    <li className={styles.row}>
      <div className={styles.grow} style={{ flexBasis: 240 }}>
        <Group gap={8}><span className={styles.itemName}>{s.login}</span>{s.current && <Badge variant='default' tt='none'>{t('account.thisSession')}</Badge>}</Group>
        <Text size='sm' className='quiet' title={s.userAgent}>{browserName(s.userAgent)} · <span className='numbers'>{s.ip}</span></Text>
        <Text size='sm' className='quiet' title={fullTime(s.expiresAt)}>{t('account.started')}: {shortTime(s.createdAt)} · {t('account.lastSeen')}: <Ago at={s.lastSeenAt} /></Text>
      </div>
      {!s.current && <Button size='xs' variant='default' loading={end.isPending} onClick={ask}>{t('account.endSession')}</Button>}
    </li>
  )
}
