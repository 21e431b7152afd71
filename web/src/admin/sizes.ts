import type { TFunction } from 'i18next'

/** Bytes in the unit that keeps them short; powers of 1024, as memory is counted. */
export function bytesText (t: TFunction, bytes: number) {
  if (bytes < 1024) return t('size.b', { value: bytes })
  if (bytes < 1024 ** 2) return t('size.kb', { value: Math.round(bytes / 1024) })
  if (bytes < 1024 ** 3) return t('size.mb', { value: Math.round(bytes / 1024 ** 2) })
  return bytes < 1024 ** 4 ? t('size.gb', { value: (bytes / 1024 ** 3).toFixed(1) }) : t('size.tb', { value: (bytes / 1024 ** 4).toFixed(1) })
}
