import { describe, expect, it } from 'vitest'
import { Authorizer, chooseChallenge, parseChallenges } from './auth.js'

describe('challenges', () => {
  it('reads several schemes in one header, quoted commas and escapes included', () => {
    const found = parseChallenges(['Basic realm="a, \\"b\\"", Digest realm="c", nonce="n=,", qop="auth-int, auth", algorithm=SHA-256, opaque="o", stale=TRUE'])
    expect(found).toEqual([
      { scheme: 'basic', realm: 'a, "b"' },
      { scheme: 'digest', realm: 'c', nonce: 'n=,', opaque: 'o', algorithm: 'SHA-256', qop: true, stale: true }
    ])
  })
  it('passes over what it cannot answer', () => {
    expect(parseChallenges(['Digest realm="c", nonce="n", algorithm=SHA-512-256', 'Digest realm="c"', 'Digest realm="x", nonce="n", qop="auth-int"', 'Negotiate', 'NTLM abc==', '"', '=', ''])).toEqual([])
  })
  it('takes SHA-256 before MD5, and Basic last', () => {
    const [basic, md5, sha] = parseChallenges(['Basic realm="r"', 'Digest realm="r", nonce="1"', 'Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth"'])
    expect(chooseChallenge([basic!, md5!, sha!])).toBe(sha)
    expect(chooseChallenge([basic!, md5!])).toBe(md5)
    expect(chooseChallenge([])).toBeNull()
  })
})

describe('answers', () => {
  // RFC 7616 3.9.1
  const challenge = (algorithm: string) => parseChallenges([`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`])[0]!
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
  it.each([['MD5', '8ca523f5e9506fed4657c9700eebdbec'], ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1']])('match the RFC for %s', (algorithm, response) => {
    const header = new Authorizer(challenge(algorithm), { username: 'Mufasa', password: 'Circle of Life' }).header('GET', '/dir/index.html', cnonce)
    expect(header).toContain(`response="${response}"`)
    expect(header).toContain('nc=00000001')
  })
  it('count up for one nonce', () => {
    const authorizer = new Authorizer(challenge('MD5'), { username: 'a', password: 'b' })
    authorizer.header('OPTIONS', '/')
    expect(authorizer.header('DESCRIBE', '/')).toContain('nc=00000002')
  })
  it('leave qop and cnonce out for cameras of RFC 2069', () => {
    const header = new Authorizer(parseChallenges(['Digest realm="r", nonce="n"'])[0]!, { username: 'u', password: 'p' }).header('DESCRIBE', 'rtsp://h/')
    expect(header).toBe('Digest username="u", realm="r", nonce="n", uri="rtsp://h/", response="6231f339632dca5d8dc9df283162399c"')
  })
  it('cannot be broken out of by a user name', () => {
    const header = new Authorizer(parseChallenges(['Digest realm="r\\"x", nonce="n"'])[0]!, { username: 'u"\r\nEvil: 1', password: 'p' }).header('DESCRIBE', '/')
    expect(header).not.toMatch(/[\r\n]/)
    expect(header).toContain('username="u\\"Evil: 1"')
  })
})
