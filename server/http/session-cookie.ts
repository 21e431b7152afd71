/** The session cookie. `__Host-` makes browsers refuse it from another host, path or plain HTTP. */
import { type CookieSerializeOptions, fastifyCookie } from '@fastify/cookie'

export interface CookieRules { name: string, options: CookieSerializeOptions }

export const cookieRules = (secure: boolean): CookieRules => ({
  name: secure ? '__Host-kalancha' : 'kalancha',
  options: { httpOnly: true, sameSite: 'strict', secure, path: '/' }
})

/** For sockets that do not pass through Fastify. */
export function tokenFromCookies (header: string | undefined, rules: CookieRules): string | null {
  return header ? fastifyCookie.parse(header)[rules.name] ?? null : null
}
