/** What a test found, named in the reader's language. */
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { TestStep } from '../../../../server/contract/agent-link.js'
import { uk } from '../../i18n/uk/index.js'
import styles from '../admin.module.css'

type Facts = NonNullable<TestStep['facts']>
const named = (key: string): key is keyof typeof uk.fact => Object.hasOwn(uk.fact, key)
/** Null for a code that these screens do not know. */
export const failureText = (t: TFunction, code: string) => Object.hasOwn(uk.failure, code) ? t(`failure.${code as keyof typeof uk.failure}`) : null

/** Facts that repeat what the form says are left out. */
const dull = new Set(['address', 'port', 'onvifPort', 'rtspPort', 'source'])

export function FactList ({ facts }: { facts: Facts }) {
  const { t } = useTranslation()
  const shown = Object.entries(facts).filter(([key, value]) => !dull.has(key) && value !== null && value !== '')
  if (shown.length === 0) return null
  const text = (value: Facts[string]) => value === true ? t('common.yes') : value === false ? t('common.no') : String(value)
  return <dl className={styles.pairs}>{shown.map(([key, value]) => <div key={key} style={{ display: 'contents' }}><dt>{named(key) ? t(`fact.${key}`) : key}</dt><dd>{text(value)}</dd></div>)}</dl>
}
