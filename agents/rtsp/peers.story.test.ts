/** Our client against a server that is not ours, and ffmpeg against our simulated camera: neither side may share a mistake. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClipSpec, renderClip } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import { startFfmpegPull } from './ffmpeg-pull.js'
import { startOwnPull } from './own-pull.js'
import type { MediaInit, Pull } from './pull.js'
import type { StartPull } from './camera-source.js'
import { systemTime } from './timeline.js'

const login = { username: 'admin', password: 'se"cret, 1' }
const gstreamer = spawnSync('/usr/bin/python3', ['-c', 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer']).status === 0
if (!gstreamer) console.log('skipped: GStreamer\'s RTSP server is not installed (python3-gi gir1.2-gst-rtsp-server-1.0)')

/** Pulls until so many pictures came, and lets ffmpeg decode all of it. */
async function record (start: StartPull, port: number, path: string, pictures: number, who: typeof login | null = login) {
  const bytes: Buffer[] = []
  let init: MediaInit | null = null
  let sounds = 0
  let seen = 0
  let enough = () => {}
  const done = new Promise<void>(resolve => { enough = resolve })
  const pull: Pull = start({ host: '127.0.0.1', port, path, login: who }, {
    init (i) { init = i; bytes.push(i.bytes) },
    fragment (f) {
      bytes.push(Buffer.from(f.bytes))
      if (f.audio) sounds++
      else if (++seen >= pictures) enough()
    }
  }, systemTime, systemTime.mono())
  const fault = await Promise.race([done.then(() => null), pull.ended])
  pull.close()
  await pull.ended
  if (fault) throw fault
  const file = join(mkdtempSync(join(tmpdir(), 'kalancha-')), 'out.mp4')
  writeFileSync(file, Buffer.concat(bytes))
  const ffmpeg = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'warning', '-i', file, '-f', 'null', '-'], { encoding: 'utf8' })
  return { init: init! as MediaInit, sounds, warnings: ffmpeg.stderr.replace(/Guessed Channel Layout.*\n/g, ''), lost: pull.stats() }
}

describe.skipIf(!gstreamer)('GStreamer\'s RTSP server', () => {
  let server: ChildProcess
  let port = 0
  beforeAll(async () => {
    server = spawn('/usr/bin/python3', [join(import.meta.dirname, '../../fixtures/rtsp/gst-server.py'), login.username, login.password], { stdio: ['pipe', 'pipe', 'ignore'] })
    const [line] = await once(createInterface({ input: server.stdout! }), 'line') as [string]
    port = Number(line)
  })
  afterAll(async () => {
    server.stdin?.end()
    if (server.exitCode === null) await once(server, 'exit')
  })

  it.each([
    ['/h264', /^avc1\./, 'mp4a.40.2'], ['/aggregated', /^avc1\./, undefined], ['/h265', /^hvc1\./, undefined], ['/pcmu', /^avc1\./, 'pcmu']
  ])('%s becomes fragments that ffmpeg decodes without a warning', async (path, codec, audio) => {
    const out = await record(startOwnPull, port, path, 40)
    expect(out.init.video).toMatchObject({ codec: expect.stringMatching(codec), width: 320, height: 240 })
    expect(out.init.audio?.codec).toBe(audio)
    if (audio) expect(out.sounds).toBeGreaterThan(10)
    expect(out.warnings).toBe('')
    expect(out.lost).toEqual({ packetsLost: 0, droppedFrames: 0 })
  })

  it('refuses a wrong password with the right words', async () => {
    await expect(record(startOwnPull, port, '/h264', 1, { ...login, password: 'wrong' })).rejects.toMatchObject({ code: 'authentication_failed' })
    await expect(record(startOwnPull, port, '/h264', 1, null)).rejects.toMatchObject({ code: 'authentication_failed' })
  })

  it('is asked for a path that is not there', async () => {
    await expect(record(startOwnPull, port, '/nothing', 1)).rejects.toMatchObject({ code: 'no_stream' })
  })
})

describe('our simulated camera', () => {
  const spec: ClipSpec = { scene: 'street', title: 'Test', codec: 'h264', width: 320, height: 180, fps: 10, bitrateKbps: 200, seconds: 4 }
  let server: RtspServer
  beforeAll(async () => {
    const folder = join(tmpdir(), 'kalancha-test-clips')
    const [aac, pcma, h265] = await Promise.all([renderClip({ ...spec, audio: 'aac' }, folder), renderClip({ ...spec, audio: 'pcma' }, folder), renderClip({ ...spec, codec: 'h265' }, folder)])
    server = await startRtspServer({ host: '127.0.0.1', port: 0, users: { [login.username]: login.password }, streams: { '/aac': aac, '/pcma': pcma, '/h265': h265 } })
  })
  afterAll(() => server.close())

  it.each([['aac', ['h264', 'aac']], ['pcma', ['h264', 'pcm_alaw']], ['h265', ['hevc']]])('%s is read by ffprobe without a warning', async (path, codecs) => {
    const child = spawn('ffprobe', ['-v', 'warning', '-rtsp_transport', 'tcp', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0',
      `rtsp://${login.username}:${encodeURIComponent(login.password)}@127.0.0.1:${server.port}/${path}`])
    let out = ''
    let err = ''
    child.stdout.on('data', chunk => { out += chunk })
    child.stderr.on('data', chunk => { err += chunk })
    await once(child, 'close')
    expect(err).toBe('')
    expect(out.trim().split('\n').sort()).toEqual([...codecs].sort())
  })

  it.each([['/aac', 'mp4a.40.2'], ['/pcma', 'pcma'], ['/h265', undefined]])('%s is read by ffmpeg in our client\'s place, through a door without a password', async (path, audio) => {
    const out = await record(startFfmpegPull, server.port, path, 15)
    expect(out.init.audio?.codec).toBe(audio)
    expect(out.warnings).toBe('')
  })

  it('keeps the wrong password apart from other failures of ffmpeg too', async () => {
    await expect(record(startFfmpegPull, server.port, '/aac', 1, { ...login, password: 'wrong' })).rejects.toMatchObject({ code: 'authentication_failed' })
    await expect(record(startFfmpegPull, server.port, '/none', 1)).rejects.toMatchObject({ code: 'no_stream' })
  })
})
