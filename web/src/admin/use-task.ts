/** Long work on the server: started, followed while it runs, cancelled by the person or by leaving the screen. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Task } from '../../../server/contract/agent-link.js'
import { api } from '../api.js'

/** Milliseconds between two looks at a running task. */
const LOOK_EVERY = 400

export type TaskOf<P, R> = Omit<Task, 'progress' | 'result'> & { progress: P, result: R | null }

export function useTask<P, R> () {
  const client = useQueryClient()
  const [id, setId] = useState<string | null>(null)
  const running = useRef<string | null>(null)
  const task = useQuery({
    queryKey: ['tasks', id], enabled: id !== null, staleTime: 0, gcTime: 60_000,
    queryFn: ({ signal }) => api.get<TaskOf<P, R>>(`/tasks/${id}`, {}, signal),
    refetchInterval: query => query.state.data?.status === 'running' ? LOOK_EVERY : false
  })
  const start = useMutation({
    mutationFn: ({ path, body }: { path: string, body: unknown }) => api.post<TaskOf<P, R>>(path, body),
    onSuccess: begun => { client.setQueryData(['tasks', begun.id], begun); running.current = begun.id; setId(begun.id) }
  })
  const cancel = useMutation({
    mutationFn: () => api.delete<TaskOf<P, R>>(`/tasks/${id}`), onSuccess: ended => { client.setQueryData(['tasks', ended.id], ended) }
  })
  const status = task.data?.status
  useEffect(() => { if (status !== undefined && status !== 'running') running.current = null }, [status])
  // Nobody reads the answer of a task whose screen is gone; its place among the few allowed at once is given back.
  useEffect(() => () => { if (running.current) api.delete(`/tasks/${running.current}`).catch(() => {}) }, [])
  return {
    task: id === null ? null : task.data ?? null,
    error: start.error ?? (id === null ? null : task.error),
    isRunning: start.isPending || status === 'running',
    start: (path: string, body: unknown = {}) => { setId(null); start.mutate({ path, body }) },
    cancel: () => cancel.mutate(),
    forget: () => { setId(null); start.reset() }
  }
}
