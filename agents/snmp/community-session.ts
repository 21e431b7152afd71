/** A session of version 1 or 2c by our own messages: a quarter of the library's CPU, and nothing escapes it. */
import { checkNames, explain } from './answer-check.js'
import { BerError } from './ber.js'
import { type Answer, decodeAnswer, encodeRequest, Pdu } from './community-message.js'
import { answerFaults, cutShort, noAnswer, SnmpFailure, statusFailure, toSnmpFailure } from './failures.js'
import { guardedDgram, noFacts } from './guarded-socket.js'
import type { BulkAnswer, SessionOptions, SnmpSession } from './session.js'
import type { Varbind } from './values.js'

/** The one request that is under way. */
interface Waiting {
  id: number
  oids: readonly string[]
  bytes: Buffer
  /** Further tries. */
  left: number
  timer: NodeJS.Timeout | undefined
  sentAt: number
  resolve: (varbinds: Varbind[]) => void
  reject: (failure: SnmpFailure) => void
}

/** Four bytes on the wire, the first of them not zero. Hard to guess is not asked for: the sender's address is checked. */
const newRequestId = () => 0x1000000 + Math.floor(Math.random() * 0x7f000000)

/** The columns of a GETBULK answer, which come row by row. An agent may send fewer rows than asked for, the last cut short. */
function splitBulk (varbinds: Varbind[], nonRepeaters: number, columnCount: number): BulkAnswer {
  const columns: Varbind[][] = Array.from({ length: columnCount }, () => [])
  if (columnCount > 0) {
    for (let i = nonRepeaters, column = 0; i < varbinds.length; i++) {
      columns[column]!.push(varbinds[i]!)
      if (++column === columnCount) column = 0
    }
  }
  return { once: varbinds.slice(0, nonRepeaters), columns }
}

export function openCommunitySession (o: SessionOptions, version: '1' | '2c', communityText: string): SnmpSession {
  const community = Buffer.from(communityText)
  const wireVersion = version === '1' ? 0 : 1
  const timeoutMs = o.timeoutMs ?? 2000
  const facts = noFacts()
  let requests = 0
  let rttMs: number | null = null
  let ended: SnmpFailure | null = null
  let waiting: Waiting | null = null

  /** Ends the wait, whatever its outcome. */
  function take (): Waiting | null {
    const taken = waiting
    waiting = null
    clearTimeout(taken?.timer)
    return taken
  }
  const fail = (failure: SnmpFailure) => take()?.reject(failure)

  const socket = guardedDgram({
    address: o.address, port: o.port, requiredFlags: 0, facts,
    onTruncated: () => fail(cutShort()),
    onSocketError: error => fail(toSnmpFailure(error))
  }).createSocket(o.address.includes(':') ? 'udp6' : 'udp4')
  // What waits holds the process by its timer.
  socket.unref()
  socket.on('message', (bytes: Buffer) => {
    let answer: Answer
    try {
      answer = decodeAnswer(bytes)
    } catch (error) {
      if (!(error instanceof BerError)) throw error
      facts.garbage++
      return
    }
    receive(answer)
  })

  function receive (answer: Answer) {
    if (answer.id !== waiting?.id) {
      facts.late++
      return
    }
    const { oids, sentAt, resolve, reject } = take()!
    if (answer.version !== wireVersion) reject(answerFaults.version())
    else if (!answer.community.equals(community)) reject(answerFaults.community())
    else if (answer.pdu !== Pdu.response) reject(answerFaults.protocol())
    else if (answer.errorStatus !== 0) reject(statusFailure(answer.errorStatus, oids[answer.errorIndex - 1] ?? null))
    else {
      rttMs = performance.now() - sentAt
      resolve(answer.varbinds)
    }
  }
  function transmit (request: Waiting) {
    request.timer = setTimeout(() => {
      if (request.left-- > 0) transmit(request)
      else fail(explain(noAnswer(), facts))
    }, timeoutMs)
    socket.send(request.bytes, 0, request.bytes.length, o.port, o.address, error => { if (error && waiting === request) fail(toSnmpFailure(error)) })
  }
  function ask (pdu: number, oids: readonly string[], nonRepeaters?: number, repetitions?: number): Promise<Varbind[]> {
    if (ended) return Promise.reject(ended)
    if (waiting) return Promise.reject(new SnmpFailure('internal', 'a session asks one thing at a time'))
    requests++
    return new Promise((resolve, reject) => {
      const id = newRequestId()
      const bytes = encodeRequest({ version: wireVersion, community, pdu, id, oids, nonRepeaters, repetitions })
      waiting = { id, oids, bytes, left: o.retries ?? 1, timer: undefined, sentAt: performance.now(), resolve, reject }
      transmit(waiting)
    })
  }
  return {
    version, facts,
    get requests () { return requests },
    get rttMs () { return rttMs },
    get: async oids => checkNames(oids, await ask(Pdu.get, oids)),
    async getNext (oids) {
      const varbinds = await ask(Pdu.getNext, oids)
      if (varbinds.length !== oids.length) throw answerFaults.objects()
      return varbinds
    },
    getBulk: async (oids, nonRepeaters, repetitions) => splitBulk(await ask(Pdu.getBulk, oids, nonRepeaters, repetitions), nonRepeaters, oids.length - nonRepeaters),
    abort (failure) {
      ended = failure
      fail(failure)
    },
    close () {
      ended ??= new SnmpFailure('internal', 'the session is closed')
      fail(ended)
      socket.close()
    }
  }
}
