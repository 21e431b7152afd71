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
  const joined = useWall(w => w.seq !== null)
  useEffect(() => { if (joined) document.querySelector<HTMLElement>('[data-alarm-list]')?.focus() }, [joined])
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
