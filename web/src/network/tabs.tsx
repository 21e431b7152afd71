/** The screens of the network, beside each other. */
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import styles from './network.module.css'

export function NetworkTabs () {
  const { t } = useTranslation()
  return (
    <nav className={styles.tabs} aria-label={t('nav.network')}>
      <Link to='/network/plant' className={styles.tab} activeOptions={{ includeSearch: false }}>{t('plant.title')}</Link>
      <Link to='/network/otdr' className={styles.tab} activeOptions={{ includeSearch: false }}>{t('otdr.title')}</Link>
    </nav>
  )
}
