/** Numbers as the reader's language writes them. */
import { currentLanguage } from '../i18n/index.js'

const locale = () => currentLanguage() === 'uk' ? 'uk-UA' : 'en-GB'
/** With exactly so many digits behind the point. */
export const decimals = (value: number, digits: number) => new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
/** With at most so many. */
export const rounded = (value: number, digits = 1) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value)
