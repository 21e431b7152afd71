/** The identity room, put together. */
import type { Clock } from '../../lib/clock.js'
import type { Store } from '../store/store.js'
import { type ActorListener, createActorChanges } from './actor-changes.js'
import { type AuditLog, createAuditLog } from './audit-log.js'
import { type CameraGroups, createCameraGroups } from './camera-groups.js'
import { createSessions, type Sessions } from './sessions.js'
import { type CentreSettings, createSettings } from './settings.js'
import { createSetup, type Setup } from './setup.js'
import { createSignIn, type SignIn } from './sign-in.js'
import { createUsers, type Users } from './users.js'

export interface Identity {
  setup: Setup
  signIn: SignIn
  sessions: Sessions
  users: Users
  cameraGroups: CameraGroups
  settings: CentreSettings
  auditLog: AuditLog
  /** Hears, after the commit, whose rights changed or whose session ended. Returns how to stop listening. */
  onActorChanged (listener: ActorListener): () => void
}

export function createIdentity ({ store, clock }: { store: Store, clock: Clock }): Identity {
  const changes = createActorChanges()
  return {
    setup: createSetup({ store, clock }),
    signIn: createSignIn({ store, clock, changes }),
    sessions: createSessions({ store, clock, changes }),
    users: createUsers({ store, clock, changes }),
    cameraGroups: createCameraGroups({ store, clock }),
    settings: createSettings({ store, clock }),
    auditLog: createAuditLog({ store }),
    onActorChanged: listener => changes.listen(listener)
  }
}
