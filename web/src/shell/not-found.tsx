import { Button } from '@mantine/core'
import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EmptyPanel, ErrorPanel } from '../ui/feedback.js'

export function NotFound () {
  const { t } = useTranslation()
  return <EmptyPanel title={t('common.notFound')} hint={t('common.notFoundHint')} action={<Button component={Link} to='/'>{t('nav.wall')}</Button>} />
}
/** A screen that broke leaves the rest of the application standing. */
export function PageError ({ error }: ErrorComponentProps) {
  return <div style={{ padding: 16 }}><ErrorPanel error={error} onRetry={() => location.reload()} /></div>
}
