/** Who has a socket with pictures of a camera open: cut when the session ends, the rights change or the camera leaves their groups. */
import { type Actor, seesCamera } from '../identity/actor.js'
import type { ActorListener } from '../identity/actor-changes.js'
import { allowed } from '../identity/permissions.js'
import type { App } from './route.js'

/** What is needed to know of a camera; null when there is none of this id. */
type CameraLookup = (deviceId: string) => Promise<{ name: string, groupId: string | null, agentId: string | null, enabled: boolean } | null>
export interface WatchersDeps {
  camera: CameraLookup
  /** From identity: whether a session still holds, and who changed. */
  sessions: { stillOpen (sessionId: string): Promise<boolean> }
  onActorChanged: (listener: ActorListener) => () => void
  /** From inventory: these devices were edited, moved or removed. */
  onDevicesChanged: (listener: (deviceIds: string[]) => void) => void
  /** What is hidden of a camera is another now: for everybody, or only for those from whom something is hidden. */
  onMasksChanged?: (listener: (deviceId: string, everybody: boolean) => void) => void
}
interface Watching { actor: Actor, cameraId: string, close: (code: number, reason: string) => void }
export interface Watchers { readonly count: number, add (watching: Watching): () => void }

/** Close codes of sockets with pictures (contract/media.ts). */
export const CLOSE = { signedOut: 4401, notFound: 4404, gone: 4410, agentAway: 4503, tooMany: 1013, again: 1012 } as const
const SESSION_CHECK_MS = 60_000

export function createWatchers (app: App, deps: WatchersDeps): Watchers {
  const all = new Set<Watching>()
  const stopListening = deps.onActorChanged(({ userId, sessionId, exceptSessionId }) => {
    for (const w of [...all]) {
      const meant = w.actor.userId === userId && (sessionId === null || w.actor.sessionId === sessionId) && w.actor.sessionId !== exceptSessionId
      if (meant) void recheck(w, true)
    }
  })
  deps.onDevicesChanged(ids => { for (const w of [...all]) if (ids.includes(w.cameraId)) void recheck(w, false) })
  deps.onMasksChanged?.((id, everybody) => { for (const w of [...all]) if (w.cameraId === id && (everybody || !allowed(w.actor.roles, 'mask.see_through'))) w.close(CLOSE.again, 'masks_changed') })
  const timer = setInterval(() => { for (const w of [...all]) void recheck(w, false) }, SESSION_CHECK_MS)
  app.addHook('onClose', async () => { clearInterval(timer); stopListening() })

  /** Signed out, or the camera left their groups: the door. Other rights: the browser asks again and gets what it may see now. */
  async function recheck (w: Watching, changed: boolean) {
    try {
      if (!await deps.sessions.stillOpen(w.actor.sessionId)) return w.close(CLOSE.signedOut, 'signed_out')
      const camera = await deps.camera(w.cameraId)
      if (camera && !seesCamera(w.actor, camera.groupId)) return w.close(CLOSE.notFound, 'camera_not_found')
      if (changed) w.close(CLOSE.again, 'rights_changed')
    } catch (err) {
      // With the database away the picture goes on, unless the rights are known to be others.
      app.log.warn({ err }, 'A viewer of video could not be checked')
      if (changed) w.close(CLOSE.again, 'rights_changed')
    }
  }

  return {
    get count () { return all.size },
    add (watching) {
      all.add(watching)
      return () => { all.delete(watching) }
    }
  }
}

interface Requests { each (handle: (text: string) => void): void }
/** What the browser says while we still look up whether it may. */
export function collectRequests (socket: { on (event: 'message', listener: (data: unknown) => void): unknown }): Requests {
  const early: string[] = []
  let handle: ((text: string) => void) | null = null
  socket.on('message', data => {
    if (handle) handle(String(data))
    else if (early.length < 16) early.push(String(data))
  })
  return { each (now) { handle = now; for (const text of early) now(text) } }
}
