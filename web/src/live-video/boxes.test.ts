import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { boxes, joined, onlyTrack, parseFragment, parseInit } from './boxes.js'

/** Fragments of one frame, made by ffmpeg: an independent writer. */
let init: Uint8Array
let fragments: Uint8Array[]
beforeAll(() => {
  const dir = mkdtempSync(join(tmpdir(), 'boxes-'))
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine=sample_rate=48000', '-t', '1', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-video_track_timescale', '90000', '-c:a', 'aac', '-ac', '1', '-movflags', 'frag_every_frame+empty_moov+default_base_moof', join(dir, 'a.mp4')])
  const bytes = new Uint8Array(readFileSync(join(dir, 'a.mp4')))
  rmSync(dir, { recursive: true })
  const top = boxes(bytes)
  init = bytes.slice(0, top.find(b => b.name === 'moov')!.end)
  fragments = top.flatMap((b, i) => b.name === 'moof' ? [bytes.slice(b.start, top[i + 1]!.end)] : [])
}, 30_000)

describe('fragmented MP4', () => {
  it('tells the tracks of an init segment', () => {
    const [video, audio] = parseInit(init)
    expect(video).toMatchObject({ id: 1, kind: 'video', timescale: 90_000, width: 320, height: 180 })
    expect(video!.config![0]).toBe(1)
    expect(audio).toMatchObject({ id: 2, kind: 'audio', timescale: 48_000, sampleRate: 48_000 })
    // AAC-LC, 48 kHz, mono: ISO 14496-3 AudioSpecificConfig 00010 0011 0001 ...
    expect([...audio!.config!.slice(0, 2)]).toEqual([0x11, 0x88])
  })
  it('finds each fragment’s sample and its time', () => {
    const video = fragments.map(parseFragment).filter(s => s.trackId === 1)
    expect(video).toHaveLength(25)
    // Where ffmpeg begins depends on the sound's priming; from there on each frame takes 3600 ticks.
    expect(video.slice(2).map((s, i) => s.time - video[i + 1]!.time)).toEqual(Array.from({ length: 23 }, () => 3600))
    const v = new DataView(video[0]!.data.buffer, video[0]!.data.byteOffset)
    expect(v.getUint32(0)).toBeLessThan(video[0]!.data.length)
  })
  it('cuts the other track out of the init segment and leaves the boxes whole', () => {
    const cut = onlyTrack(init, 1)
    expect(parseInit(cut).map(t => t.id)).toEqual([1])
    expect(parseInit(onlyTrack(init, 2)).map(t => t.id)).toEqual([2])
    expect(boxes(cut).at(-1)!.end).toBe(cut.length)
    expect(joined([cut, cut]).length).toBe(2 * cut.length)
  })
  it('answers nonsense with an error, never with a loop', () => {
    expect(() => parseInit(new Uint8Array(40))).toThrow()
    expect(() => parseFragment(init)).toThrow()
    expect(() => boxes(Uint8Array.of(0, 0, 0, 2, 1, 1, 1, 1))).toThrow()
    for (let n = 8; n < init.length; n += 97) { try { parseInit(init.slice(0, n)) } catch (error) { expect(error).toBeInstanceOf(RangeError) } }
  })
})
