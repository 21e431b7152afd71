import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api.js'
import { stopLive } from '../live-socket.js'
import { meQuery } from '../queries.js'
import { failed } from '../ui/feedback.js'

/** Ends the session here and on the server, and forgets what was read under it. */
export function useSignOut () {
  const client = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    try {
      await api.delete('/session')
    } catch (error) { failed(error); return }
    // Away from the shell first, which would take this for a session that ended by itself.
    await navigate({ to: '/sign-in' })
    stopLive()
    client.clear()
    client.setQueryData(meQuery.queryKey, null)
  }
}
