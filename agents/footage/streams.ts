import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../../lib/log.js'
import type { FootageRequest, FootageTicket, MaskRegion } from '../../server/contract/footage.js'
import type { OpenLink } from '../link/handshake.js'
import { sendClip, sendSegment } from './clip.js'
import { converting } from './convert.js'
import { faultOf } from './fault.js'
import { sendJpeg } from './jpeg.js'
import type { Library } from './library.js'
import { sendMaskedClip } from './masked-clip.js'
import { Outlet } from './outlet.js'
import { play, type Played, still } from './play.js'

export interface StreamsOptions {
  library: Library
  /** A socket of its own to the server, for one stream. */
  dial: (signal: AbortSignal) => Promise<Pick<OpenLink, 'socket'>>
  /** Folder for what must be made before its length is known. */
  scratch: string
  log: Log
}

/** At once; the server holds people to fewer. */
const MAX_STREAMS = 32
const LOOK_AGAIN_MS = 200

/** The streams of one footage process. */
export class Streams {
  #open = 0
  constructor (private readonly o: StreamsOptions) {}

  get count () { return this.#open }

  /** Dials, says the ticket, sends what was asked, closes. Never rejects: what went wrong is told over the socket. */
  async open (ticket: string, request: FootageRequest, leaving: AbortSignal): Promise<void> {
    if (this.#open >= MAX_STREAMS) return this.o.log.warn('too many streams of footage at once: one was not begun')
    this.#open++
    const closed = new AbortController()
    const signal = AbortSignal.any([leaving, closed.signal])
    try {
      const { socket } = await this.o.dial(signal)
      socket.once('close', () => closed.abort())
      socket.on('error', () => closed.abort())
      if (socket.readyState !== socket.OPEN) return
      const cut = () => socket.terminate()
      leaving.addEventListener('abort', cut)
      try {
        socket.send(JSON.stringify({ type: 'ticket', ticket } satisfies FootageTicket))
        // The server closes when it has read it all, which may be long after the last byte went. A disk that hangs does not hold who left.
        const gone = new Promise<void>(resolve => { if (signal.aborted) resolve(); else signal.addEventListener('abort', () => resolve(), { once: true }) })
        await Promise.race([this.#serve(request, new Outlet(socket, signal), signal).then(() => gone), gone])
      } finally {
        leaving.removeEventListener('abort', cut)
        socket.terminate()
      }
    } catch (err) {
      if (!signal.aborted) this.o.log.warn({ err, what: request.what }, 'a stream of footage failed')
    } finally { this.#open-- }
  }

  async #serve (request: FootageRequest, out: Outlet, signal: AbortSignal) {
    try {
      await this.#send(request, out, signal)
    } catch (error) {
      if (signal.aborted) return
      const { code, detail } = faultOf(error)
      if (code === 'internal') this.o.log.error({ err: error, what: request.what }, 'footage could not be given')
      await out.note({ type: 'failed', code, detail: detail.slice(0, 500) })
    }
  }

  /** Null where everybody may see what was recorded as it is. */
  #convert ({ transcode, masks }: { transcode: boolean, masks: MaskRegion[] }, keyOnly: boolean) {
    return transcode || masks.length > 0 ? converting({ masks, keyOnly }) : null
  }

  async #send (request: FootageRequest, out: Outlet, signal: AbortSignal) {
    const pause = () => wait(LOOK_AGAIN_MS, undefined, { signal })
    switch (request.what) {
      case 'play': return finish(out, await play(this.o.library, request, out, { signal, pause, convert: this.#convert(request, request.mode === 'keyframes' || request.direction === 'backward') }))
      case 'still': return request.jpegWidth === undefined
        ? finish(out, await still(this.o.library, request, out, { signal, convert: this.#convert(request, true) }))
        : sendJpeg(this.o.library, { ...request, jpegWidth: request.jpegWidth }, out, signal)
      case 'clip': return request.masks && request.masks.length > 0
        ? sendMaskedClip(this.o.library, { ...request, masks: request.masks }, out, { signal, scratch: this.o.scratch })
        : sendClip(this.o.library, request, out, signal)
      case 'segment': return sendSegment(this.o.library, request.segmentId, out)
    }
  }
}

async function finish (out: Outlet, { frames, lastAt, cause }: Played) {
  if (frames === 0) return out.note({ type: 'failed', code: 'no_footage', detail: 'Nothing was recorded here', cause })
  await out.note({ type: 'end', at: lastAt === null ? null : Math.round(lastAt) })
}
