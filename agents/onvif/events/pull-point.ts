/** One PullPoint subscription (ONVIF Core, section 9.2) on an approved camera. */
import { randomUUID } from 'node:crypto'
import type { CameraControl } from '../camera-control.js'
import { CameraFailure } from '../failure.js'
import { pinHttp } from '../pin.js'
import type { SoapRequest } from '../requests.js'
import type { CallOptions, Endpoint } from '../soap.js'
import { at, escapeXml, textAt, type XmlNode } from '../xml.js'
import { type CameraMessage, lifeMs, readMessages } from './messages.js'

export type PullPointControl = Pick<CameraControl, 'target' | 'services' | 'call' | 'clockOffsetMs'>

const eventsUri = 'http://www.onvif.org/ver10/events/wsdl'
const notificationUri = 'http://docs.oasis-open.org/wsn/b-2'
const askedLifeMs = 600_000
/** A camera holds a pull for so long when nothing happens. */
const pullS = 20
const atOnce = 50
/** Fifty fat messages are about 60 kB. */
const maxReplyBytes = 256 * 1024
const callMs = 5000
const maxParameterChars = 2000

/** Reference parameters become header blocks of every message to the subscription (WS-Addressing 1.0 SOAP Binding, section 3). */
function asHeader (node: XmlNode, depth = 0): string {
  if (depth > 4) return ''
  const attributes = Object.entries(node.attributes).filter(([name]) => !name.startsWith('xmlns') && name !== node.name)
    .flatMap(([name, value]) => /^[A-Za-z_][\w-]*$/.test(name) && name !== 'IsReferenceParameter' ? [` ${name}="${escapeXml(value)}"`] : []).join('')
  const mark = depth === 0 ? ' wsa:IsReferenceParameter="true"' : ''
  return `<r:${node.name} xmlns:r="${escapeXml(node.uri)}"${attributes}${mark}>${escapeXml(node.text)}${node.children.map(c => asHeader(c, depth + 1)).join('')}</r:${node.name}>`
}

interface Reference { endpoint: Endpoint, to: string, parameters: string }

export class PullPoint {
  #reference: Reference | null = null
  /** When the subscription ends unless renewed, on our clock. */
  expiresAt = 0

  constructor (private readonly control: PullPointControl, private readonly now: () => number) {}

  /** Throws CameraFailure; `not_permitted` where the camera has no event service. */
  async create (options: CallOptions): Promise<void> {
    const { events } = await this.control.services(options)
    if (!events) throw new CameraFailure('not_permitted', 'the camera offers no event service')
    const body = `<tev:CreatePullPointSubscription><tev:InitialTerminationTime>PT${askedLifeMs / 1000}S</tev:InitialTerminationTime></tev:CreatePullPointSubscription>`
    const reply = await this.control.call(events, this.#request('CreatePullPointSubscription', `${eventsUri}/EventPortType/CreatePullPointSubscriptionRequest`, body, null), { ...options, deadlineMs: callMs, maxBytes: maxReplyBytes })
    this.#reference = this.#pinned(reply, events)
    this.expiresAt = this.now() + lifeMs(reply, askedLifeMs)
  }

  /** Waits up to 20 s for something to happen; an empty answer is fine. Throws CameraFailure. */
  async pull (options: CallOptions): Promise<CameraMessage[]> {
    // A short-lived subscription must not end while its pull is held.
    const seconds = Math.max(1, Math.min(pullS, Math.floor((this.expiresAt - this.now()) / 3000)))
    const body = `<tev:PullMessages><tev:Timeout>PT${seconds}S</tev:Timeout><tev:MessageLimit>${atOnce}</tev:MessageLimit></tev:PullMessages>`
    const reply = await this.#call('PullMessages', `${eventsUri}/PullPointSubscription/PullMessagesRequest`, body, { ...options, deadlineMs: seconds * 1000 + 10_000 })
    return readMessages(reply)
  }

  async renew (options: CallOptions): Promise<void> {
    const body = `<wsnt:Renew><wsnt:TerminationTime>PT${askedLifeMs / 1000}S</wsnt:TerminationTime></wsnt:Renew>`
    const reply = await this.#call('Renew', `${notificationUri}/SubscriptionManager/RenewRequest`, body, { ...options, deadlineMs: callMs })
    this.expiresAt = this.now() + lifeMs(reply, askedLifeMs)
  }

  /** The camera says all its states again (ONVIF Core, section 9.6): as Initialized, in the pulls that follow. */
  async synchronize (options: CallOptions): Promise<void> {
    await this.#call('SetSynchronizationPoint', `${eventsUri}/PullPointSubscription/SetSynchronizationPointRequest`, '<tev:SetSynchronizationPoint/>', { ...options, deadlineMs: callMs })
  }

  /** Gives the camera its place back; a camera that is away is left alone. */
  async unsubscribe (options: CallOptions): Promise<void> {
    if (!this.#reference) return
    await this.#call('Unsubscribe', `${notificationUri}/SubscriptionManager/UnsubscribeRequest`, '<wsnt:Unsubscribe/>', { ...options, deadlineMs: 2000 }).catch(() => {})
    this.#reference = null
  }

  async #call (method: string, action: string, body: string, options: CallOptions) {
    const reference = this.#reference
    if (!reference) throw new CameraFailure('internal', 'there is no subscription')
    return await this.control.call(reference.endpoint, this.#request(method, action, body, reference), { ...options, maxBytes: maxReplyBytes })
  }

  #request (method: string, action: string, body: string, reference: Reference | null): SoapRequest {
    return {
      method, body, namespaces: [`xmlns:tev="${eventsUri}"`, `xmlns:wsnt="${notificationUri}"`, 'xmlns:wsa="http://www.w3.org/2005/08/addressing"'],
      headers: () => `<wsa:Action s:mustUnderstand="1">${action}</wsa:Action><wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID>` +
        '<wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>' +
        (reference ? `<wsa:To s:mustUnderstand="1">${escapeXml(reference.to)}</wsa:To>${reference.parameters}` : '')
    }
  }

  /** The camera chooses port and path on its approved address; another host's address is kept as text for `wsa:To` only. */
  #pinned (reply: XmlNode, service: Endpoint): Reference {
    const reference = at(reply, 'SubscriptionReference')
    const address = textAt(reference, 'Address').trim()
    const pinned = pinHttp(address, this.control.target)
    const parameters = (at(reference, 'ReferenceParameters')?.children ?? []).slice(0, 8).map(node => asHeader(node)).join('')
    if (parameters.length > maxParameterChars) throw new CameraFailure('answer_too_large', 'the camera\'s subscription has oversized reference parameters')
    return { endpoint: pinned ? { port: pinned.target.port, path: pinned.path } : service, to: address.slice(0, 1000), parameters }
  }
}
