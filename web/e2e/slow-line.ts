/** A line between a browser and the server that can be made slow: a TCP proxy with one bucket of bytes for all its connections. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

const EVERY_MS = 20
/** What the proxy itself holds of a connection, bytes: little, so that the sender feels the line. */
const HOLD_BYTES = 16 * 1024

interface Flow { from: Socket, to: Socket, held: Buffer[], heldBytes: number }

export class SlowLine {
  /** Towards the browser, bits a second; null is as fast as it goes. */
  private bitsPerS: number | null = null
  private credit = 0
  private readonly flows = new Set<Flow>()
  private readonly timer = setInterval(() => this.pass(), EVERY_MS)

  private constructor (private readonly server: Server, private readonly target: number) {
    server.on('connection', socket => this.join(socket))
  }

  static async open (targetPort: number): Promise<SlowLine> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    return new SlowLine(server, targetPort)
  }

  get port () { return (this.server.address() as AddressInfo).port }
  limit (bitsPerS: number | null) { this.bitsPerS = bitsPerS; this.credit = 0 }

  private join (browser: Socket) {
    const from = connect({ port: this.target, host: '127.0.0.1', noDelay: true })
    const flow: Flow = { from, to: browser, held: [], heldBytes: 0 }
    this.flows.add(flow)
    from.on('data', bytes => {
      flow.held.push(bytes as Buffer)
      flow.heldBytes += bytes.length
      if (this.bitsPerS === null) this.pass()
      else if (flow.heldBytes >= HOLD_BYTES) from.pause()
    })
    browser.pipe(from)
    const end = () => { this.flows.delete(flow); from.destroy(); browser.destroy() }
    for (const socket of [from, browser]) socket.on('error', end).on('close', end)
  }

  private pass () {
    this.credit = this.bitsPerS === null ? Number.POSITIVE_INFINITY : Math.min(this.credit, this.bitsPerS / 8 / 5) + this.bitsPerS / 8 * EVERY_MS / 1000
    // In turns of a packet each, as lines do.
    for (let busy = true; busy && this.credit > 0;) {
      busy = false
      for (const flow of this.flows) {
        const first = flow.held.shift()
        if (!first) continue
        const part = first.subarray(0, this.bitsPerS === null ? first.length : 1400)
        if (part.length < first.length) flow.held.unshift(first.subarray(part.length))
        flow.heldBytes -= part.length
        this.credit -= part.length
        flow.to.write(part)
        busy = true
        if (flow.heldBytes < HOLD_BYTES && flow.from.isPaused()) flow.from.resume()
      }
    }
  }

  close () {
    clearInterval(this.timer)
    for (const { from, to } of this.flows) { from.destroy(); to.destroy() }
    this.server.close()
  }
}
