/** What the rest of an agent may ask of a camera, whatever protocol answers. */
import type { Clock } from '../../lib/clock.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { CameraFailure } from './failure.js'
import { pinHttp, pinUri } from './pin.js'
import { type Profile, readProfiles1, readProfiles2 } from './profiles.js'
import { type CameraPtz, cameraPtz } from './ptz/control.js'
import { requests, type SoapRequest } from './requests.js'
import { type CallOptions, devicePath, type Endpoint, type ReadClock, SoapClient, type SoapTarget } from './soap.js'
import { childrenOf, at, escapeXml, textAt, type XmlNode } from './xml.js'

export interface Information { manufacturer: string, model: string, firmware: string, serial: string, hardware: string }
/** Where each service listens, on the approved address. Null where the camera does not offer it. */
export interface Services { media1: Endpoint | null, media2: Endpoint | null, ptz: Endpoint | null, events: Endpoint | null, /** Profile G. */ search: Endpoint | null, replay: Endpoint | null, recording: Endpoint | null }
export interface StreamPath { port: number, path: string }

export interface CameraControl {
  readonly target: SoapTarget
  information (options?: CallOptions): Promise<Information>
  /** The device's clock against ours; needs no credential on most cameras. */
  time (options?: CallOptions): Promise<ReadClock>
  services (options?: CallOptions): Promise<Services>
  /** Media2 first, Media1 where that is missing or broken. */
  profiles (options?: CallOptions): Promise<Profile[]>
  /** RTSP path on the approved address. `rtspPort` counts where the camera names another host. */
  streamUri (profile: Profile, rtspPort: number, options?: CallOptions): Promise<StreamPath>
  /** Null where the camera has no pictures by HTTP. */
  snapshotUri (profile: Profile, options?: CallOptions): Promise<Endpoint | null>
  /** The picture's bytes, unchecked. */
  fetch (endpoint: Endpoint, maxBytes: number, options?: CallOptions): Promise<Buffer>
  /** A call that is none of the above, with this camera's way of logging in. */
  call (endpoint: Endpoint, request: SoapRequest, options?: CallOptions): Promise<XmlNode>
  /** The camera's clock minus ours when it was last read. */
  readonly clockOffsetMs: number | null
  readonly ptz: CameraPtz
}

/** The target of a planned camera. Throws CameraFailure `internal` for a device without ONVIF settings. */
export function targetOf (device: PlanDevice): SoapTarget {
  const onvif = device.camera?.onvif
  if (!onvif) throw new CameraFailure('internal', 'the camera has no ONVIF settings')
  const { credential } = device
  return {
    address: device.address, port: onvif.port, tls: onvif.tls ?? false, certificateSha256: onvif.certificateSha256,
    login: credential?.kind === 'password' && credential.username !== '' ? { username: credential.username, password: credential.password } : null
  }
}

const namespaces = {
  media1: 'http://www.onvif.org/ver10/media/wsdl', media2: 'http://www.onvif.org/ver20/media/wsdl', ptz: 'http://www.onvif.org/ver20/ptz/wsdl', events: 'http://www.onvif.org/ver10/events/wsdl',
  search: 'http://www.onvif.org/ver10/search/wsdl', replay: 'http://www.onvif.org/ver10/replay/wsdl', recording: 'http://www.onvif.org/ver10/recording/wsdl'
} as const

/** Faults that say "not here", as against "not now" or "not you". */
const isMissing = (error: unknown) => error instanceof CameraFailure &&
  (error.code === 'protocol_error' || (error.code === 'http_status' && [400, 404, 405, 500, 501].includes(error.facts.httpStatus ?? 0)))

const cut = (text: string, length = 200) => text.slice(0, length)

export class OnvifCamera implements CameraControl {
  readonly #soap: SoapClient
  #services: Services | null = null
  /** Set when Media2 was advertised but does not work. */
  #media2Broken = false

  constructor (readonly target: SoapTarget, deps: { clock: Clock, deadlineMs?: number }) {
    this.#soap = new SoapClient(target, deps)
  }

  async information (options?: CallOptions): Promise<Information> {
    const reply = await this.#soap.call(this.#device, await requests.deviceInformation(), options)
    return {
      manufacturer: cut(textAt(reply, 'Manufacturer')), model: cut(textAt(reply, 'Model')), firmware: cut(textAt(reply, 'FirmwareVersion')),
      serial: cut(textAt(reply, 'SerialNumber')), hardware: cut(textAt(reply, 'HardwareId'))
    }
  }

  async time (options?: CallOptions) { return await this.#soap.readClock(options) }

  async services (options?: CallOptions): Promise<Services> {
    this.#services ??= await this.#readServices(options)
    return this.#services
  }

  async profiles (options?: CallOptions): Promise<Profile[]> {
    const services = await this.services(options)
    if (services.media2 && !this.#media2Broken) {
      try {
        const found = readProfiles2(await this.#soap.call(services.media2, await requests.profiles2(), options))
        if (found.length > 0 || !services.media1) return found
      } catch (error) {
        if (!services.media1 || !isMissing(error)) throw error
      }
      this.#media2Broken = true
    }
    if (!services.media1) throw new CameraFailure('no_stream', 'the camera offers no media service')
    return readProfiles1(await this.#soap.call(services.media1, await requests.profiles1(), options))
  }

  async streamUri (profile: Profile, rtspPort: number, options?: CallOptions): Promise<StreamPath> {
    const token = escapeXml(profile.token)
    const reply = await this.#media(profile, await (profile.media2 ? requests.streamUri2(token) : requests.streamUri1(token)), options)
    const uri = profile.media2 ? textAt(reply, 'Uri') : textAt(reply, 'MediaUri', 'Uri')
    const pinned = pinUri(uri, { address: this.target.address, port: rtspPort }, ['rtsp'])
    if (!pinned) throw new CameraFailure('no_stream', 'the camera gave a stream address that is not RTSP')
    return { port: pinned.port, path: pinned.path }
  }

  async snapshotUri (profile: Profile, options?: CallOptions): Promise<Endpoint | null> {
    const token = escapeXml(profile.token)
    try {
      const reply = await this.#media(profile, await (profile.media2 ? requests.snapshotUri2(token) : requests.snapshotUri1(token)), options)
      const pinned = pinHttp(profile.media2 ? textAt(reply, 'Uri') : textAt(reply, 'MediaUri', 'Uri'), this.target)
      return pinned && { port: pinned.target.port, path: pinned.path }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async fetch (endpoint: Endpoint, maxBytes: number, options?: CallOptions): Promise<Buffer> {
    return (await this.#soap.get(endpoint, maxBytes, options)).body
  }

  async call (endpoint: Endpoint, request: SoapRequest, options?: CallOptions) { return await this.#soap.call(endpoint, request, options) }
  get clockOffsetMs () { return this.#soap.clockOffset?.offsetMs ?? null }

  readonly ptz: CameraPtz = cameraPtz((request, options) => this.#callPtz(request, options))

  get #device (): Endpoint { return { port: this.target.port, path: devicePath } }

  async #media (profile: Profile, request: Awaited<ReturnType<typeof requests.profiles1>>, options?: CallOptions) {
    const services = await this.services(options)
    const endpoint = profile.media2 ? services.media2 : services.media1
    if (!endpoint) throw new CameraFailure('no_stream', 'the camera offers no media service')
    return await this.#soap.call(endpoint, request, options)
  }

  async #callPtz (request: Awaited<ReturnType<typeof requests.ptzStop>>, options?: CallOptions) {
    const { ptz } = await this.services(options)
    if (!ptz) throw new CameraFailure('not_permitted', 'the camera cannot be moved: it offers no PTZ service')
    return await this.#soap.call(ptz, request, options)
  }

  async #readServices (options?: CallOptions): Promise<Services> {
    const pin = (uri: string): Endpoint | null => {
      const pinned = pinHttp(uri, this.target)
      return pinned && { port: pinned.target.port, path: pinned.path }
    }
    try {
      const reply = await this.#soap.call(this.#device, await requests.services(), options)
      const listed = childrenOf(reply, 'Service')
      const find = (namespace: string) => pin(textAt(listed.find(s => textAt(s, 'Namespace') === namespace), 'XAddr'))
      if (listed.length > 0) {
        return { media1: find(namespaces.media1), media2: find(namespaces.media2), ptz: find(namespaces.ptz), events: find(namespaces.events), search: find(namespaces.search), replay: find(namespaces.replay), recording: find(namespaces.recording) }
      }
    } catch (error) {
      if (!isMissing(error)) throw error
    }
    // Before ONVIF 2.0 there was only GetCapabilities.
    const reply = await this.#soap.call(this.#device, await requests.capabilities(), options)
    const capabilities = at(reply, 'Capabilities')
    return { media1: pin(textAt(capabilities, 'Media', 'XAddr')), media2: pin(textAt(capabilities, 'Extension', 'Media2', 'XAddr')), ptz: pin(textAt(capabilities, 'PTZ', 'XAddr')), events: pin(textAt(capabilities, 'Events', 'XAddr')),
      ...Object.fromEntries((['Search', 'Replay', 'Recording'] as const).map(name => [name.toLowerCase(), pin(textAt(capabilities, 'Extension', name, 'XAddr'))])) as Pick<Services, 'search' | 'replay' | 'recording'> }
  }
}
