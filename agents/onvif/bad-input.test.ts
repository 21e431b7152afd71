/** Pure code against hostile bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readProbeMatches } from './discover.js'
import { CameraFailure } from './failure.js'
import { readJpegSize } from './jpeg.js'
import { pinHttp, pinUri } from './pin.js'
import { readProfiles1, readProfiles2 } from './profiles.js'
import { readPresets, readPtzStatus } from './ptz/replies.js'
import { readReply } from './soap.js'
import { posixZoneOffsetMin, readDeviceTime } from './time.js'
import { passwordDigest } from './username-token.js'
import { escapeXml, parseXml, type XmlNode } from './xml.js'

const soap = (body: string) => `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:t="t" xmlns:tt="tt"><s:Body>${body}</s:Body></s:Envelope>`
const samples: [string, string, (node: XmlNode) => unknown][] = [
  ['GetProfiles', '<t:GetProfilesResponse><t:Profiles token="a"><tt:Name>n</tt:Name><tt:VideoEncoderConfiguration token="e"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>2000</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></t:Profiles></t:GetProfilesResponse>', node => [readProfiles1(node), readProfiles2(node)]],
  ['GetProfiles', '<t:GetProfilesResponse><t:Profiles token="a"><t:Name>n</t:Name><t:Configurations><t:VideoEncoder token="e" GovLength="50"><tt:Encoding>H265</tt:Encoding></t:VideoEncoder><t:PTZ/></t:Configurations></t:Profiles></t:GetProfilesResponse>', node => [readProfiles1(node), readProfiles2(node)]],
  ['GetSystemDateAndTime', '<t:GetSystemDateAndTimeResponse><t:SystemDateAndTime><tt:TimeZone><tt:TZ>EET-2EEST,M3.5.0/3,M10.5.0/4</tt:TZ></tt:TimeZone><tt:LocalDateTime><tt:Time><tt:Hour>1</tt:Hour><tt:Minute>2</tt:Minute><tt:Second>3</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year><tt:Month>1</tt:Month><tt:Day>31</tt:Day></tt:Date></tt:LocalDateTime></t:SystemDateAndTime></t:GetSystemDateAndTimeResponse>', readDeviceTime],
  ['GetStatus', '<t:GetStatusResponse><t:PTZStatus><tt:Position><tt:PanTilt x="0.1" y="-1e-3"/><tt:Zoom x="1"/></tt:Position><tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt></tt:MoveStatus></t:PTZStatus></t:GetStatusResponse>', readPtzStatus],
  ['GetPresets', '<t:GetPresetsResponse><t:Preset token="1"><tt:Name>&#1057;</tt:Name></t:Preset></t:GetPresetsResponse>', readPresets]
]
const pieces = ['<', '>', '</', '&', '&#x0;', ']]>', '<![CDATA[', '<!--', '<?', '"', '\u0000', '\ud800', '<a>'.repeat(60), 'x'.repeat(70_000), 'NaN', '-', '1e999', 'xmlns=""', '<s:Fault/>']

describe('replies that were tampered with', () => {
  it('never do more than end in a CameraFailure (10,000 of them)', () => {
    const edit = fc.record({ where: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(40), insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 12 }), fc.constant('')) })
    fc.assert(fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 4 }), fc.constantFrom(200, 200, 400, 500), ([method, body, read], edits, status) => {
      let xml = soap(body)
      for (const { where, cut, insert } of edits) {
        const at = Math.floor(where * xml.length)
        xml = xml.slice(0, at) + insert + xml.slice(at + cut)
      }
      try {
        read(readReply(status, xml, method))
      } catch (error) {
        expect(error).toBeInstanceOf(CameraFailure)
        expect((error as CameraFailure).code).not.toBe('internal')
      }
      expect(readProbeMatches(Buffer.from(xml), '10.0.0.1', new Set(['']))).toEqual([])
    }), { numRuns: 10_000 })
  }, 60_000)

  it.each<[string, string]>([
    ['nested tags', '<a>'.repeat(55_000)], ['half-open tags', '<a'.repeat(80_000)], ['attributes', `<a ${Array.from({ length: 20_000 }, (_, i) => `b${i}="1"`).join(' ')}>`],
    ['siblings', `<a>${'<b/>'.repeat(45_000)}</a>`], ['one text', `<a>${'x'.repeat(160_000)}</a>`], ['comments', `<a>${'<!---->'.repeat(20_000)}`], ['namespaces', `<a ${Array.from({ length: 8000 }, (_, i) => `xmlns:b${i}="u"`).join(' ')}/>`],
    ['a billion laughs', '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'], ['an unknown entity', '<a>&nbsp;</a>'], ['nothing', '']
  ])('160 kB of %s are refused', (_name, xml) => {
    expect(() => parseXml(xml)).toThrow(CameraFailure)
  })
})

describe('WS-UsernameToken', () => {
  it('gives the digest of the ONVIF programmer\'s guide', () => {
    expect(passwordDigest(Buffer.from('LKqI6G/AikKCQrN0zqZFlg==', 'base64'), '2010-09-16T07:50:45Z', 'userpassword')).toBe('tuOSpGlFlIXsozq4HFNeeGeFLEI=')
  })
})

describe('addresses that a device gives', () => {
  const approved = { address: '10.0.0.5', port: 8000 }
  it.each([
    ['http://10.0.0.5/onvif/media?x=1#f', { port: 80, path: '/onvif/media?x=1', sameHost: true }],
    ['http://10.0.0.5:81/a', { port: 81, path: '/a', sameHost: true }],
    ['http://admin:pw@10.0.0.5:81/a', { port: 81, path: '/a', sameHost: true }],
    ['http://10.0.0.6:81/a', { port: 8000, path: '/a', sameHost: false }],
    ['http://10.0.0.5@evil.example:81/a', { port: 8000, path: '/a', sameHost: false }],
    ['http://10.0.0.5.evil.example/a', { port: 8000, path: '/a', sameHost: false }],
    ['http://0x0a.0.0.5:99/a', { port: 99, path: '/a', sameHost: true }],
    ['http://[::ffff:10.0.0.5]/a', { port: 8000, path: '/a', sameHost: false }],
    ['file:///etc/passwd', null], ['javascript:alert(1)', null], ['/relative', null], ['', null], ['http://', null], [`http://10.0.0.5/${'a'.repeat(1500)}`, null]
  ])('%s', (uri, expected) => {
    expect(pinUri(uri, approved, ['http'])).toEqual(expected)
  })
  it('TLS never falls back, whatever scheme the device names', () => {
    const target = { address: 'cam.example', port: 443, tls: true }
    expect(pinHttp('http://cam.example:80/media', target)).toEqual({ target, path: '/media', sameHost: true })
    expect(pinHttp('https://cam.example:8443/media', target)).toMatchObject({ target: { port: 8443, tls: true } })
  })
  it('IPv6 and RTSP', () => {
    expect(pinUri('rtsp://[fe80::1]:8554/s?x=1', { address: 'fe80::1%eth0', port: 554 }, ['rtsp'])).toEqual({ port: 8554, path: '/s?x=1', sameHost: true })
    expect(pinUri('rtsp://u:p@10.0.0.5/s', approved, ['rtsp'])).toEqual({ port: 554, path: '/s', sameHost: true })
  })
  it('any text gives a path or nothing', () => {
    fc.assert(fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string()), uri => {
      const pinned = pinUri(uri, approved, ['http', 'https', 'rtsp'])
      if (pinned) expect(pinned.path.startsWith('/') && pinned.port > 0).toBe(true)
    }), { numRuns: 2000 })
  })
})

describe('time zones and texts', () => {
  it.each([
    ['UTC0', false, 0], ['EET-2EEST,M3.5.0/3,M10.5.0/4', false, 120], ['EET-2EEST,M3.5.0/3,M10.5.0/4', true, 180], ['CST-8', true, 480], ['<+0530>-5:30', false, 330], ['EST5EDT', true, -240], ['NST3:30NDT2:30', true, -150], ['Europe/Kyiv', false, null], ['', false, null], ['GMT+02:00', false, -120]
  ])('%s summer=%s', (zone, summer, expected) => {
    expect(posixZoneOffsetMin(zone, summer)).toBe(expected)
  })
  it('impossible dates are no dates', () => {
    const read = (month: number, day: number) => readDeviceTime(parseXml(`<r><SystemDateAndTime><UTCDateTime><Time><Hour>0</Hour><Minute>0</Minute><Second>0</Second></Time><Date><Year>2026</Year><Month>${month}</Month><Day>${day}</Day></Date></UTCDateTime></SystemDateAndTime></r>`)).source
    expect([read(1, 31), read(2, 31), read(0, 0), read(13, 1)]).toEqual(['utc', 'none', 'none', 'none'])
  })
  it('escaped texts come back unchanged and are plain ASCII', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => {
      const escaped = escapeXml(text)
      expect(escaped).toMatch(/^[ -~]*$/)
      const legal = Array.from(text).filter(c => (c >= ' ' && c !== '\ufffe' && c !== '\uffff') || '\t\n\r'.includes(c)).join('')
      expect(parseXml(`<a>${escaped}</a>`).text).toBe(legal.trim())
    }))
  })
  it('a JPEG size is read from any bytes or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try { expect(readJpegSize(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), bytes])).width).toBeGreaterThan(0) } catch (error) { expect(error).toBeInstanceOf(CameraFailure) }
    }), { numRuns: 5000 })
  })
})
