import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postJson } from './post.js'

const folder = mkdtempSync(join(tmpdir(), 'tls-'))
const file = (name: string) => join(folder, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
const selfSigned = (name: string) => openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`))

beforeAll(() => {
  selfSigned('own')
  selfSigned('other')
  selfSigned('authority')
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=centre.example.org', '-keyout', file('issued.key'), '-out', file('issued.csr'))
  openssl('x509', '-req', '-in', file('issued.csr'), '-CA', file('authority.crt'), '-CAkey', file('authority.key'), '-CAcreateserial', '-days', '2', '-out', file('issued.crt'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ask (shown: string, serverCertFile: string | null) {
  const server = createServer({ key: readFileSync(file(`${shown}.key`)), cert: readFileSync(file(`${shown}.crt`)) }, (_request, response) => response.end('{"ok":true}'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return await postJson({ url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`), json: {}, serverCertFile }).then(a => a.body, (err: Error) => err.message)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('a pinned certificate', () => {
  it('is accepted whatever its name, made by the server itself or issued by an authority', async () => {
    expect(await ask('own', file('own.crt'))).toEqual({ ok: true })
    expect(await ask('issued', file('issued.crt'))).toEqual({ ok: true })
  })
  it('is the only one: another is refused, even of the same authority', async () => {
    expect(await ask('other', file('own.crt'))).toMatch(/self-signed|certificate/)
    expect(await ask('issued', file('authority.crt'))).toMatch(/another certificate/)
  })
  it('absent, an unknown certificate is refused', async () => expect(await ask('own', null)).toMatch(/self-signed/))
})
