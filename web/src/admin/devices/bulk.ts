/** The same act on many devices, one request after another, so that a slip stops nothing and is named. */
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'

interface Failed { id: string, name: string, error: unknown }
export interface BulkState { done: number, total: number, failed: Failed[], running: boolean }

export function useBulk<T extends { id: string, name: string }> (act: (item: T) => Promise<unknown>, onDone: (state: BulkState) => void) {
  const client = useQueryClient()
  const [state, setState] = useState<BulkState | null>(null)
  const stop = useRef(false)
  const run = async (items: readonly T[]) => {
    stop.current = false
    const failed: Failed[] = []
    let done = 0
    setState({ done, total: items.length, failed, running: true })
    for (const item of items) {
      if (stop.current) break
      try { await act(item) } catch (error) { failed.push({ id: item.id, name: item.name, error }) }
      done++
      setState({ done, total: items.length, failed: [...failed], running: true })
    }
    const end = { done, total: items.length, failed, running: false }
    setState(end)
    await Promise.all(['devices', 'sites', 'camera-groups'].map(key => client.invalidateQueries({ queryKey: [key] })))
    onDone(end)
  }
  return { state, run, stop: () => { stop.current = true }, clear: () => setState(null) }
}
