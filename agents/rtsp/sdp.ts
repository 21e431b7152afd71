/** One `m=` section as far as RTP needs it (RFC 8866). */
export interface SdpMedia {
  kind: 'video' | 'audio' | 'other'
  payloadType: number
  /** Upper case: H264, H265, MPEG4-GENERIC, PCMU, PCMA. */
  encoding: string
  clockRate: number
  channels: number
  /** fmtp parameters, names in lower case. */
  parameters: Map<string, string>
  control: string | null
}
export interface Sdp { control: string | null, media: SdpMedia[] }

const staticTypes: Record<number, [string, number]> = { 0: ['PCMU', 8000], 8: ['PCMA', 8000] }
const MAX_LINES = 2000
const MAX_MEDIA = 16

export function parseSdp (text: string): Sdp {
  const sdp: Sdp = { control: null, media: [] }
  let current: SdpMedia | null = null
  for (const line of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    const value = line.slice(2).trim()
    if (line.startsWith('m=')) {
      if (sdp.media.length >= MAX_MEDIA) break
      current = startMedia(value)
      sdp.media.push(current)
    } else if (line.startsWith('a=')) {
      const colon = value.indexOf(':')
      if (colon > 0) readAttribute(sdp, current, value.slice(0, colon).toLowerCase(), value.slice(colon + 1).trim())
    }
  }
  return sdp
}

function startMedia (value: string): SdpMedia {
  const [kind, , , format] = value.split(/\s+/)
  const payloadType = Number(format)
  const known = staticTypes[payloadType]
  return {
    kind: kind === 'video' || kind === 'audio' ? kind : 'other',
    payloadType: Number.isInteger(payloadType) && payloadType >= 0 && payloadType < 128 ? payloadType : -1,
    encoding: known?.[0] ?? '', clockRate: known?.[1] ?? 90_000, channels: 1, parameters: new Map(), control: null
  }
}

function readAttribute (sdp: Sdp, media: SdpMedia | null, name: string, value: string) {
  if (name === 'control') {
    if (media) media.control = value
    else sdp.control = value
    return
  }
  if (!media) return
  const space = value.search(/\s/)
  if (space < 0 || Number(value.slice(0, space)) !== media.payloadType) return
  const rest = value.slice(space + 1).trim()
  if (name === 'rtpmap') {
    const [encoding, rate, channels] = rest.split('/')
    media.encoding = (encoding ?? '').toUpperCase()
    const clockRate = Number(rate)
    if (clockRate >= 1000 && clockRate <= 1_000_000) media.clockRate = clockRate
    const count = Number(channels)
    if (Number.isInteger(count) && count >= 1 && count <= 8) media.channels = count
  } else if (name === 'fmtp') {
    for (const part of rest.split(';', 64)) {
      const equals = part.indexOf('=')
      if (equals > 0) media.parameters.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim())
    }
  }
}
