/** The frame around every screen of a signed-in person: navigation, alarms, connection, account. */
import { ActionIcon, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { IconUser } from '@tabler/icons-react'
import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { severities } from '../../../server/contract/health.js'
import type { Me } from '../../../server/contract/people.js'
import { whenSignedOut } from '../api.js'
import { AlarmSound } from '../alarms/sound-control.js'
import { chooseLanguage } from '../i18n/index.js'
import { startLive, stopLive, useLive, useWall } from '../live-socket.js'
import { meQuery, queryClient } from '../queries.js'
import { MeContext } from '../session/me.js'
import { clockText, setTimeZone, useNow } from '../time.js'
import { EmptyPanel, ErrorPanel, LoadingRows } from '../ui/feedback.js'
import { ConnectionBar, ConnectionMark } from './connection.js'
import { GlobalKeys } from './global-keys.js'
import { sections } from './sections.js'
import styles from './shell.module.css'

/** Between attempts to learn who is signed in, ms. */
const RETRY_MS = 5000
/** Between two questions whether the session still stands, ms. */
const ASK_MS = 3000

export function Shell () {
  // A wall that starts before its server does must not wait for somebody to press a button.
  // Who has no live feed, which tells of an ended session, asks.
  const me = useQuery({ ...meQuery, refetchInterval: ({ state: { data, status } }) => data ? data.permissions.includes('wall.read') ? false : ASK_MS : data === undefined && status === 'error' ? RETRY_MS : false })
  const wasSignedIn = useRef(false)
  const navigate = useNavigate()
  const path = useLocation({ select: l => l.pathname })
  const signedOut = me.data === null
  useEffect(() => {
    // While the sign-in page loads, this frame still stands and sees its address.
    if (signedOut && path !== '/sign-in') void navigate({ to: '/sign-in', search: { ...(path === '/' ? {} : { to: path }), ...(wasSignedIn.current ? { ended: true } : {}) }, replace: true })
  }, [signedOut, navigate, path])
  useEffect(() => { if (me.data) wasSignedIn.current = true }, [me.data])
  if (me.data) return <SignedIn me={me.data} />
  return <div style={{ padding: 24, maxWidth: 560, margin: 'auto' }}>{me.isError ? <ErrorPanel error={me.error} onRetry={() => { void me.refetch() }} /> : <LoadingRows />}</div>
}

function SignedIn ({ me }: { me: Me }) {
  const { t } = useTranslation()
  const wholePage = useLocation({ select: l => l.pathname === '/' || l.pathname === '/playback' })
  const ended = useLive(l => l.connection.status === 'signed_out')
  const { language } = me.user
  const mayWatch = me.permissions.includes('wall.read')
  setTimeZone(me.centre.timeZone)
  useEffect(() => { chooseLanguage(language) }, [language])
  useEffect(() => {
    whenSignedOut(() => queryClient.setQueryData(meQuery.queryKey, null))
    if (mayWatch) startLive()
    return () => { stopLive(); whenSignedOut(() => {}) }
  }, [mayWatch])
  useEffect(() => { if (ended) void queryClient.invalidateQueries({ queryKey: meQuery.queryKey }) }, [ended])
  const shown = sections.filter(s => s.needs.some((p: string) => me.permissions.includes(p)))
  return (
    <MeContext value={me}>
      <div className={styles.frame}>
        <a className={styles.skip} href='#content'>{t('nav.skip')}</a>
        <header className={styles.top}>
          <Text className={styles.brand} title={me.centre.name}>{t('app.name')}</Text>
          <nav className={styles.nav} aria-label={t('nav.main')}><Links shown={shown} /></nav>
          <span className={styles.space} />
          <div className={styles.side}>
            {mayWatch && <ConnectionMark />}
            {me.permissions.includes('alarm.read') && <AlarmSound />}
            <Clock />
            <ActionIcon component={Link} to='/account' variant='subtle' color='gray' size='lg' aria-label={`${t('nav.account')}: ${me.user.displayName}`} title={me.user.displayName}><IconUser size={20} /></ActionIcon>
          </div>
        </header>
        <ConnectionBar />
        <main id='content' className={styles.main} data-flush={wholePage || undefined} tabIndex={-1}><Permitted shown={shown} /></main>
        <nav className={styles.bottom} aria-label={t('nav.main')}><Links shown={shown} /></nav>
        <GlobalKeys />
      </div>
    </MeContext>
  )
}

/** The screens of a section that is not shown to this person would only load for ever. */
function Permitted ({ shown }: { shown: ReadonlyArray<(typeof sections)[number]> }) {
  const { t } = useTranslation()
  const path = useLocation({ select: l => l.pathname })
  const section = sections.find(s => s.to === '/' ? path === '/' : path === s.to || path.startsWith(`${s.to}/`))
  if (!section || shown.includes(section)) return <Outlet />
  if (path === '/') return <Navigate to={shown[0]?.to ?? '/account'} replace />
  return <EmptyPanel title={t('common.forbidden')} hint={t('common.forbiddenHint')} />
}

function Clock () {
  return <span className={styles.clock}>{clockText(useNow())}</span>
}

function Links ({ shown }: { shown: ReadonlyArray<(typeof sections)[number]> }) {
  const { t } = useTranslation()
  return shown.map(({ to, key, icon: Icon }) => (
    <Link key={to} to={to} className={styles.link} activeOptions={{ exact: to === '/' }}>
      <Icon size={19} stroke={1.7} aria-hidden /><span className='ellipsis'>{t(`nav.${key}`)}</span>{key === 'alarms' && <AlarmBadge />}
    </Link>
  ))
}

/** How many alarms wait for a person, in the colour of the worst of them. */
function AlarmBadge () {
  const { t } = useTranslation()
  const alarms = useWall(w => w.alarms)
  const waiting = useMemo(() => [...alarms.values()].filter(a => a.acknowledgedAt === null), [alarms])
  if (waiting.length === 0) return null
  const worst = severities.find(s => waiting.some(a => a.severity === s))
  return <span className={styles.badge} data-severity={worst} role='status' aria-label={t('alarms.unacknowledged', { count: waiting.length })}>{waiting.length}</span>
}
