import { Tabs } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useWall } from '../live-socket.js'
import { PageHead } from '../ui/feedback.js'
import { AlarmHistory } from './history.js'
import { StandingAlarms } from './standing.js'

export function AlarmsPage () {
  const { t } = useTranslation()
  const count = useWall(w => w.alarms.size)
  // Whatever came last has the keys, unless somebody is busy with something else on this page.
  const any = count > 0
  useEffect(() => { if (any && (document.activeElement === document.body || document.activeElement === null)) document.querySelector<HTMLElement>('[data-alarm-list]')?.focus() }, [any])
  return (
    <div style={{ maxWidth: 1100, margin: '0 auto' }}>
      <PageHead title={t('alarms.title')} />
      <Tabs defaultValue='open' keepMounted={false}>
        <Tabs.List mb='md'><Tabs.Tab value='open'>{t('alarms.open')} ({count})</Tabs.Tab><Tabs.Tab value='history'>{t('alarms.history')}</Tabs.Tab></Tabs.List>
        <Tabs.Panel value='open'><StandingAlarms /></Tabs.Panel>
        <Tabs.Panel value='history'><AlarmHistory /></Tabs.Panel>
      </Tabs>
    </div>
  )
}
