/** How far an absence has been filled from the camera's card, in words. */
import type { TFunction } from 'i18next'
import type { GapRefill } from '../../../../server/contract/recording.js'

export function refillWords (t: TFunction, refill: GapRefill, clock: (at: number) => string): string {
  const why = refill.reason ? t(`refill.reason.${refill.reason}`) : ''
  switch (refill.status) {
    case 'running': return t('refill.running', { percent: refill.percent })
    case 'waiting': return refill.reason && refill.nextAt !== null ? t('refill.again', { why, time: clock(refill.nextAt) }) : t('refill.waiting')
    case 'done': return why
    case 'failed': return t('refill.failed', { why })
  }
}
