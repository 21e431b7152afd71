/** Numbers with their units, in the reader's language. */
import i18next from 'i18next'
import { decimals, rounded } from '../ui/numbers.js'


export function bitRate (bps: number) {
  if (bps >= 1e9) return i18next.t('unit.gbps', { value: rounded(bps / 1e9) })
  if (bps >= 1e6) return i18next.t('unit.mbps', { value: rounded(bps / 1e6) })
  if (bps >= 1e3) return i18next.t('unit.kbps', { value: rounded(bps / 1e3, 0) })
  return i18next.t('unit.bps', { value: rounded(bps, 0) })
}
export const millis = (ms: number) => Math.abs(ms) >= 10_000 ? i18next.t('unit.s', { value: rounded(ms / 1000) }) : i18next.t('unit.ms', { value: rounded(ms, Math.abs(ms) < 10 ? 1 : 0) })
export const frameRate = (fps: number) => i18next.t('unit.fps', { value: rounded(fps) })
export const plain = (value: number) => rounded(value, 2)
/** A true minus, which does not break from its number. */
export const dbm = (value: number) => i18next.t('unit.dbm', { value: decimals(value, 1).replace('-', '−') })
export const nanometres = (value: number) => i18next.t('unit.nm', { value: Math.round(value) })
export const milliamperes = (value: number) => i18next.t('unit.ma', { value: rounded(value) })
export const celsius = (value: number) => i18next.t('unit.celsius', { value: rounded(value) })
export const volts = (value: number) => i18next.t('unit.volts', { value: rounded(value, 2) })
export const watts = (value: number) => i18next.t('unit.watts', { value: rounded(value) })
export const percent = (value: number) => i18next.t('unit.percent', { value: rounded(value, 0) })
export const rpm = (value: number) => i18next.t('unit.rpm', { value: rounded(value, 0) })
/** Text for a value that may not be known. */
export const orDash = <T>(value: T | null | undefined, text: (value: T) => string) => value === null || value === undefined ? '—' : text(value)
/** Of a share from 0 to 1. */
export const shareText = (share: number) => `${rounded(share * 100, share < 0.01 ? 3 : 1)} %`
