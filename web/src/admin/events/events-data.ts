/** Event rules over HTTP. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { EventRule, EventRuleWrite, RulePreview } from '../../../../server/contract/camera-events.js'
import { api } from '../../api.js'

export const rulesQuery = queryOptions({ queryKey: ['event-rules'], queryFn: ({ signal }) => api.get<EventRule[]>('/event-rules', {}, signal) })
/** Its name is not yet needed. */
export const previewQuery = (rule: EventRuleWrite, days: 7 | 30) => queryOptions({
  queryKey: ['event-rules', 'preview', days, { ...rule, name: '' }], enabled: rule.types.length > 0, placeholderData: keepPreviousData, staleTime: 60_000, retry: false,
  queryFn: () => api.post<RulePreview>('/event-rules/preview', { rule: { ...rule, name: rule.name.trim() || '-' }, days })
})
export const newRule: EventRuleWrite = { name: '', enabled: true, deviceIds: [], groupIds: [], types: ['line_crossed', 'field_intrusion'], schedule: [], minDurationS: 0, cooldownS: 60, clearAfterS: 60, severity: 'minor', record: false, bookmark: false }
/** Every night from 22 to 6: the evening of each day and the morning of the next. */
export const nights = [0, 1, 2, 3, 4, 5, 6].flatMap(day => [{ day, fromMin: 0, toMin: 360 }, { day, fromMin: 1320, toMin: 1440 }])
