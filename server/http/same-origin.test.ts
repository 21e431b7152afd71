import { describe, expect, it } from 'vitest'
import { comesFromOurPages } from './same-origin.js'

const ask = (method: string, headers: Record<string, string>, more: { upgrade?: boolean, publicUrl?: string } = {}) =>
  comesFromOurPages({ method, headers: { host: 'wall.example:8080', ...headers }, upgrade: more.upgrade ?? false, publicUrl: more.publicUrl ?? null })

describe('a request comes from our own pages', () => {
  it.each([
    ['reading needs no proof', 'GET', { origin: 'https://evil.example' }, {}, true],
    ['its origin is our host', 'POST', { origin: 'http://wall.example:8080' }, {}, true],
    ['its origin is our host behind a proxy that ends TLS', 'POST', { host: 'wall.example', origin: 'https://wall.example' }, {}, true],
    ['a default port may be spelled out', 'POST', { host: 'wall.example:443', origin: 'https://wall.example' }, {}, true],
    ['the browser says so', 'DELETE', { 'sec-fetch-site': 'same-origin' }, {}, true],
    ['the public address counts whatever the proxy made of Host', 'POST', { host: '127.0.0.1:8080', origin: 'https://wall.example' }, { publicUrl: 'https://wall.example' }, true],
    ['another port is another origin', 'POST', { origin: 'http://wall.example:9090' }, {}, false],
    ['another host', 'PATCH', { origin: 'https://evil.example' }, {}, false],
    ['a host that only begins like ours', 'POST', { origin: 'http://wall.example:8080.evil.example' }, {}, false],
    ['a sandboxed page', 'POST', { origin: 'null' }, {}, false],
    ['a sibling domain', 'POST', { origin: 'http://wall.example:8080', 'sec-fetch-site': 'same-site' }, {}, false],
    ['another site, however it spells Origin', 'POST', { origin: 'http://wall.example:8080', 'sec-fetch-site': 'cross-site' }, {}, false],
    ['nothing said', 'POST', {}, {}, false],
    ['nonsense said', 'POST', { origin: 'wall' }, {}, false],
    ['a socket from our page', 'GET', { origin: 'http://wall.example:8080' }, { upgrade: true }, true],
    ['a socket from elsewhere', 'GET', { origin: 'https://evil.example' }, { upgrade: true }, false],
    ['a socket without origin', 'GET', { 'sec-fetch-site': 'same-origin' }, { upgrade: true }, false]
  ])('%s', (_what, method, headers, more, answer) => { expect(ask(method, headers, more)).toBe(answer) })
})
