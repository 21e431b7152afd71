/** Secrets of a device, written and never read: the inputs are empty whatever the server keeps. */
import { PasswordInput, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Credential } from '../../../../server/contract/inventory.js'
import styles from '../admin.module.css'
import type { AuthProtocol, CredentialDraft, PrivProtocol, SnmpLevel } from './draft.js'

interface Props { kind: Credential['kind'], value: CredentialDraft, change: (change: Partial<CredentialDraft>) => void, faults: Record<string, string>, required?: boolean }
const levels: SnmpLevel[] = ['authPriv', 'authNoPriv', 'noAuthNoPriv']
const authProtocols: Array<{ value: AuthProtocol, label: string }> = [['sha256', 'SHA-256'], ['sha384', 'SHA-384'], ['sha512', 'SHA-512'], ['sha224', 'SHA-224'], ['sha', 'SHA-1'], ['md5', 'MD5']].map(([value, label]) => ({ value: value as AuthProtocol, label: label! }))
const privProtocols: Array<{ value: PrivProtocol, label: string }> = [['aes', 'AES-128'], ['aes256b', 'AES-256 (Blumenthal)'], ['aes256r', 'AES-256 (Reeder)'], ['des', 'DES']].map(([value, label]) => ({ value: value as PrivProtocol, label: label! }))

export function CredentialFields ({ kind, value, change, faults, required }: Props) {
  const { t } = useTranslation()
  // `new-password` keeps browsers from offering the reader's own password to a camera.
  const secret = (name: 'password' | 'community' | 'authKey' | 'privKey', label: string, max: number, description?: string) => (
    <PasswordInput label={label} description={description} value={value[name]} onChange={e => change({ [name]: e.currentTarget.value })} error={faults[`credential.${name}`]} autoComplete='new-password' maxLength={max} required={required} />
  )
  const plain = (name: 'username' | 'user', label: string) => (
    <TextInput label={label} value={value[name]} onChange={e => change({ [name]: e.currentTarget.value })} error={faults[`credential.${name}`]} autoComplete='off' autoCapitalize='none' spellCheck={false} maxLength={64} required={required} />
  )
  return (
    <div className={styles.fields}>
      {faults.credential && <div className={styles.wide} role='alert'><span className={styles.fault}>{faults.credential}</span></div>}
      {kind === 'password' && <>{plain('username', t('credential.username'))}{secret('password', t('credential.password'), 256)}</>}
      {kind === 'community' && secret('community', t('credential.community'), 128)}
      {kind === 'snmpv3' && (
        <>
          {plain('user', t('credential.user'))}
          <Select label={t('credential.level')} data={levels.map(level => ({ value: level, label: t(`credential.levels.${level}`) }))} value={value.level} onChange={v => v && change({ level: v as SnmpLevel })} allowDeselect={false} />
          {value.level !== 'noAuthNoPriv' && <Select label={t('credential.authProtocol')} data={authProtocols} value={value.authProtocol} onChange={v => v && change({ authProtocol: v as AuthProtocol })} allowDeselect={false} />}
          {value.level !== 'noAuthNoPriv' && secret('authKey', t('credential.authKey'), 128)}
          {value.level === 'authPriv' && <Select label={t('credential.privProtocol')} data={privProtocols} value={value.privProtocol} onChange={v => v && change({ privProtocol: v as PrivProtocol })} allowDeselect={false} />}
          {value.level === 'authPriv' && secret('privKey', t('credential.privKey'), 128)}
        </>
      )}
    </div>
  )
}
