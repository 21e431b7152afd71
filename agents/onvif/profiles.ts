/** Media profiles as both generations of the media service describe them. */
import { at, childrenOf, numberAt, textAt, type XmlNode } from './xml.js'

export interface Profile {
  token: string
  name: string
  /** From the Media2 service: its stream and snapshot addresses are asked there. */
  media2: boolean
  codec: 'h264' | 'h265' | 'jpeg' | 'mpeg4' | 'other' | null
  width: number | null
  height: number | null
  /** Configured limit, frames a second. */
  fps: number | null
  /** Configured limit, kbit/s. */
  bitrateKbps: number | null
  /** Frames from one key frame to the next, as configured. */
  govLength: number | null
  audio: boolean
  ptz: boolean
}

const maxProfiles = 64
const codecs: Record<string, Profile['codec']> = { H264: 'h264', H265: 'h265', HEVC: 'h265', JPEG: 'jpeg', MPEG4: 'mpeg4', MP4V: 'mpeg4' }

function codecOf (encoding: string): Profile['codec'] {
  if (encoding === '') return null
  return codecs[encoding.toUpperCase().replace(/^VIDEO\//, '').replace(/[^A-Z0-9]/g, '').replace(/ES$/, '')] ?? 'other'
}

const size = (node: XmlNode | undefined, name: string) => {
  const value = numberAt(node, 'Resolution', name)
  return value !== null && Number.isInteger(value) && value > 0 && value <= 32_768 ? value : null
}
const positive = (value: number | null) => value !== null && value > 0 ? value : null

function common (node: XmlNode, encoder: XmlNode | undefined) {
  return {
    token: (node.attributes.token ?? '').slice(0, 200), name: textAt(node, 'Name').slice(0, 200),
    codec: codecOf(textAt(encoder, 'Encoding')), width: size(encoder, 'Width'), height: size(encoder, 'Height'),
    fps: positive(numberAt(encoder, 'RateControl', 'FrameRateLimit')), bitrateKbps: positive(numberAt(encoder, 'RateControl', 'BitrateLimit'))
  }
}

const usable = (profile: Profile) => profile.token !== ''

/** Body of trt:GetProfilesResponse. */
export const readProfiles1 = (reply: XmlNode): Profile[] => childrenOf(reply, 'Profiles').slice(0, maxProfiles).map(node => {
  const encoder = at(node, 'VideoEncoderConfiguration')
  return {
    ...common(node, encoder), media2: false, govLength: positive(numberAt(encoder, 'H264', 'GovLength') ?? numberAt(encoder, 'MPEG4', 'GovLength')),
    audio: at(node, 'AudioEncoderConfiguration') !== undefined, ptz: at(node, 'PTZConfiguration') !== undefined
  }
}).filter(usable)

/** Body of tr2:GetProfilesResponse. */
export const readProfiles2 = (reply: XmlNode): Profile[] => childrenOf(reply, 'Profiles').slice(0, maxProfiles).map(node => {
  const configurations = at(node, 'Configurations')
  const encoder = at(configurations, 'VideoEncoder')
  return {
    ...common(node, encoder), media2: true, govLength: positive(Number(encoder?.attributes.GovLength ?? '0') || null),
    audio: at(configurations, 'AudioEncoder') !== undefined, ptz: at(configurations, 'PTZ') !== undefined
  }
}).filter(usable)

const area = (profile: Profile) => (profile.width ?? 0) * (profile.height ?? 0)
/** Narrower than this a face is a blot and a tile a mosaic. */
const smallestUsableWidth = 160

/** Main is the largest, sub the smallest usable profile that our client can read; sub is null where only one fits. */
export function chooseProfiles (profiles: readonly Profile[]): { main: Profile | null, sub: Profile | null } {
  const readable = profiles.filter(p => p.codec === 'h264' || p.codec === 'h265').sort((a, b) => area(b) - area(a))
  const main = readable[0] ?? null
  const smaller = readable.filter(p => area(p) < (main ? area(main) : 0) && (p.width ?? 0) >= smallestUsableWidth)
  return { main, sub: smaller.at(-1) ?? null }
}
