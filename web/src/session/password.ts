import i18next from 'i18next'
import { ApiError } from '../api.js'

const MIN_PASSWORD = 12
/** What can be told before asking the server, which checks again and knows the common passwords. */
export function passwordFault (password: string, repeated?: string) {
  if ([...password].length < MIN_PASSWORD) return i18next.t('password.tooShort')
  if (repeated !== undefined && password !== repeated) return i18next.t('password.mismatch')
  return null
}
/** The server's reason for refusing a password, translated where it has a name; null when the fault lies elsewhere. */
export function refusedPassword (error: unknown) {
  if (!(error instanceof ApiError)) return null
  if (error.code.includes('common')) return i18next.t('password.too_common')
  if (error.code.includes('login') && error.code.includes('password')) return i18next.t('password.contains_login')
  if (error.code.includes('password') && (error.code.includes('short') || error.code.includes('length'))) return i18next.t('password.tooShort')
  return error.fields.find(f => /password|next/.test(f.field))?.message ?? null
}
/** The one-time token of a link: it travels after `#`, so that no server log ever holds it. */
export function tokenOf (hash: string) {
  const text = hash.replace(/^#/, '')
  const token = new URLSearchParams(text).get('token') ?? text
  return /^[\w.~-]{20,200}$/.test(token) ? token : null
}
