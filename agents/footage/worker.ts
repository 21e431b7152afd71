/** The child process that reads recorded files for people: hostile or broken bytes end it alone. */
import { setMaxListeners } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { makeLog } from '../../lib/log.js'
import { exitWithParent } from '../../lib/supervise.js'
import { openLink } from '../link/handshake.js'
import { type IndexLibrary, openLibrary } from './index-library.js'
import type { FromFootage, ToFootage } from './messages.js'
import { Streams } from './streams.js'

const ALIVE_EVERY_MS = 5000
/** What a process that died had not finished. */
function emptyScratch (folder: string) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

const log = makeLog('footage', process.env.KALANCHA_LOG_LEVEL ?? 'info')
const leaving = new AbortController()
// Every stream listens.
setMaxListeners(0, leaving.signal)
let library: IndexLibrary | null = null
let streams: Streams | null = null

process.on('message', (message: ToFootage) => {
  if (message.type === 'start') {
    const { target, places } = message
    emptyScratch(places.scratch)
    library = openLibrary(places.recordings)
    streams = new Streams({ library, dial: signal => openLink(target, 'footage', { signal }), scratch: places.scratch, log })
  } else if (message.type === 'volumes') library?.volumes(message.volumes)
  else void streams?.open(message.ticket, message.request, leaving.signal)
})

// A process that hangs says nothing, and is ended by its parent.
const alive = setInterval(() => { if (process.connected) process.send?.({ type: 'alive' } satisfies FromFootage) }, ALIVE_EVERY_MS)
exitWithParent(() => {
  clearInterval(alive)
  leaving.abort()
})
