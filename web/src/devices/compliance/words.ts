/** A check's result in words: what was measured, what was wanted, why. */
import i18next from 'i18next'
import type { ComplianceCheck, ComplianceResult } from '../../../../server/contract/compliance.js'
import { pictureFaults } from '../../../../server/contract/health.js'
import { gapCauses } from '../../../../server/contract/recording.js'
import { serverNow } from '../../live-socket.js'
import { fullTime, spanText } from '../../time.js'
import { bitRate, frameRate, millis, plain, shareText } from '../units.js'

const DAY_MS = 86_400_000
type Value = NonNullable<ComplianceResult['measured']>

const ofCodes = (value: string) => value.split(',').map(code => {
  const fault = pictureFaults.find(f => f === code)
  const gap = gapCauses.find(g => g === code)
  return fault ? i18next.t(`failure.picture_${fault}`) : gap ? i18next.t(`gapCause.${gap}`) : code
}).join(', ')
const signed = (ms: number) => (ms > 0 ? '+' : '') + millis(ms)

/** With its unit. */
function valueText (check: ComplianceCheck, value: Value, wanted = false): string {
  if (typeof value === 'string') return check === 'picture' || check === 'recording' ? ofCodes(value) : value
  switch (check) {
    case 'fps': return frameRate(value)
    case 'bitrate': return bitRate(value)
    case 'key_frames': return millis(value)
    case 'clock': return wanted ? `≤ ${millis(value)}` : signed(value)
    case 'loss': case 'recording': return shareText(value)
    case 'certificate': return wanted ? `≥ ${i18next.t('time.days', { count: value })}` : value > serverNow() ? spanText(value - serverNow()) : fullTime(value)
    default: return plain(value)
  }
}
const atMost: readonly ComplianceCheck[] = ['bitrate', 'key_frames', 'loss', 'reconnects', 'recording']
const wantedText = (check: ComplianceCheck, value: Value) => (atMost.includes(check) ? '≤ ' : '') + valueText(check, value, true)

/** For a cell of the table, where it is not as it should be: as short as it can be. */
export function shortText (check: ComplianceCheck, { status, measured }: ComplianceResult): string {
  if (status !== 'fail' || typeof measured !== 'number') return ''
  switch (check) {
    case 'fps': return plain(Math.round(measured * 10) / 10)
    case 'key_frames': return millis(Math.round(measured / 100) * 100)
    case 'certificate': return measured > serverNow() ? i18next.t('time.days', { count: Math.floor((measured - serverNow()) / DAY_MS) }) : ''
    case 'bitrate': return ''
    default: return valueText(check, measured)
  }
}

/** "21 frames/s, should be 25 frames/s: less than it should be, for 3 h". */
export function sentence (check: ComplianceCheck, { status, reason, measured, wanted, profile, since }: ComplianceResult): string {
  const parts = [
    measured === null ? '' : valueText(check, measured) + (profile ? ` (${i18next.t(profile === 'main' ? 'device.mainStream' : 'device.subStream')})` : ''),
    wanted === null || (status !== 'fail' && status !== 'pass') ? '' : i18next.t('compliance.wanted', { value: wantedText(check, wanted) })
  ].filter(Boolean).join(', ')
  const why = reason ? i18next.t(`complianceReason.${reason}`) : ''
  const text = [parts, why].filter(Boolean).join('; ') || i18next.t(`complianceStatus.${status}`)
  return status === 'fail' ? `${text}, ${i18next.t('compliance.since', { age: spanText(serverNow() - since) })}` : text
}
