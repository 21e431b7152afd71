/** A clip as people open it: in a browser, from its first byte, sought in, and played to its end over a change of resolution. */
import { createServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendClip } from '../../agents/footage/clip.js'
import { film, testLibrary } from '../../agents/footage/test-segments.js'
import { newId } from '../../lib/ids.js'

const T = Date.UTC(2026, 10, 26, 12)
const deviceId = newId()
interface Played { duration: number, sizes: number[], soughtTo: number, ended: boolean, error: string | null }

// Runs in the page; text, since the tests are compiled without the browser's types.
const PLAY = `async url => {
  const video = document.createElement('video')
  video.muted = true
  video.src = url
  document.body.append(video)
  const event = name => new Promise((resolve, reject) => { video.addEventListener(name, resolve, { once: true }); video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true }) })
  const sizes = []
  try {
    await event('loadedmetadata')
    video.addEventListener('resize', () => sizes.push(video.videoWidth))
    sizes.push(video.videoWidth)
    const { duration } = video
    const sought = event('seeked')
    video.currentTime = 2.5
    await sought
    const soughtTo = video.currentTime
    const back = event('seeked')
    video.currentTime = 0
    await back
    video.playbackRate = 4
    const ended = event('ended')
    await video.play()
    await ended
    return { duration, sizes, soughtTo, ended: video.ended, error: null }
  } catch (error) { return { duration: video.duration, sizes, soughtTo: -1, ended: false, error: String(error) } }
}`

describe('a clip in Chromium', () => {
  let browser: Browser
  const folder = mkdtempSync(join(tmpdir(), 'clip-story-'))
  const files = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    if (!file) return void response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' }).end('<body></body>')
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? []
    const end = to === '' ? file.length - 1 : Number(to)
    response.writeHead(206, { 'content-type': 'video/mp4', 'content-range': `bytes ${from}-${end}/${file.length}`, 'accept-ranges': 'bytes' }).end(file.subarray(Number(from), end + 1))
  })
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => {
    await browser.close()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function played (name: string, parts: { size?: string, audio?: 'aac' }[]): Promise<Played> {
    const library = testLibrary(join(folder, name), deviceId)
    parts.forEach((part, i) => { library.add(film({ ...part, fps: 25, seconds: 2 }), T + i * 2000, { runId: newId() }) })
    const chunks: Buffer[] = []
    await sendClip(library, { deviceId, from: T, to: T + parts.length * 2000 }, { note: async () => {}, bytes: async chunk => { chunks.push(Buffer.from(chunk)) } }, new AbortController().signal)
    files.set(`/${name}`, Buffer.concat(chunks))
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return await page.evaluate(`(${PLAY})('/${name}')`) as Played
  }

  it('over three files with sound', async () => {
    const clip = await played('sound.mp4', [{ audio: 'aac' }, { audio: 'aac' }, { audio: 'aac' }])
    expect(clip).toMatchObject({ error: null, ended: true, soughtTo: 2.5, sizes: [320] })
    expect(clip.duration).toBeCloseTo(6, 0)
  })

  it('over a change of resolution', async () => {
    const clip = await played('change.mp4', [{}, { size: '640x360' }])
    expect(clip).toMatchObject({ error: null, ended: true })
    expect(clip.sizes.at(-1)).toBe(640)
  })
})
