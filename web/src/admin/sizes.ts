import type { TFunction } from 'i18next'
import { decimals } from '../ui/numbers.js'

/** Bytes in the unit that keeps them short; powers of 1024, as memory is counted. */
export function bytesText (t: TFunction, bytes: number) {
  if (bytes < 1024) return t('size.b', { value: bytes })
  if (bytes < 1024 ** 2) return t('size.kb', { value: Math.round(bytes / 1024) })
  if (bytes < 1024 ** 3) return t('size.mb', { value: Math.round(bytes / 1024 ** 2) })
  return bytes < 1024 ** 4 ? t('size.gb', { value: decimals(bytes / 1024 ** 3, 1) }) : t('size.tb', { value: decimals(bytes / 1024 ** 4, 1) })
}
