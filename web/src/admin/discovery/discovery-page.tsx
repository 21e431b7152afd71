/** Searching allowed ranges for devices; what is found is only ever suggested. */
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Loaded, PageHead, Panel } from '../../ui/feedback.js'
import { agentsQuery, rangesQuery } from '../queries.js'
import styles from '../admin.module.css'
import { Ranges } from './ranges.js'
import { SearchPanel } from './search-panel.js'
import { Suggestions } from './suggestions.js'

export function DiscoveryPage () {
  const { t } = useTranslation()
  const ranges = useQuery(rangesQuery)
  const agents = useQuery(agentsQuery)
  return (
    <Stack gap='md' className={styles.readable}>
      <PageHead title={t('administration.discovery')} />
      <Text size='sm' className='quiet' mt={-12}>{t('discovery.intro')}</Text>
      <Panel title={t('discovery.ranges')}>
        <Loaded query={ranges} rows={2}>{list => <Loaded query={agents} rows={2}>{all => <Ranges ranges={list} agents={all} />}</Loaded>}</Loaded>
      </Panel>
      {ranges.data && ranges.data.length > 0 && agents.data && <Panel title={t('discovery.search')}><SearchPanel ranges={ranges.data} agents={agents.data} /></Panel>}
      <Panel title={t('discovery.suggestions')}><Suggestions agents={agents.data ?? []} /></Panel>
    </Stack>
  )
}
