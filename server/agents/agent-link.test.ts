import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { LinkRefused, openLink, type LinkTarget } from '../../agents/link/handshake.js'
import { newId } from '../../lib/ids.js'
import { AGENT_PROTOCOL, MAX_LINK_MESSAGE_BYTES } from '../contract/agent-link.js'
import { startTestServer } from './test-link.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 10_000, interval: 10 })

async function enrolled () {
  const server = await startTestServer()
  cleanUps.push(() => server.stop())
  const privateKeyPem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const publicKey = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }) as string
  const request = { token: await server.token(), publicKey, version: '1', protocol: AGENT_PROTOCOL }
  const { agentId } = await server.enrolment.enrol(request, '127.0.0.1')
  const target: LinkTarget = { url: server.url, agentId, privateKeyPem, bootId: newId() }
  return { server, target, request }
}
async function connected (target: LinkTarget) {
  const opened = await openLink(target, 'link')
  cleanUps.push(() => opened.socket.terminate())
  const heard: { type: string, seq?: number, devices?: unknown[], reason?: string }[] = []
  opened.listen(data => heard.push(JSON.parse(String(data))))
  return { ...opened, heard, of: (type: string) => heard.filter(m => m.type === type) }
}
/** What a stranger says after the challenge, and what it hears until the end. */
async function stranger (url: string, reply: (challenge: { nonce: string }) => string | Buffer | null) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/agent/v1`)
  cleanUps.push(() => socket.terminate())
  const heard: { type: string, reason?: string, message?: string }[] = []
  socket.on('error', () => {})
  socket.on('message', data => {
    const message = JSON.parse(String(data))
    heard.push(message)
    const answer = message.type === 'challenge' ? reply(message) : null
    if (answer !== null) socket.send(answer)
  })
  await new Promise(resolve => socket.once('close', resolve))
  return heard
}
const hello = (over: Record<string, unknown>) => JSON.stringify({ type: 'hello', agentId: newId(), signature: 'x', version: '1', protocol: AGENT_PROTOCOL, bootId: newId(), ...over })
const batch = (seq: number, observations: unknown[] = [], samples: unknown[] = []) => JSON.stringify({ type: 'batch', seq, sentAt: 1, observations, samples })
const fine = { kind: 'clock', deviceId: newId(), at: 1, offsetMs: 2 }

describe('who may connect', () => {
  it('a newer and an older agent are told which side to upgrade', async () => {
    const { server, target } = await enrolled()
    const newer = await stranger(server.url, () => JSON.stringify({ type: 'hello', protocol: AGENT_PROTOCOL + 1, somethingNew: true }))
    expect(newer.at(-1)).toMatchObject({ type: 'refused', reason: 'protocol', message: expect.stringContaining('upgrade the server') })
    const older = await stranger(server.url, () => hello({ agentId: target.agentId, protocol: 0 }))
    expect(older.at(-1)).toMatchObject({ reason: 'protocol', message: expect.stringContaining('upgrade the agent') })
    await expect(server.enrolment.enrol({ token: 'x'.repeat(30), publicKey: '', version: '2', protocol: 99 }, '')).rejects.toMatchObject({ code: 'protocol' })
  })
  it('an unknown agent, a wrong key, a replayed signature and a revoked one are refused, each by its name', async () => {
    const { server, target } = await enrolled()
    const reasonOf = (t: LinkTarget, purpose: 'link' | 'media' = 'link') => openLink(t, purpose).then(o => { o.socket.terminate(); return 'welcome' }, (err: unknown) => err instanceof LinkRefused ? err.reason : err)
    expect(await reasonOf({ ...target, agentId: newId() })).toBe('unknown_agent')
    const otherKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    expect(await reasonOf({ ...target, privateKeyPem: otherKey })).toBe('bad_signature')
    expect((await stranger(server.url, () => hello({ agentId: target.agentId, signature: '' }))).at(-1)).toMatchObject({ reason: 'bad_signature' })
    expect(await reasonOf(target)).toBe('welcome')
    expect(await reasonOf(target, 'media')).toBe('welcome')
    expect(server.media.attached).toEqual([target.agentId])
    await server.store.transaction(tx => tx.update(tx.t.agents).set({ revokedAt: 1 }).where(eq(tx.t.agents.id, target.agentId)).returning())
    expect(await reasonOf(target)).toBe('revoked')
    expect(await reasonOf(target, 'media')).toBe('revoked')
  })
  it('garbage and silence in the handshake end it', async () => {
    const { server } = await enrolled()
    for (const nonsense of ['', '{', 'null', '[]', '{"type":"hello"}', '{"type":"batch"}', Buffer.alloc(1000, 0xff)]) {
      expect((await stranger(server.url, () => nonsense)).map(m => m.type)).toEqual(['challenge'])
    }
    expect((await stranger(server.url, () => Buffer.alloc(MAX_LINK_MESSAGE_BYTES + 1))).map(m => m.type)).toEqual(['challenge'])
  })
  it('a token is good once, and again only for the key that it made', async () => {
    const { server, request, target } = await enrolled()
    expect(await server.enrolment.enrol(request, '')).toMatchObject({ agentId: target.agentId })
    const otherKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
    await expect(server.enrolment.enrol({ ...request, publicKey: otherKey }, '')).rejects.toMatchObject({ code: 'token_refused' })
    await expect(server.enrolment.enrol({ ...request, token: await server.token('x'), publicKey: 'nonsense' }, '')).rejects.toMatchObject({ code: 'bad_key' })
  })
  it('a second copy of a living agent is refused; the same run replaces itself', async () => {
    const { server, target } = await enrolled()
    const first = await connected(target)
    await expect(openLink({ ...target, bootId: newId() }, 'link')).rejects.toMatchObject({ reason: 'duplicate' })
    const again = await connected(target)
    await until(() => expect(first.socket.readyState).toBe(WebSocket.CLOSED))
    expect(server.link.isOnline(target.agentId)).toBe(true)
    expect(again.socket.readyState).toBe(WebSocket.OPEN)
    again.socket.terminate()
    await until(() => expect(server.link.isOnline(target.agentId)).toBe(false))
    await connected({ ...target, bootId: newId() })
  })
  it('an agent does not follow a redirect', async () => {
    const { target } = await enrolled()
    let asked = 0
    const trap = createServer((_request, response) => response.writeHead(302, { location: `${target.url}/agent/v1` }).end()).on('connection', () => { asked++ })
    trap.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 302 Found\r\nLocation: ${target.url}/agent/v1\r\n\r\n`))
    await new Promise<void>(resolve => trap.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => { trap.closeAllConnections(); trap.close() })
    await expect(openLink({ ...target, url: `http://127.0.0.1:${(trap.address() as AddressInfo).port}` }, 'link')).rejects.toThrow('302')
    expect(asked).toBe(1)
  })
})

describe('batches', () => {
  it('are committed in order and acknowledged; a repetition is acknowledged without being committed again', async () => {
    const { server, target } = await enrolled()
    const a = await connected(target)
    for (const seq of [1, 2, 2, 1, 3]) a.socket.send(batch(seq, [fine]))
    await until(() => expect(a.of('ack').map(m => m.seq)).toEqual([1, 2, 2, 2, 3]))
    expect(server.ledger.seqs).toEqual([1, 2, 3])
    a.socket.terminate()
    const b = await connected(target)
    expect(b.welcome.acknowledgedSeq).toBe(3)
    expect(server.seen.has(target.agentId)).toBe(true)
  })
  it('with parts that break the contract are taken without them', async () => {
    const { server, target } = await enrolled()
    const a = await connected(target)
    a.socket.send(batch(1, [fine, { kind: 'clock' }, 'x', { kind: 'new_kind', deviceId: newId(), at: 1 }], [{}]))
    await until(() => expect(a.of('ack')).toHaveLength(1))
    expect(server.ledger.batches[0]).toMatchObject({ observations: [fine], samples: [] })
  })
  it('nonsense between them is answered and the connection stays, up to a measure; a huge message ends it', async () => {
    const { server, target } = await enrolled()
    const a = await connected(target)
    a.socket.send('{"type":"batch","seq":"one"}')
    a.socket.send('nonsense')
    a.socket.send(batch(1, [fine]))
    await until(() => expect(a.of('ack')).toHaveLength(1))
    expect(a.of('error')).toHaveLength(2)
    for (let i = 0; i < 20; i++) a.socket.send('{}')
    await until(() => expect(a.socket.readyState).toBe(WebSocket.CLOSED))
    const b = await connected(target)
    b.socket.on('error', () => {})
    b.socket.send(Buffer.alloc(MAX_LINK_MESSAGE_BYTES + 1))
    await until(() => expect(b.socket.readyState).toBe(WebSocket.CLOSED))
    expect(server.ledger.seqs).toEqual([1])
    await connected(target)
  })
  it('more than the store takes make the server stop reading, and none is lost', async () => {
    const { server, target } = await enrolled()
    server.state.failIngest = 3
    const a = await connected(target)
    for (let seq = 1; seq <= 200; seq++) a.socket.send(batch(seq, [fine]))
    await until(() => expect(a.of('ack').at(-1)?.seq).toBe(200))
    expect(server.ledger.seqs).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
  })
})

describe('plans and commands', () => {
  it('several changes at once make one plan', async () => {
    const { server, target } = await enrolled()
    const a = await connected(target)
    await until(() => expect(a.of('plan')).toHaveLength(1))
    server.state.plan = [{ id: newId(), kind: 'host', name: 'h', address: '127.0.0.1', credential: null }]
    for (let i = 0; i < 10; i++) server.link.planChanged([target.agentId, newId()])
    await until(() => expect(a.of('plan')).toHaveLength(2))
    expect(a.of('plan').at(-1)!.devices).toHaveLength(1)
  })
  it('a command fails when the agent goes, when it takes too long, when it is cancelled and when it answers nonsense', async () => {
    const { server, target } = await enrolled()
    const a = await connected(target)
    const poll = { name: 'poll_now' as const, deviceId: newId() }
    await expect(server.link.run(target.agentId, poll, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'agent_timeout' })
    const cancel = new AbortController()
    const cancelled = server.link.run(target.agentId, poll, { timeoutMs: 5000, signal: cancel.signal })
    cancel.abort()
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => expect(a.of('cancel')).toHaveLength(2))
    const nonsense = server.link.run(target.agentId, { name: 'snapshot', deviceId: newId() }, { timeoutMs: 5000 })
    const refused = expect(nonsense).rejects.toMatchObject({ code: 'protocol_error' })
    await until(() => expect(a.of('command')).toHaveLength(3))
    a.socket.send(JSON.stringify({ type: 'result', id: (a.of('command').at(-1) as unknown as { id: string }).id, ok: true, result: { jpeg: 1 }, failure: null }))
    await refused
    const gone = expect(server.link.run(target.agentId, poll, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'agent_gone' })
    a.socket.terminate()
    await gone
  })
  it('tells the clock\'s difference and the status to the registry', async () => {
    const { server, target } = await enrolled()
    const a = await connected(target)
    a.socket.on('message', data => {
      const m = JSON.parse(String(data)) as { type: string, sentAt: number }
      if (m.type === 'clock') a.socket.send(JSON.stringify({ type: 'clock', sentAt: m.sentAt, agentTime: m.sentAt + 60_000 }))
    })
    for (const m of a.of('clock')) a.socket.send(JSON.stringify({ type: 'clock', sentAt: (m as unknown as { sentAt: number }).sentAt, agentTime: (m as unknown as { sentAt: number }).sentAt + 60_000 }))
    a.socket.send(JSON.stringify({ type: 'status', at: 1, planRevision: 1, deviceCount: 0, spoolBatches: 7, spoolBytes: 0, droppedSampleSets: 0, rssBytes: 1, cpuPercent: 0, processes: [] }))
    await until(() => expect(server.seen.size).toBe(1))
    await new Promise<void>(resolve => { a.socket.once('pong', () => resolve()); a.socket.ping() })
    await server.link.stop()
    const [row] = await server.store.read.select().from(server.store.read.t.agents)
    expect(row!.status).toMatchObject({ spoolBatches: 7 })
    expect(Math.abs(row!.clockOffsetMs! - 60_000)).toBeLessThan(2000)
  })
})
