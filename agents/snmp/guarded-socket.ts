/**
 * The socket that net-snmp gets in place of a plain one. The library takes answers from any address, lets exceptions
 * escape its handlers, and reads a truncated datagram as a short answer: this looks at each datagram first.
 */
import { createSocket, type Socket } from 'node:dgram'
import { children, element } from './ber.js'

/** What the socket has noticed; the session reads it when a request fails. */
export interface SocketFacts {
  /** An address other than the switch's that answered. */
  stranger: string | null
  /** Datagrams from the switch that were not SNMP. */
  garbage: number
  /** Answers to requests given up before. */
  late: number
  truncated: number
  /** Version 3 answers without the protection that was asked for. */
  unprotected: number
}
export interface GuardOptions {
  /** Resolved address of the switch. */
  address: string
  port: number
  /** msgFlags that a version 3 answer must carry: 1 authenticated, 3 also encrypted; 0 for none. */
  requiredFlags: number
  facts: SocketFacts
  /** A datagram of the switch that cannot be an answer: give up waiting for one. */
  onTruncated: () => void
  onSocketError: (error: Error) => void
}

const REPORT = 0xa8
/** A burst of late answers must not push out those that are waited for (the default holds some 200). */
const RECEIVE_BUFFER_BYTES = 1 << 20

/** One spelling for each address, so that answers can be compared by text. */
export function canonicalAddress (address: string): string {
  if (!address.includes(':')) return address
  return new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname
}

export const noFacts = (): SocketFacts => ({ stranger: null, garbage: 0, late: 0, truncated: 0, unprotected: 0 })

/** Shaped like the `dgram` module, as the library's `dgramModule` option wants it. */
export function guardedDgram (o: GuardOptions) {
  const own = canonicalAddress(o.address)
  return { createSocket: (type: 'udp4' | 'udp6') => guard(createSocket({ type, recvBufferSize: RECEIVE_BUFFER_BYTES, lookup: literal }), own, o) }
}

/** The address is resolved before; asking the resolver again for each datagram costs as much as sending it. */
function literal (address: string, _options: unknown, callback: (error: null, address: string, family: number) => void) {
  callback(null, address, address.includes(':') ? 6 : 4)
}

type Listener = (...args: never[]) => void

function guard (socket: Socket, own: string, o: GuardOptions) {
  socket.on('error', error => { o.onSocketError(error) })
  return {
    on (event: string, listener: Listener) {
      if (event === 'error') return
      if (event !== 'message') {
        socket.on(event, listener as () => void)
        return
      }
      const deliver = listener as unknown as (bytes: Buffer) => void
      socket.on('message', (bytes, peer) => {
        if (peer.port !== o.port || (peer.address !== own && canonicalAddress(peer.address) !== own)) {
          o.facts.stranger = `${peer.address}:${peer.port}`
          return
        }
        if (!acceptable(bytes, o)) return
        try {
          deliver(bytes)
        } catch {
          o.facts.garbage++
        }
      })
    },
    send (bytes: Buffer, offset: number, length: number, port: number, address: string, callback: (error: Error | null) => void) {
      socket.send(bytes, offset, length, port, address, callback)
    },
    close () { try { socket.close() } catch { /* closed before */ } },
    ref () { socket.ref() },
    unref () { socket.unref() },
    bind (port: number, address: string) { socket.bind(port, address) }
  }
}

function acceptable (bytes: Buffer, o: GuardOptions): boolean {
  if (bytes.length < 8 || bytes[0] !== 0x30) {
    o.facts.garbage++
    return false
  }
  const message = element(bytes, 0, bytes.length)
  if (!message) {
    o.facts.truncated++
    o.onTruncated()
    return false
  }
  if (o.requiredFlags !== 0 && !isProtected(bytes, message.start, message.end, o.requiredFlags)) {
    o.facts.unprotected++
    return false
  }
  return true
}

/** RFC 3414 section 3.2: an answer below the level asked for is no answer; only a Report may be plain. */
function isProtected (bytes: Buffer, start: number, end: number, required: number): boolean {
  const parts = children(bytes, { tag: 0x30, start, end }, 4)
  const header = parts?.[1] && children(bytes, parts[1], 4)
  const flags = header?.[2] && header[2].end > header[2].start ? bytes[header[2].start]! : null
  if (flags === null || !parts?.[3]) return false
  if ((flags & required) === required) return true
  if (flags & 2) return false
  const pdu = children(bytes, parts[3], 3)?.[2]
  return pdu?.tag === REPORT
}
