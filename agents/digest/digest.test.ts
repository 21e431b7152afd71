import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Authorizer, basicHeader, utf8Bytes } from './authorizer.js'
import { chooseChallenge, type DigestChallenge, parseChallenges } from './challenges.js'

const only = (header: string) => {
  const [challenge, ...more] = parseChallenges([header])
  expect(more).toEqual([])
  return challenge as DigestChallenge
}
const login = { username: 'Mufasa', password: 'Circle of Life' }

describe('challenges', () => {
  it('are read of several schemes in one header, quoted commas and escapes included', () => {
    expect(parseChallenges(['Basic realm="a, \\"b\\"", Digest realm="c", nonce="n=,", qop="auth-int, auth", algorithm=SHA-256, opaque="o", stale=TRUE'])).toEqual([
      { scheme: 'basic', realm: 'a, "b"' },
      { scheme: 'digest', realm: 'c', nonce: 'n=,', opaque: 'o', hash: 'sha256', session: false, algorithm: 'SHA-256', qop: true, stale: true }
    ])
  })
  it.each([
    ['a nonce with "="', 'Digest realm="AXIS_00408C", nonce="MTYwNjA=xyz==", algorithm=MD5, qop="auth"', 'MTYwNjA=xyz=='],
    ['a bare nonce with "="', 'Digest nonce=abc==,realm=r', 'abc=='],
    ['spaces and odd case', 'DIGEST  Realm = "a, b=c" ,NONCE= "n\\"1"', 'n"1'],
    ['an empty qop, which is none', 'Digest realm="x", nonce="n", qop=""', 'n'],
    ['a name given twice, of which the first counts', 'Digest realm="x", nonce="1", nonce="2"', '1']
  ])('are read with %s', (_name, header, nonce) => {
    expect(only(header).nonce).toBe(nonce)
  })
  it.each([['MD5-sess', 'md5', true], ['sha256', 'sha256', false], ['SHA-256-SESS', 'sha256', true]] as const)('know %s', (algorithm, hash, session) => {
    expect(only(`Digest realm="r", nonce="n", algorithm="${algorithm}"`)).toMatchObject({ hash, session, algorithm })
  })
  it('pass over what cannot be answered', () => {
    expect(parseChallenges(['Digest realm="c", nonce="n", algorithm=SHA-512-256', 'Digest realm="c"', 'Digest realm="x", nonce="n", qop="auth-int"', 'Negotiate', 'NTLM abc==', 'Digest realm="x", nonce="n", algorithm=constructor', '"', '=', ''])).toEqual([])
  })
  it('are taken SHA-256 first, then MD5, and Basic last, in whatever order they came', () => {
    const [basic, md5, sha, again] = parseChallenges(['Basic realm="r"', 'Digest realm="r", nonce="1", Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth"', 'Basic realm="z"'])
    expect(chooseChallenge([basic!, md5!, sha!, again!])).toBe(sha)
    expect(chooseChallenge([md5!, basic!])).toBe(md5)
    expect(chooseChallenge([basic!])).toBe(basic)
    expect(chooseChallenge([])).toBeNull()
  })
})

describe('answers', () => {
  // RFC 7616 section 3.9.1
  const rfc7616 = (algorithm: string) => only(`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`)
  it.each([['MD5', '8ca523f5e9506fed4657c9700eebdbec'], ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1']])('are those of RFC 7616, section 3.9.1, for %s', (algorithm, response) => {
    const header = new Authorizer(rfc7616(algorithm), login).header('GET', '/dir/index.html', 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ')
    expect(header).toBe('Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
      `response="${response}", algorithm=${algorithm}, opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, nc=00000001`)
  })
  it('are that of RFC 2617, section 3.5', () => {
    const challenge = only('Digest qop="auth,auth-int", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41", stale="FALSE"')
    expect(new Authorizer(challenge, { username: 'Mufasa', password: 'Circle Of Life' }).header('GET', '/dir/index.html', '0a4f113b')).toContain('response="6629fae49393a05397450978507c4ef1"')
  })
  it('leave qop, cnonce and algorithm out for cameras of RFC 2069', () => {
    const header = new Authorizer(only('Digest realm="r", nonce="n"'), { username: 'u', password: 'p' }).header('DESCRIBE', 'rtsp://h/')
    expect(header).toBe('Digest username="u", realm="r", nonce="n", uri="rtsp://h/", response="6231f339632dca5d8dc9df283162399c"')
  })
  // Worked out with OpenSSL from the definition of A1 in RFC 7616 section 3.4.2: H(H("u:r:p"):n:c).
  it('bind the secret to the nonce for -sess', () => {
    const header = new Authorizer(only('Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess'), { username: 'u', password: 'p' }).header('GET', '/', 'c')
    expect(header).toContain('response="6e4aac8b22e97762f88ccd0d5ccf5b1d"')
    expect(header).toContain('algorithm=MD5-sess')
  })
  it('count the uses of one nonce, go on when the same nonce is asked for again, and begin anew with another', () => {
    const challenge = only('Digest realm="r", nonce="1", qop="auth"')
    const first = new Authorizer(challenge, login)
    first.header('OPTIONS', '/')
    expect(first.header('DESCRIBE', '/')).toContain('nc=00000002')
    expect(new Authorizer(challenge, login, first).header('SETUP', '/')).toContain('nc=00000003')
    expect(new Authorizer(only('Digest realm="r", nonce="2", qop="auth"'), login, first).header('SETUP', '/')).toContain('nc=00000001')
  })
  it('are Basic in UTF-8 (RFC 7617, section 2.1)', () => {
    expect(basicHeader({ username: 'test', password: '123£' })).toBe('Basic dGVzdDoxMjPCow==')
    expect(new Authorizer({ scheme: 'basic', realm: 'r' }, { username: 'test', password: '123£' }).header('GET', '/')).toBe('Basic dGVzdDoxMjPCow==')
  })
  it('can be written byte by byte', () => {
    expect(Buffer.from(utf8Bytes('username="Олена"'), 'latin1').toString('utf8')).toBe('username="Олена"')
  })
  it('cannot be broken out of by a user name', () => {
    const header = new Authorizer(only('Digest realm="r\\"x", nonce="n"'), { username: 'u"\r\nEvil: 1', password: 'p' }).header('DESCRIBE', '/')
    expect(header).not.toMatch(/[\r\n]/)
    expect(header).toContain('username="u\\"Evil: 1", realm="r\\"x"')
  })
  it('survive any header', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.array(fc.constantFrom('Digest ', 'nonce', '=', '"', ',', ' ', '\\', 'qop="auth"', 'realm=', '\r\n', 'ї')).map(parts => parts.join(''))), header => {
      const challenge = chooseChallenge(parseChallenges([header]))
      if (challenge) expect(new Authorizer(challenge, { username: 'a"\r\nX: y', password: 'ї' }).header('GET', '/')).not.toMatch(/[\r\n]/)
    }), { numRuns: 3000 })
  })
})
