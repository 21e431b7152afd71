import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Loaded, Panel } from '../../ui/feedback.js'
import { CheckList } from './check-list.js'
import { cameraComplianceQuery } from './data.js'

/** On the camera's own page. */
export function CompliancePanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const query = useQuery(cameraComplianceQuery(deviceId))
  return <Panel title={t('compliance.details')}><Loaded query={query} rows={5}>{camera => <CheckList camera={camera} folded />}</Loaded></Panel>
}
