import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { PtzView } from '../../../server/contract/ptz.js'
import { api } from '../api.js'
import { useMay } from '../session/me.js'
import { freshState, openPtz, type PtzConnection, type PtzState } from './connection.js'

const ptzQuery = (deviceId: string) => ({ queryKey: ['ptz', deviceId], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<PtzView>(`/devices/${deviceId}/ptz`, undefined, signal), staleTime: 60_000, retry: 1 })

/** What the camera's head can do; nothing for those who may not move it. */
export function usePtzView (deviceId: string) {
  const may = useMay('ptz.control')
  return useQuery({ ...ptzQuery(deviceId), enabled: may })
}

/** At the camera while the component is there. */
export function usePtz (deviceId: string): { state: PtzState, ptz: PtzConnection | null } {
  const client = useQueryClient()
  const [state, setState] = useState<PtzState>(freshState)
  const ptz = useRef<PtzConnection | null>(null)
  const [, made] = useState(0)
  useEffect(() => {
    const connection = openPtz(deviceId, { state: setState, changed: () => { void client.invalidateQueries({ queryKey: ['ptz', deviceId] }) } })
    ptz.current = connection
    made(n => n + 1)
    return () => {
      connection.close()
      ptz.current = null
      setState(freshState)
    }
  }, [deviceId, client])
  return { state, ptz: ptz.current }
}
