/** ISO 14496-12 boxes, as much of them as a viewer needs: what the init segment says, and where a fragment's one sample lies. */

export interface Track {
  id: number
  kind: 'video' | 'audio'
  /** Units of tfdt in a second. */
  timescale: number
  /** avcC, hvcC, or the AudioSpecificConfig of esds; null when the sample entry has none. */
  config: Uint8Array | null
  width: number
  height: number
  channels: number
  sampleRate: number
}
export interface Sample {
  trackId: number
  /** Presentation time in the track's timescale. */
  time: number
  /** Zero when the fragment does not say. */
  duration: number
  data: Uint8Array
}

const viewOf = (b: Uint8Array) => new DataView(b.buffer, b.byteOffset, b.byteLength)
const nameAt = (v: DataView, at: number) => String.fromCharCode(v.getUint8(at), v.getUint8(at + 1), v.getUint8(at + 2), v.getUint8(at + 3))

export interface Box { name: string, start: number, body: number, end: number }
/** The boxes between `from` and `to`; a size that does not fit ends the walk with an error rather than a loop. */
export function boxes (bytes: Uint8Array, from = 0, to = bytes.length): Box[] {
  const v = viewOf(bytes)
  const found: Box[] = []
  for (let at = from; at + 8 <= to;) {
    let size = v.getUint32(at)
    let body = at + 8
    if (size === 1 && at + 16 <= to) { size = Number(v.getBigUint64(at + 8)); body = at + 16 }
    if (size === 0) size = to - at
    if (size < body - at || at + size > to) throw new RangeError(`Box ${nameAt(v, at)} of ${size} bytes does not fit`)
    found.push({ name: nameAt(v, at + 4), start: at, body, end: at + size })
    at += size
  }
  return found
}
function path (bytes: Uint8Array, within: { body: number, end: number }, ...names: string[]): Box | null {
  let here: { body: number, end: number } = within
  for (const name of names) {
    const next = boxes(bytes, here.body, here.end).find(b => b.name === name)
    if (!next) return null
    here = next
  }
  return here as Box
}
const whole = (bytes: Uint8Array) => ({ body: 0, end: bytes.length })

/** The DecoderSpecificInfo (tag 5) inside an esds, ISO 14496-1 descriptors with their 7-bit lengths. */
function audioConfig (bytes: Uint8Array, esds: Box): Uint8Array | null {
  let at = esds.body + 4
  while (at + 2 < esds.end) {
    const tag = bytes[at++]!
    let length = 0
    for (let n = 0; n < 4; n++) { const b = bytes[at++]!; length = length << 7 | b & 0x7f; if (!(b & 0x80)) break }
    if (tag === 3) at += 3
    else if (tag === 4) at += 13
    else if (tag === 5) return bytes.slice(at, Math.min(at + length, esds.end))
    else at += length
  }
  return null
}

function sampleEntry (bytes: Uint8Array, stbl: Box): Pick<Track, 'config' | 'width' | 'height' | 'channels' | 'sampleRate'> {
  const none = { config: null, width: 0, height: 0, channels: 0, sampleRate: 0 }
  const stsd = path(bytes, stbl, 'stsd')
  const entry = stsd && boxes(bytes, stsd.body + 8, stsd.end)[0]
  if (!entry) return none
  const v = viewOf(bytes)
  if (entry.name === 'mp4a') {
    const esds = path(bytes, { body: entry.body + 28, end: entry.end }, 'esds')
    return { ...none, channels: v.getUint16(entry.body + 16), sampleRate: v.getUint16(entry.body + 24), config: esds && audioConfig(bytes, esds) }
  }
  const inner = { body: entry.body + 78, end: entry.end }
  if (inner.body > inner.end) return none
  const config = path(bytes, inner, 'avcC') ?? path(bytes, inner, 'hvcC')
  return { ...none, width: v.getUint16(entry.body + 24), height: v.getUint16(entry.body + 26), config: config && bytes.slice(config.body, config.end) }
}

function trackOf (bytes: Uint8Array, trak: Box): Track | null {
  const v = viewOf(bytes)
  const tkhd = path(bytes, trak, 'tkhd')
  const mdhd = path(bytes, trak, 'mdia', 'mdhd')
  const hdlr = path(bytes, trak, 'mdia', 'hdlr')
  const stbl = path(bytes, trak, 'mdia', 'minf', 'stbl')
  if (!tkhd || !mdhd || !hdlr || !stbl) return null
  const kind = { vide: 'video', soun: 'audio' }[nameAt(v, hdlr.body + 8)] as Track['kind'] | undefined
  if (!kind) return null
  const id = v.getUint32(tkhd.body + (bytes[tkhd.body] === 1 ? 20 : 12))
  const timescale = v.getUint32(mdhd.body + (bytes[mdhd.body] === 1 ? 20 : 12))
  return { id, kind, timescale, ...sampleEntry(bytes, stbl) }
}

/** The tracks of an init segment (ftyp + moov). */
export function parseInit (bytes: Uint8Array): Track[] {
  const moov = path(bytes, whole(bytes), 'moov')
  if (!moov) throw new RangeError('The init segment has no moov')
  return boxes(bytes, moov.body, moov.end).filter(b => b.name === 'trak').map(b => trackOf(bytes, b)).filter(t => t !== null)
}

/** The init segment with only one track, since a SourceBuffer waits for every track that its init promised. */
export function onlyTrack (bytes: Uint8Array, trackId: number): Uint8Array<ArrayBuffer> {
  const v = viewOf(bytes)
  const parts: Uint8Array[] = []
  const copy = (from: number, to: number) => parts.push(bytes.subarray(from, to))
  const container = (box: Box, children: Uint8Array[]) => {
    const head = bytes.slice(box.start, box.body)
    viewOf(head).setUint32(0, head.length + children.reduce((n, c) => n + c.length, 0))
    return [head, ...children]
  }
  for (const top of boxes(bytes)) {
    if (top.name !== 'moov') { copy(top.start, top.end); continue }
    const kept = boxes(bytes, top.body, top.end).flatMap(child => {
      if (child.name === 'trak') return trackOf(bytes, child)?.id === trackId ? [bytes.subarray(child.start, child.end)] : []
      if (child.name !== 'mvex') return [bytes.subarray(child.start, child.end)]
      return container(child, boxes(bytes, child.body, child.end).filter(b => b.name !== 'trex' || v.getUint32(b.body + 4) === trackId).map(b => bytes.subarray(b.start, b.end)))
    })
    parts.push(...container(top, kept))
  }
  return joined(parts)
}
export function joined (parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) { all.set(part, at); at += part.length }
  return all
}

/** The one sample of a fragment (moof + mdat). `data` is a view, not a copy. */
export function parseFragment (bytes: Uint8Array): Sample {
  const v = viewOf(bytes)
  const traf = path(bytes, whole(bytes), 'moof', 'traf')
  const mdat = boxes(bytes).find(b => b.name === 'mdat')
  const tfhd = traf && path(bytes, traf, 'tfhd')
  const tfdt = traf && path(bytes, traf, 'tfdt')
  const trun = traf && path(bytes, traf, 'trun')
  if (!mdat || !tfhd || !tfdt || !trun) throw new RangeError('A fragment lacks tfhd, tfdt, trun or mdat')
  const decodeTime = bytes[tfdt.body] === 1 ? Number(v.getBigUint64(tfdt.body + 4)) : v.getUint32(tfdt.body + 4)
  const tfhdFlags = v.getUint32(tfhd.body) & 0xffffff
  const defaultAt = tfhd.body + 8 + (tfhdFlags & 1 ? 8 : 0) + (tfhdFlags & 2 ? 4 : 0)
  let duration = tfhdFlags & 8 ? v.getUint32(defaultAt) : 0
  const flags = v.getUint32(trun.body) & 0xffffff
  let at = trun.body + 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0)
  if (flags & 0x100) { duration = v.getUint32(at); at += 4 }
  if (flags & 0x200) at += 4
  if (flags & 0x400) at += 4
  const offset = flags & 0x800 ? v.getInt32(at) : 0
  return { trackId: v.getUint32(tfhd.body + 4), time: decodeTime + offset, duration, data: bytes.subarray(mdat.body, mdat.end) }
}
