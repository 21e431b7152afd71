/** WS-Security UsernameToken with a password digest (OASIS WSS UsernameToken Profile 1.0, as ONVIF Core section 5.9.1 asks). */
import { createHash, randomBytes } from 'node:crypto'
import type { Login } from '../digest/authorizer.js'
import { escapeXml } from './xml.js'

const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'
const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'
const profile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest'
const base64 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary'

/** Base64(SHA-1(nonce + created + password)), the password in UTF-8. */
export const passwordDigest = (nonce: Buffer, created: string, password: string) =>
  createHash('sha1').update(nonce).update(created, 'utf8').update(password, 'utf8').digest('base64')

/** `createdMs` must be the device's own idea of now: devices refuse tokens outside a window of some seconds. */
export function usernameToken (login: Login, createdMs: number, nonce = randomBytes(20)): string {
  const created = new Date(createdMs).toISOString()
  return `<wsse:Security xmlns:wsse="${wsse}" xmlns:wsu="${wsu}" s:mustUnderstand="1"><wsse:UsernameToken>` +
    `<wsse:Username>${escapeXml(login.username)}</wsse:Username>` +
    `<wsse:Password Type="${profile}">${passwordDigest(nonce, created, login.password)}</wsse:Password>` +
    `<wsse:Nonce EncodingType="${base64}">${nonce.toString('base64')}</wsse:Nonce>` +
    `<wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`
}
