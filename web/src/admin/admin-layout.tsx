/** The frame of the administration: its screens on the left, or in one list on a phone. */
import { Select } from '@mantine/core'
import { Link, Navigate, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMe } from '../session/me.js'
import { EmptyPanel } from '../ui/feedback.js'
import styles from './admin.module.css'
import { adminSections } from './sections.js'

export function AdminLayout () {
  const { t } = useTranslation()
  const { permissions } = useMe()
  const navigate = useNavigate()
  const path = useLocation({ select: l => l.pathname })
  const shown = adminSections.filter(s => permissions.includes(s.needs))
  const here = adminSections.find(s => path.startsWith(s.to))
  const allowed = here === undefined || shown.includes(here)
  return (
    <div className={styles.layout}>
      <nav className={styles.side} aria-label={t('administration.title')}>
        {shown.map(({ to, key, icon: Icon }) => (
          <Link key={to} to={to} className={styles.link} activeOptions={{ exact: false }}><Icon size={18} stroke={1.7} aria-hidden /><span className='ellipsis'>{t(`administration.${key}`)}</span></Link>
        ))}
      </nav>
      <Select className={styles.chooser} aria-label={t('administration.section')} allowDeselect={false} value={here?.to ?? null} placeholder={t('administration.section')}
        data={shown.map(({ to, key }) => ({ value: to, label: t(`administration.${key}`) }))} onChange={to => { if (to) void navigate({ to: to as (typeof adminSections)[number]['to'] }) }} />
      <div className={styles.content}>{allowed ? <Outlet /> : <EmptyPanel title={t('common.forbidden')} hint={t('common.forbiddenHint')} />}</div>
    </div>
  )
}

export function AdminIndex () {
  const { t } = useTranslation()
  const { permissions } = useMe()
  const first = adminSections.find(s => permissions.includes(s.needs))
  return first ? <Navigate to={first.to} replace /> : <EmptyPanel title={t('common.forbidden')} hint={t('common.forbiddenHint')} />
}
