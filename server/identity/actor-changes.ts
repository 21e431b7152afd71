/** Tells the holders of live sockets that what somebody may do has changed. */
export interface ActorChange {
  userId: string
  /** Null: every session of the user; otherwise the only one that ended. */
  sessionId: string | null
  /** The one session that goes on (the person changed the password in it). */
  exceptSessionId?: string
}
export type ActorListener = (change: ActorChange) => void

export interface ActorChanges {
  /** Called after the commit. A socket of the user drops; its client comes back with what it now may, or not at all. */
  listen (listener: ActorListener): () => void
  tell (change: ActorChange): void
}

export function createActorChanges (): ActorChanges {
  const listeners = new Set<ActorListener>()
  return {
    listen (listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell (change) { for (const listener of listeners) listener(change) }
  }
}
