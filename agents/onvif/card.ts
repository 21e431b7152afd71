/** What a camera recorded on its own card, asked over ONVIF Profile G (Recording Search and Replay Control Service Specifications). */
import type { CameraControl } from './camera-control.js'
import { CameraFailure } from './failure.js'
import { pinUri } from './pin.js'
import type { SoapRequest } from './requests.js'
import type { CallOptions, Endpoint } from './soap.js'
import { at, childrenOf, escapeXml, textAt, type XmlNode } from './xml.js'

export type CardControl = Pick<CameraControl, 'target' | 'services' | 'call'>
export interface CardRecording { token: string, /** By the camera's clock; null where it does not say. */ from: number | null, to: number | null }
export interface Stretch { from: number, to: number }

const searchUri = 'http://www.onvif.org/ver10/search/wsdl'
const replayUri = 'http://www.onvif.org/ver10/replay/wsdl'
const recordingUri = 'http://www.onvif.org/ver10/recording/wsdl'
const schema = 'xmlns:tt="http://www.onvif.org/ver10/schema"'
/** A camera looks through its card while we wait; beyond it what has been found counts. */
const SEARCH_MS = 20_000
const WAIT_S = 5
const PAGE = 50
const MOST_RESULTS = 5000
/** Two changes this close are one: cameras cut their files and tell it as a hole. */
const JOIN_MS = 1000

/** `no_card`: the camera has no such service; `ambiguous`: it has several recordings and does not say which is its own. */
export class CardFault extends Error {
  constructor (readonly code: 'no_card' | 'ambiguous', message: string) { super(message) }
}

const search = (method: string, inner: string): SoapRequest => ({ method, namespaces: [`xmlns:tse="${searchUri}"`, schema, 'xmlns:tns1="http://www.onvif.org/ver10/topics"'], body: `<tse:${method}>${inner}</tse:${method}>` })
const time = (node: XmlNode | undefined, ...path: string[]) => {
  const ms = Date.parse(textAt(node, ...path))
  return Number.isNaN(ms) || ms <= 0 ? null : ms
}
const isVideo = (recording: XmlNode) => {
  const tracks = childrenOf(recording, 'Track')
  return tracks.length === 0 || tracks.some(t => textAt(t, 'TrackType').toLowerCase() === 'video')
}

async function searchService (control: CardControl, options: CallOptions): Promise<Endpoint> {
  const { search: endpoint, replay } = await control.services(options)
  if (!endpoint || !replay) throw new CardFault('no_card', 'The camera offers no recordings of its own (ONVIF Profile G)')
  return endpoint
}

/** Begins a search, reads its pages until it is complete, and gives it back. */
async function results (control: CardControl, endpoint: Endpoint, begin: SoapRequest, read: 'GetRecordingSearchResults' | 'GetEventSearchResults', options: CallOptions): Promise<XmlNode[]> {
  const token = escapeXml(textAt(await control.call(endpoint, begin, options), 'SearchToken').slice(0, 200))
  const found: XmlNode[] = []
  const until = performance.now() + SEARCH_MS
  try {
    for (let empty = 0; found.length < MOST_RESULTS && performance.now() < until && empty < 20;) {
      const page = at(await control.call(endpoint, search(read, `<tse:SearchToken>${token}</tse:SearchToken><tse:MinResults>1</tse:MinResults><tse:MaxResults>${PAGE}</tse:MaxResults><tse:WaitTime>PT${WAIT_S}S</tse:WaitTime>`),
        { deadlineMs: (WAIT_S + 5) * 1000, ...options }), 'ResultList')
      const rows = childrenOf(page, read === 'GetRecordingSearchResults' ? 'RecordingInformation' : 'Result')
      found.push(...rows)
      if (textAt(page, 'SearchState').toLowerCase() === 'completed') break
      empty = rows.length === 0 ? empty + 1 : 0
    }
  } finally {
    // Cameras have few places for searches. One that cannot end any is not worth a failure.
    await control.call(endpoint, search('EndSearch', `<tse:SearchToken>${token}</tse:SearchToken>`), { ...options, deadlineMs: 2000 }).catch(() => {})
  }
  return found
}

/** The recording that holds this camera's pictures. @throws CardFault, CameraFailure */
export async function findRecording (control: CardControl, profileTokens: readonly string[], options: CallOptions = {}): Promise<CardRecording | null> {
  const endpoint = await searchService(control, options)
  const rows = await results(control, endpoint, search('FindRecordings', '<tse:Scope/><tse:KeepAliveTime>PT60S</tse:KeepAliveTime>'), 'GetRecordingSearchResults', options)
  const all = rows.filter(isVideo).map(r => ({ token: textAt(r, 'RecordingToken').slice(0, 200), from: time(r, 'EarliestRecording'), to: time(r, 'LatestRecording') })).filter(r => r.token !== '')
  if (all.length <= 1) return all[0] ?? null
  const own = await recordingsOf(control, profileTokens, options)
  for (const token of own) {
    const found = all.find(r => r.token === token)
    if (found) return found
  }
  throw new CardFault('ambiguous', `The camera has ${all.length} recordings and does not say which one is of this picture`)
}

/** Recordings by the jobs that fill them from this camera's profiles, in the order of the profiles. */
async function recordingsOf (control: CardControl, profileTokens: readonly string[], options: CallOptions): Promise<string[]> {
  const { recording } = await control.services(options)
  if (!recording) return []
  let jobs: XmlNode[]
  try {
    jobs = childrenOf(await control.call(recording, { method: 'GetRecordingJobs', namespaces: [`xmlns:trc="${recordingUri}"`], body: '<trc:GetRecordingJobs/>' }, options), 'JobItem').map(j => at(j, 'JobConfiguration')).filter(j => j !== undefined)
  } catch (error) {
    if (error instanceof CameraFailure && (error.code === 'protocol_error' || error.code === 'http_status')) return []
    throw error
  }
  const sources = (job: XmlNode) => childrenOf(job, 'Source').map(s => textAt(s, 'SourceToken', 'Token'))
  return profileTokens.flatMap(profile => jobs.filter(j => sources(j).includes(profile)).map(j => textAt(j, 'RecordingToken')))
}

/**
 * Where the recording has data between two moments of the camera's clock, by its history of the video track; null where the camera
 * keeps no such history. Only a hint: what counts is what it plays.
 */
export async function stretchesOf (control: CardControl, recording: CardRecording, from: number, to: number, options: CallOptions = {}): Promise<Stretch[] | null> {
  const endpoint = await searchService(control, options)
  const body = `<tse:StartPoint>${new Date(from).toISOString()}</tse:StartPoint><tse:EndPoint>${new Date(to).toISOString()}</tse:EndPoint><tse:Scope><tt:IncludedRecordings>${escapeXml(recording.token)}</tt:IncludedRecordings></tse:Scope>` +
    '<tse:SearchFilter><wsnt:TopicExpression xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:RecordingHistory/Track/State</wsnt:TopicExpression></tse:SearchFilter>' +
    '<tse:IncludeStartState>true</tse:IncludeStartState><tse:KeepAliveTime>PT60S</tse:KeepAliveTime>'
  let rows: XmlNode[]
  try { rows = await results(control, endpoint, search('FindEvents', body), 'GetEventSearchResults', options) } catch (error) {
    if (error instanceof CameraFailure && ['protocol_error', 'http_status'].includes(error.code)) return null
    throw error
  }
  return stretchesFrom(rows.flatMap(row => eventOf(row, recording.token)), from, to)
}

interface Change { at: number, present: boolean, track: string }
function eventOf (row: XmlNode, recording: string): Change[] {
  const message = at(row, 'Event', 'Message', 'Message')
  const present = childrenOf(at(message, 'Data'), 'SimpleItem').find(i => i.attributes.Name === 'IsDataPresent')?.attributes.Value?.toLowerCase()
  const ms = time(row, 'Time')
  const of = textAt(row, 'RecordingToken')
  if (ms === null || present === undefined || (of !== '' && of !== recording)) return []
  return [{ at: ms, present: ['true', '1'].includes(present), track: textAt(row, 'TrackToken') }]
}

/** Pure. Null when nothing is known at all. With several tracks, the one with the most data is the picture's. */
export function stretchesFrom (changes: readonly Change[], from: number, to: number): Stretch[] | null {
  if (changes.length === 0) return null
  const tracks = [...new Set(changes.map(c => c.track))].map(track => {
    const found: Stretch[] = []
    let since: number | null = null
    for (const change of changes.filter(c => c.track === track).sort((a, b) => a.at - b.at || Number(a.present) - Number(b.present))) {
      if (change.present) since ??= Math.max(from, change.at)
      else if (since !== null) {
        if (change.at > since) found.push({ from: since, to: Math.min(to, change.at) })
        since = null
      }
    }
    if (since !== null && since < to) found.push({ from: since, to })
    const joined: Stretch[] = []
    for (const s of found) {
      const last = joined.at(-1)
      if (last && s.from - last.to <= JOIN_MS) last.to = s.to
      else joined.push(s)
    }
    return joined
  })
  const length = (all: readonly Stretch[]) => all.reduce((sum, s) => sum + s.to - s.from, 0)
  return tracks.reduce((best, t) => length(t) > length(best) ? t : best)
}

/** Where the recording is played, on the approved address. @throws CameraFailure */
export async function replayPath (control: CardControl, recording: CardRecording, rtspPort: number, options: CallOptions = {}): Promise<{ port: number, path: string }> {
  const { replay } = await control.services(options)
  if (!replay) throw new CardFault('no_card', 'The camera does not play its recordings')
  const reply = await control.call(replay, {
    method: 'GetReplayUri', namespaces: [`xmlns:trp="${replayUri}"`, schema],
    body: `<trp:GetReplayUri><trp:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport></trp:StreamSetup><trp:RecordingToken>${escapeXml(recording.token)}</trp:RecordingToken></trp:GetReplayUri>`
  }, options)
  const pinned = pinUri(textAt(reply, 'Uri'), { address: control.target.address, port: rtspPort }, ['rtsp'])
  if (!pinned) throw new CameraFailure('no_stream', 'the camera gave a replay address that is not RTSP')
  return { port: pinned.port, path: pinned.path }
}
