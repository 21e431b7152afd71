import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { MEDIA_HEADER_BYTES, type MediaCommand, MediaFlag, MediaKind, type StreamInfo, writeMediaHeader } from '../contract/media.js'
import { LINGER_MS, MediaRelay, SETTLE_MS, type Wanted } from './relay.js'
import { MAX_BURST_BYTES } from './stream-cache.js'
import { Viewer, type ViewerSocket } from './viewer.js'

const log = makeLog('test', 'silent')
let now = 0
beforeEach(() => { vi.useFakeTimers(); now = 0 })
afterEach(() => { vi.useRealTimers() })

class FakeAgent extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  readonly heard: MediaCommand[] = []
  send (text: string) { this.heard.push(JSON.parse(text) as MediaCommand) }
  terminate () { this.readyState = 3; this.emit('close') }
  get stream () { return this.heard.filter(c => c.type === 'subscribe').at(-1)!.stream }
  info (over: Partial<StreamInfo> = {}) {
    const info: StreamInfo = { type: 'stream', stream: this.stream, status: 'playing', videoCodec: 'avc1.64001f', audioCodec: null, width: 640, height: 360, client: 'own', transcoded: false, failure: null, ...over }
    this.emit('message', Buffer.from(JSON.stringify(info)), false)
  }
  push (kind: 'init' | 'key' | 'delta', { bytes = 100, stream = this.stream } = {}) {
    const message = Buffer.alloc(MEDIA_HEADER_BYTES + bytes)
    writeMediaHeader(new DataView(message.buffer, message.byteOffset), { stream, kind: kind === 'init' ? MediaKind.init : MediaKind.fragment, flags: kind === 'key' ? MediaFlag.key : 0, atMs: 1, number: 1 })
    this.emit('message', message, true)
    return message
  }
}
class FakeBrowser implements ViewerSocket {
  bufferedAmount = 0
  readonly binary: Buffer[] = []
  readonly texts: { type: string, status?: string, mode?: string, reason?: string, failure?: { code: string } | null, transcoded?: boolean }[] = []
  closed: number | null = null
  stuck = false
  send (data: Buffer | string, _o: { binary: boolean }, done: () => void) {
    if (typeof data === 'string') this.texts.push(JSON.parse(data))
    else this.binary.push(data)
    if (this.stuck) this.bufferedAmount += data.length
    else done()
  }
  /** As browsers do, behind everything else. */
  heard = (_data: Buffer) => {}
  ping (data: Buffer) { if (!this.stuck) this.heard(data) }
  close (code: number) { this.closed = code }
}
const wanted = (over: Partial<Wanted> = {}): Wanted => ({ deviceId: camera, agentId, profile: 'sub', transcode: false, ...over })
const agentId = newId()
const camera = newId()
function relayWithAgent () {
  const relay = new MediaRelay({ log, maxViewers: 3 })
  const agent = new FakeAgent()
  relay.attach(agentId, agent)
  return { relay, agent }
}
function browser (relay: MediaRelay, over: Partial<Wanted> = {}, hevc = true) {
  const socket = new FakeBrowser()
  const viewer = new Viewer({ socket, hevc, nowMs: () => now })
  socket.heard = data => viewer.heard(data)
  return { socket, viewer, leave: relay.watch(wanted(over), viewer) }
}

describe('the relay', () => {
  it('asks once for all viewers, and stops asking a while after the last has left', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    const b = browser(relay)
    expect(agent.heard).toEqual([{ type: 'subscribe', stream: 1, deviceId: camera, profile: 'sub', transcode: false }])
    a.leave()
    b.leave()
    vi.advanceTimersByTime(LINGER_MS - 1)
    const c = browser(relay)
    vi.advanceTimersByTime(LINGER_MS)
    expect(agent.heard).toHaveLength(1)
    c.leave()
    vi.advanceTimersByTime(LINGER_MS)
    expect(agent.heard.at(-1)).toEqual({ type: 'unsubscribe', stream: 1 })
    expect(relay.streams).toBe(0)
  })

  it('passes bytes unchanged and uncopied, and starts a newcomer with the current group of pictures', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    agent.info()
    const init = agent.push('init')
    agent.push('key')
    agent.push('delta')
    const key = agent.push('key')
    const delta = agent.push('delta')
    expect(a.socket.binary).toHaveLength(5)
    const late = browser(relay)
    expect(late.socket.texts.map(t => t.status)).toEqual(['playing'])
    expect(late.socket.binary.map((x, i) => x === [init, key, delta][i])).toEqual([true, true, true])
    const next = agent.push('delta')
    expect(late.socket.binary.at(-1)).toBe(next)
  })

  it('lets a newcomer wait for a key frame rather than drown it in a long group', () => {
    const { relay, agent } = relayWithAgent()
    browser(relay)
    agent.push('init')
    agent.push('key')
    agent.push('delta', { bytes: MAX_BURST_BYTES })
    const late = browser(relay)
    agent.push('delta')
    expect(late.socket.binary).toHaveLength(1)
    agent.push('key')
    expect(late.socket.binary).toHaveLength(2)
  })

  it('a viewer that hangs falls to key frames and is closed, while another misses nothing and the agent is always read', () => {
    const { relay, agent } = relayWithAgent()
    const good = browser(relay)
    const bad = browser(relay)
    agent.push('init')
    agent.push('key')
    bad.socket.stuck = true
    let sent = 2
    for (let frame = 1; frame <= 300; frame++) {
      now += 40
      agent.push(frame % 25 === 0 ? 'key' : 'delta', { bytes: 1000 })
      sent++
      if (frame === 30) expect(bad.socket.texts.at(-1)).toEqual({ type: 'mode', mode: 'keyframes', reason: 'slow_viewer' })
    }
    expect(good.socket.binary).toHaveLength(sent)
    expect(bad.socket.closed).toBe(4408)
    expect(bad.socket.binary.length).toBeLessThan(40)
    expect(good.socket.closed).toBeNull()
  })

  it('a viewer that asks for key frames gets those', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    agent.push('init')
    a.viewer.ask('keyframes')
    for (const kind of ['key', 'delta', 'delta', 'key', 'delta'] as const) agent.push(kind)
    expect(a.socket.binary).toHaveLength(3)
    expect(a.socket.texts.at(-1)).toEqual({ type: 'mode', mode: 'keyframes', reason: 'asked' })
  })

  it('with the agent away viewers are told, stay, and get the picture again when it returns', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    agent.push('init')
    agent.terminate()
    expect(a.socket.texts.at(-1)).toMatchObject({ status: 'failed', failure: { code: 'agent_silent' } })
    const back = new FakeAgent()
    relay.attach(agentId, back)
    expect(back.heard).toMatchObject([{ type: 'subscribe', stream: 2 }])
    expect(a.socket.texts.at(-1)).toMatchObject({ status: 'connecting', failure: null })
    back.push('init', { stream: 1 })
    expect(a.socket.binary).toHaveLength(1)
    back.push('init')
    back.push('key')
    expect(a.socket.binary).toHaveLength(3)
    expect(a.socket.closed).toBeNull()
  })

  it('a new media socket takes over from one that is dead without knowing it', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    const second = new FakeAgent()
    relay.attach(agentId, second)
    expect(second.heard).toEqual([])
    vi.advanceTimersByTime(SETTLE_MS)
    expect(agent.readyState).toBe(3)
    second.push('init')
    expect(a.socket.binary).toHaveLength(1)
    expect(a.socket.texts.every(t => t.status === 'connecting')).toBe(true)
  })

  it('an agent with several workers is asked for each camera where that is', () => {
    const { relay, agent } = relayWithAgent()
    const other = newId()
    const a = browser(relay)
    const b = browser(relay, { deviceId: other })
    agent.emit('message', Buffer.from(JSON.stringify({ type: 'serves', deviceIds: [camera] })), false)
    expect(b.socket.texts.at(-1)).toMatchObject({ status: 'failed', failure: { code: 'agent_silent' } })
    const second = new FakeAgent()
    relay.attach(agentId, second)
    second.emit('message', Buffer.from(JSON.stringify({ type: 'serves', deviceIds: [other] })), false)
    expect(second.heard).toMatchObject([{ type: 'subscribe', deviceId: other }])
    vi.advanceTimersByTime(SETTLE_MS)
    expect(agent.readyState).toBe(1)
    agent.push('init', { stream: 1 })
    second.push('init')
    expect([a.socket.binary.length, b.socket.binary.length]).toEqual([1, 1])
    second.terminate()
    expect(b.socket.texts.at(-1)).toMatchObject({ status: 'failed' })
    expect(a.socket.texts.at(-1)).toMatchObject({ status: 'connecting' })
    agent.emit('message', Buffer.from(JSON.stringify({ type: 'serves', deviceIds: [camera, other] })), false)
    expect(agent.heard.at(-1)).toMatchObject({ type: 'subscribe', deviceId: other })
  })

  it('one agent cannot put its picture into the stream of another', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    const other = new FakeAgent()
    relay.attach(newId(), other)
    other.push('init', { stream: agent.stream })
    other.emit('message', Buffer.alloc(3), true)
    other.emit('message', Buffer.from('{"type":"stream"'), false)
    expect(a.socket.binary).toHaveLength(0)
  })

  it('a browser without H.265 is moved to a transcoded stream before it sees a byte of the other', () => {
    const { relay, agent } = relayWithAgent()
    const old = browser(relay, {}, false)
    const first = agent.stream
    agent.info({ videoCodec: 'hvc1.1.6.L93.B0' })
    expect(agent.heard.at(-1)).toMatchObject({ type: 'subscribe', transcode: true })
    agent.push('init', { stream: first })
    expect(old.socket.binary).toHaveLength(0)
    agent.push('init')
    agent.push('key')
    expect(old.socket.binary).toHaveLength(2)
    vi.advanceTimersByTime(LINGER_MS)
    expect(agent.heard.at(-1)).toEqual({ type: 'unsubscribe', stream: first })
    old.leave()
    vi.advanceTimersByTime(LINGER_MS)
    expect(relay.streams).toBe(0)
  })

  it('a converted stream that nobody watches any more makes room for one that waits', () => {
    const { relay, agent } = relayWithAgent()
    const transcoded = (profile: 'main' | 'sub') => {
      const viewer = browser(relay, { transcode: true, profile }, false)
      return { ...viewer, stream: agent.stream }
    }
    const first = transcoded('sub')
    first.leave()
    expect(agent.heard.at(-1)).toMatchObject({ type: 'subscribe', stream: first.stream })
    const second = transcoded('main')
    agent.info({ status: 'failed', videoCodec: null, failure: { code: 'transcoder_busy', detail: '' } })
    expect(agent.heard.at(-1)).toEqual({ type: 'unsubscribe', stream: first.stream })
    expect(second.socket.texts.at(-1)).toMatchObject({ failure: { code: 'transcoder_busy' } })
  })

  it('a camera that is removed closes its viewers', () => {
    const { relay, agent } = relayWithAgent()
    const a = browser(relay)
    relay.dropDevice(camera, 4410, 'removed')
    expect(a.socket.closed).toBe(4410)
    expect(agent.heard.at(-1)).toMatchObject({ type: 'unsubscribe' })
  })

  it('knows when it is full', () => {
    const { relay } = relayWithAgent()
    browser(relay)
    browser(relay, { profile: 'main' })
    expect(relay.full).toBe(false)
    browser(relay)
    expect(relay.full).toBe(true)
  })
})
