/** What a screen shows when there is nothing, not yet, or not any more; and the two ways to ask and to tell. */
import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconMoodEmpty } from '@tabler/icons-react'
import i18next from 'i18next'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api.js'

/** The fault in the reader's language; the server's English sentence stays as a detail. */
export function errorText (error: unknown) {
  return i18next.t(`error.${error instanceof ApiError ? error.kind : 'internal'}`)
}

export function ErrorPanel ({ error, onRetry, title }: { error: unknown, onRetry?: () => void, title?: string }) {
  const { t } = useTranslation()
  return (
    <Alert role='alert' variant='outline' color='gray' icon={<IconAlertTriangle />} title={title ?? t('error.title')}>
      <Stack gap='xs' align='flex-start'>
        <Text size='sm'>{errorText(error)}</Text>
        {error instanceof ApiError && error.status > 0 && <Text size='xs' className='quiet'>{t('error.details')}: {error.message}</Text>}
        {onRetry && <Button size='xs' variant='default' onClick={onRetry}>{t('action.retry')}</Button>}
      </Stack>
    </Alert>
  )
}

export function EmptyPanel ({ title, hint, action }: { title: string, hint?: string, action?: ReactNode }) {
  return (
    <Stack align='center' gap='xs' py='xl' px='md' ta='center'>
      <IconMoodEmpty size={36} stroke={1.2} color='var(--text-quiet)' aria-hidden />
      <Text fw={500}>{title}</Text>
      {hint && <Text size='sm' className='quiet' maw={420}>{hint}</Text>}
      {action}
    </Stack>
  )
}

export function LoadingRows ({ rows = 6, height = 34 }: { rows?: number, height?: number }) {
  const { t } = useTranslation()
  return (
    <Stack gap={8} aria-busy='true' aria-label={t('common.loading')} role='status'>
      {Array.from({ length: rows }, (_, i) => i).map(i => <Skeleton key={i} height={height} />)}
    </Stack>
  )
}

interface Asked { isPending: boolean, isError: boolean, error: unknown, refetch: () => unknown }
/** Loading, failed or there: every screen that reads over HTTP goes through this. */
export function Loaded<T> ({ query, rows, children }: { query: Asked & { data: T | undefined }, rows?: number, children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => { void query.refetch() }} />
  return <LoadingRows rows={rows} />
}

/** Asks before something that cannot be undone. */
export function confirm (ask: { title: string, text: ReactNode, action: string, danger?: boolean, onConfirm: () => void }) {
  modals.openConfirmModal({
    title: ask.title, children: <Text size='sm'>{ask.text}</Text>,
    labels: { confirm: ask.action, cancel: i18next.t('action.cancel') },
    confirmProps: ask.danger ? { color: 'red.8' } : {}, onConfirm: ask.onConfirm
  })
}
export const told = (message: string) => { notifications.show({ message, color: 'accent', autoClose: 3500 }) }
export const failed = (error: unknown) => { notifications.show({ title: i18next.t('error.title'), message: errorText(error), color: 'red.8', autoClose: 8000 }) }

/** A page's heading with its actions; wraps on a phone. */
export function PageHead ({ title, children }: { title: ReactNode, children?: ReactNode }) {
  return (
    <Group justify='space-between' gap='sm' wrap='wrap' mb='md'>
      <Text component='h1' fz={22} fw={600} m={0} style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{title}</Text>
      {children && <Group gap='xs' wrap='wrap'>{children}</Group>}
    </Group>
  )
}
export function Panel ({ title, children, aside }: { title?: ReactNode, children: ReactNode, aside?: ReactNode }) {
  return (
    <section style={{ background: 'var(--panel)', border: '1px solid var(--line)', borderRadius: 6, padding: 14, minWidth: 0 }}>
      {title && <Group justify='space-between' mb={10} gap='xs'><Text component='h2' fz={15} fw={600} m={0}>{title}</Text>{aside}</Group>}
      {children}
    </section>
  )
}
