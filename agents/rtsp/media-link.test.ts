import { describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { MEDIA_HEADER_BYTES, MediaFlag, MediaKind, readMediaHeader } from '../../server/contract/media.js'
import type { Viewer } from './camera-source.js'
import { MediaLink } from './media-link.js'
import type { MediaFragment } from './pull.js'

function stage () {
  const socket = { bufferedAmount: 0, texts: [] as unknown[], messages: [] as Buffer[],
    send (data: string | Buffer) {
      if (typeof data === 'string') this.texts.push(JSON.parse(data))
      else this.messages.push(data)
    } }
  const viewers: Viewer[] = []
  const link = new MediaLink(socket, ({ deviceId }) => deviceId === camera ? { stream: { watch: v => { viewers.push(v); return () => { viewers.splice(viewers.indexOf(v), 1) } } }, transcoded: false } : { failure: { code: 'no_stream', detail: 'none' } }, { wall: () => 5, mono: () => 5 })
  const subscribe = (stream: number, deviceId = camera) => link.command({ type: 'subscribe', stream, deviceId, profile: 'sub', transcode: false })
  const fragment = (key: boolean, audio = false): MediaFragment => ({ bytes: Buffer.from('fragment'), key, audio, atMs: 1234.5 })
  const headers = () => socket.messages.map(m => readMediaHeader(new DataView(m.buffer, m.byteOffset, m.length)))
  return { socket, viewers, link, subscribe, fragment, headers }
}
const camera = newId()

describe('the media link', () => {
  it('sends one fragment to every subscription behind its own header', () => {
    const s = stage()
    s.subscribe(1)
    s.subscribe(0xffffffff)
    for (const v of s.viewers) v.fragment(s.fragment(true))
    expect(s.headers()).toEqual([1, 0xffffffff].map(stream => ({ stream, kind: MediaKind.fragment, flags: MediaFlag.key, atMs: 1234.5, number: 1 })))
    expect(s.socket.messages[0]!.subarray(MEDIA_HEADER_BYTES).toString()).toBe('fragment')
  })
  it('keeps what it sent when the fragment\'s memory is used again', () => {
    const s = stage()
    s.subscribe(1)
    const fragment = s.fragment(true)
    s.viewers[0]!.fragment(fragment)
    fragment.bytes.fill(0)
    expect(s.socket.messages[0]!.subarray(MEDIA_HEADER_BYTES).toString()).toBe('fragment')
  })
  it('drops to key frames while the network does not keep up, to nothing when it is full, and numbers what it left out', () => {
    const s = stage()
    s.subscribe(1)
    const [v] = s.viewers
    const at = (bytes: number, ...fragments: MediaFragment[]) => { s.socket.bufferedAmount = bytes; for (const f of fragments) v!.fragment(f) }
    at(0, s.fragment(true), s.fragment(false))
    at(3e6, s.fragment(false), s.fragment(false, true), s.fragment(true), s.fragment(false))
    at(9e6, s.fragment(true))
    at(1e6, s.fragment(false), s.fragment(true))
    at(1e5, s.fragment(false), s.fragment(true), s.fragment(false))
    expect(s.headers().map(h => [h.number, h.flags])).toEqual([[1, 1], [2, 0], [5, 1], [9, 1], [10, 0], [11, 1], [12, 0]])
  })
  it('says why there is no stream', () => {
    const s = stage()
    s.subscribe(3, newId())
    expect(s.socket.texts).toEqual([expect.objectContaining({ type: 'stream', stream: 3, status: 'failed', failure: { code: 'no_stream', detail: 'none' } })])
  })
  it('leaves when told, when asked again, and when the socket goes', () => {
    const s = stage()
    s.subscribe(1)
    s.subscribe(1)
    expect(s.viewers).toHaveLength(1)
    s.link.command({ type: 'unsubscribe', stream: 1 })
    expect(s.viewers).toHaveLength(0)
    s.subscribe(2)
    s.link.close()
    expect(s.viewers).toHaveLength(0)
  })
})
