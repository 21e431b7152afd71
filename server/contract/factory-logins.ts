/**
 * Logins that cameras leave the factory with, as their makers' manuals print them. Both sides hold this list and speak of a login by its id, so
 * that no password crosses a wire or stands in a log.
 */
import Type from 'typebox'

export interface FactoryLogin {
  id: string
  username: string
  password: string
  /** Part of the maker's name as the camera tells it, lower case; absent: many makers. */
  maker?: string
}

/** The most usual first: only `MOST_TRIED` of them are ever tried at one camera. */
export const factoryLogins: readonly FactoryLogin[] = [
  { id: 'hikvision', username: 'admin', password: '12345', maker: 'hik' },
  { id: 'dahua', username: 'admin', password: 'admin', maker: 'dahua' },
  { id: 'dahua-888888', username: '888888', password: '888888', maker: 'dahua' },
  { id: 'axis', username: 'root', password: 'pass', maker: 'axis' },
  { id: 'uniview', username: 'admin', password: '123456', maker: 'uni' },
  { id: 'hanwha', username: 'admin', password: '4321', maker: 'hanwha' },
  { id: 'samsung', username: 'admin', password: '1111111', maker: 'samsung' },
  { id: 'bosch', username: 'service', password: 'service', maker: 'bosch' },
  { id: 'vivotek', username: 'root', password: '', maker: 'vivotek' },
  { id: 'mobotix', username: 'admin', password: 'meinsm', maker: 'mobotix' },
  { id: 'flir', username: 'admin', password: 'fliradmin', maker: 'flir' },
  { id: 'ubiquiti', username: 'ubnt', password: 'ubnt', maker: 'ubiquiti' },
  { id: 'grandstream', username: 'admin', password: 'admin', maker: 'grandstream' },
  { id: 'admin-admin', username: 'admin', password: 'admin' },
  { id: 'admin-12345', username: 'admin', password: '12345' },
  { id: 'admin-123456', username: 'admin', password: '123456' },
  { id: 'admin-empty', username: 'admin', password: '' },
  { id: 'root-pass', username: 'root', password: 'pass' },
  { id: 'admin-1234', username: 'admin', password: '1234' },
  { id: 'root-root', username: 'root', password: 'root' }
]

const MOST_TRIED = 8
export const FactoryLoginId = Type.Enum(factoryLogins.map(l => l.id))

/** What to try at a camera of this maker: its own first, then the usual ones; none twice. */
export function loginsFor (manufacturer: string): FactoryLogin[] {
  const maker = manufacturer.toLowerCase()
  const wanted = [...factoryLogins.filter(l => l.maker !== undefined && maker.includes(l.maker)), ...factoryLogins.filter(l => l.maker === undefined)]
  return wanted.filter((l, i) => wanted.findIndex(other => other.username === l.username && other.password === l.password) === i).slice(0, MOST_TRIED)
}
export const isFactoryPassword = (username: string, password: string) => factoryLogins.some(l => l.username === username && l.password === password)
