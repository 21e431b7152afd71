/** What a camera writes into a pull's answer, read without trust: topics without their prefixes, items as plain text. */
import { at, childrenOf, type XmlNode } from '../xml.js'

export interface CameraMessage {
  /** Without prefixes and empty steps: `RuleEngine/CellMotionDetector/Motion`. */
  topic: string
  operation: 'Initialized' | 'Changed' | 'Deleted'
  /** As the camera wrote it; empty where it wrote none. */
  utcTime: string
  source: Record<string, string>
  key: Record<string, string>
  data: Record<string, string>
}

/** More messages in one answer than we asked for are not read. */
const maxMessages = 100
const maxItems = 12
/** Words that we write beside a camera's own; it may not say them for us. */
const ours: ReadonlySet<string> = new Set(['initial', 'closed', 'merged', 'topic', 'code', 'detail'])

/** `tns1:VideoSource//tns1:MotionAlarm.` and `tns1:tns1:Device` happen. */
export const cleanTopic = (text: string) => text.trim().slice(0, 300).split('/')
  .map(step => (step.split(':').at(-1) ?? '').replace(/^[.\s]+|[.\s]+$/g, '')).filter(step => step !== '').join('/')

function items (node: XmlNode | undefined): Record<string, string> {
  const read: Record<string, string> = {}
  for (const item of childrenOf(node, 'SimpleItem').slice(0, maxItems)) {
    const name = (item.attributes.Name ?? '').slice(0, 60)
    if (/^[A-Za-z_][\w.-]*$/.test(name) && !ours.has(name)) read[name] = (item.attributes.Value ?? '').slice(0, 200)
  }
  return read
}

function readMessage (node: XmlNode): CameraMessage | null {
  const topic = cleanTopic(at(node, 'Topic')?.text ?? '')
  if (topic === '') return null
  const message = at(node, 'Message', 'Message')
  const operation = message?.attributes.PropertyOperation
  return {
    topic, operation: operation === 'Initialized' || operation === 'Deleted' ? operation : 'Changed', utcTime: message?.attributes.UtcTime?.slice(0, 60) ?? '',
    source: items(at(message, 'Source')), key: items(at(message, 'Key')), data: items(at(message, 'Data'))
  }
}

/** Body of tev:PullMessagesResponse. */
export const readMessages = (reply: XmlNode): CameraMessage[] => childrenOf(reply, 'NotificationMessage').slice(0, maxMessages).flatMap(node => readMessage(node) ?? [])

const readTime = (text: string | undefined) => {
  const ms = Date.parse(text?.trim() ?? '')
  return Number.isNaN(ms) ? null : ms
}

/** How long a subscription lives from now, ms, by the camera's own two times; `askedMs` where they cannot be read or are absurd. */
export function lifeMs (reply: XmlNode, askedMs: number): number {
  const current = readTime(at(reply, 'CurrentTime')?.text)
  const end = readTime(at(reply, 'TerminationTime')?.text)
  if (current === null || end === null) return askedMs
  const life = end - current
  return life >= 5000 && life <= 86_400_000 ? life : askedMs
}

/** A message held up for longer than this takes the camera's time; one as old as `oldestMs` has a clock that is not to be believed. */
const freshMs = 3000
const oldestMs = 10 * 60_000

/** When it happened, on our clock. Arrival is the better measure, unless the camera's corrected time says that it waited. */
export function messageTime (utcTime: string, offsetMs: number | null, now: number): number {
  const told = readTime(utcTime)
  if (told === null || offsetMs === null) return now
  const age = now - (told - offsetMs)
  return age > freshMs && age < oldestMs ? Math.round(now - age) : now
}
