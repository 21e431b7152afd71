/** Who is signed in. Screens inside the shell may take it for granted. */
import { createContext, useContext } from 'react'
import type { Me } from '../../../server/contract/people.js'

export const MeContext = createContext<Me | null>(null)
export function useMe (): Me {
  const me = useContext(MeContext)
  if (!me) throw new Error('useMe outside the shell')
  return me
}
/** Hides what the server would refuse anyway; `permission` is a name from the authorization table. */
export const useMay = (permission: string) => useMe().permissions.includes(permission)
