import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { childModule } from '../lib/child-module.js'

const folder = mkdtempSync(join(tmpdir(), 'kalancha-main-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start (env: Record<string, string>) {
  const { path, execArgv } = childModule(import.meta.url, './main')
  const child = spawn(process.execPath, [...execArgv, path], { env: { PATH: process.env.PATH, KALANCHA_DATA: folder, KALANCHA_HOST: '127.0.0.1', KALANCHA_PORT: '18080', KALANCHA_EMBEDDED_AGENT: 'false', ...env } })
  let said = ''
  const hear = (chunk: Buffer) => { said += chunk.toString() }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  const says = (pattern: RegExp) => new Promise<string>((resolve, reject) => {
    const look = () => { const found = pattern.exec(said); if (found) resolve(found[1] ?? found[0]) }
    child.stdout.on('data', look)
    void ended.then(() => reject(new Error(`It ended without saying ${pattern}: ${said}`)))
  })
  return { child, ended, says, said: () => said }
}

describe('the program', () => {
  it('prints the setup link on a line of its own, serves, and ends cleanly on SIGTERM', async () => {
    const server = start({ KALANCHA_PORT: '0' })
    const link = await server.says(/^Setup: (http:\/\/127\.0\.0\.1:\d+\/setup#token=[\w-]{43})$/m)
    await server.says(/Kalancha is ready/)
    expect((await fetch(new URL('/readyz', link))).status).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toEqual([0, null])
    const token = link.split('#token=')[1]!
    expect(server.said().split(token)).toHaveLength(2)
  })

  it('names each wrong variable and ends', async () => {
    const server = start({ KALANCHA_PORT: 'eighty', KALANCHA_LOG_LEVEL: 'loud' })
    expect((await server.ended)[0]).toBe(1)
    expect(server.said()).toMatch(/KALANCHA_PORT/)
    expect(server.said()).toMatch(/KALANCHA_LOG_LEVEL/)
  })

  it('ends with a failure when it cannot start', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const server = start({ KALANCHA_PORT: String((squatter.address() as { port: number }).port) })
    expect((await server.ended)[0]).toBe(1)
    expect(server.said()).toMatch(/EADDRINUSE/)
    squatter.close()
  })
})
