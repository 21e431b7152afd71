/**
 * node-onvif 0.1.7 as a builder of requests only. Its services make a body and hand it to two hooks: the per-instance
 * `_createRequestSoap` and the shared `requestCommand`. The first is replaced by one that keeps the body, the second by one that gives
 * it back. So its HTTP, its credentials and its parser never run: what comes out is text, which soap.ts sends.
 */
import { createRequire } from 'node:module'
import { CameraFailure } from './failure.js'

/** What soap.ts puts into an envelope. `namespaces` are ready `xmlns:x="..."` attributes. */
export interface SoapRequest {
  method: string
  namespaces: readonly string[]
  body: string
  /** Header elements beside the security token, made anew for each sending. */
  headers?: () => string
}

class Captured {
  /** node-onvif looks into these after a reply; they stay empty. */
  readonly converted = {}
  readonly data = {}
  method = ''
  constructor (readonly namespaces: readonly string[], readonly body: string) {}
}

type Build = (parameters?: Record<string, unknown>) => Promise<unknown>
interface Service {
  name_space_attr_list: string[]
  _createRequestSoap: (body: string) => Captured
  [method: string]: unknown
}
interface SoapModule { requestCommand: (address: unknown, method: string, request: unknown) => Promise<unknown> }

const require = createRequire(import.meta.url)
const soapModule = require('node-onvif/lib/modules/soap.js') as SoapModule
soapModule.requestCommand = async (_address, method, request) => {
  if (!(request instanceof Captured)) throw new Error('node-onvif only builds requests here; soap.ts sends them')
  request.method = method
  return request
}

function serviceOf (module: string): Service {
  const Constructor = require(`node-onvif/lib/modules/${module}.js`) as new (parameters: { xaddr: string }) => Service
  // The address is never used: only the body is taken.
  const service = new Constructor({ xaddr: 'http://0.0.0.0/' })
  service._createRequestSoap = body => new Captured(service.name_space_attr_list, body)
  return service
}

const services = { device: serviceOf('service-device'), media: serviceOf('service-media'), ptz: serviceOf('service-ptz') }

/** The request that node-onvif's `service.method(parameters)` would send. Values must already be escaped (`escapeXml`). */
async function build (service: keyof typeof services, method: string, parameters?: Record<string, unknown>): Promise<SoapRequest> {
  const make = services[service][method] as Build
  try {
    const captured = await (parameters ? make.call(services[service], parameters) : make.call(services[service]))
    if (captured instanceof Captured) return captured
  } catch (error) {
    throw new CameraFailure('protocol_error', `the request ${method} cannot be built: ${error instanceof Error ? error.message : ''}`)
  }
  throw new CameraFailure('internal', `node-onvif did not build ${method}`)
}

const media2 = (method: string, inner: string): SoapRequest => ({
  method, namespaces: ['xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"'], body: `<tr2:${method}>${inner}</tr2:${method}>`
})

const ptz = (method: string, token: string, inner: string): SoapRequest => ({
  method, namespaces: ['xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"', 'xmlns:tt="http://www.onvif.org/ver10/schema"'], body: `<tptz:${method}><tptz:ProfileToken>${token}</tptz:ProfileToken>${inner}</tptz:${method}>`
})
const number = (value: number) => String(Math.round(value * 10_000) / 10_000)
const panTilt = (x: number, y: number, space = '') => `<tt:PanTilt x="${number(x)}" y="${number(y)}"${space && ` space="${space}"`}/>`

/** A part that is null is left as it is. */
export interface Velocity { turn: { x: number, y: number } | null, zoom: number | null }

/** Every request we send. Tokens and names must be XML-escaped by the caller. */
export const requests = {
  systemDateAndTime: () => build('device', 'getSystemDateAndTime'),
  deviceInformation: () => build('device', 'getDeviceInformation'),
  scopes: () => build('device', 'getScopes'),
  hostname: () => build('device', 'getHostname'),
  capabilities: () => build('device', 'getCapabilities'),
  services: () => build('device', 'getServices', { IncludeCapability: false }),
  profiles1: () => build('media', 'getProfiles'),
  streamUri1: (token: string) => build('media', 'getStreamUri', { ProfileToken: token, Protocol: 'RTSP' }),
  snapshotUri1: (token: string) => build('media', 'getSnapshotUri', { ProfileToken: token }),
  ptzStatus: (token: string) => build('ptz', 'getStatus', { ProfileToken: token }),
  ptzNodes: () => build('ptz', 'getNodes'),
  ptzStop: (token: string) => build('ptz', 'stop', { ProfileToken: token, PanTilt: true, Zoom: true }),
  ptzPresets: (token: string) => build('ptz', 'getPresets', { ProfileToken: token }),
  ptzGotoPreset: (token: string, preset: string) => build('ptz', 'gotoPreset', { ProfileToken: token, PresetToken: preset }),
  ptzSetPreset: (token: string, name: string, preset: string | null) => build('ptz', 'setPreset', { ProfileToken: token, PresetName: name, ...(preset === null ? {} : { PresetToken: preset }) }),
  ptzRemovePreset: (token: string, preset: string) => build('ptz', 'removePreset', { ProfileToken: token, PresetToken: preset }),
  ptzGotoHome: (token: string) => build('ptz', 'gotoHomePosition', { ProfileToken: token }),
  ptzSetHome: (token: string) => build('ptz', 'setHomePosition', { ProfileToken: token }),
  // node-onvif leaves a zoom of 0 out, which lets a zoom that runs go on, and knows no spaces.
  ptzMove: async (token: string, { turn, zoom }: Velocity, timeoutS: number) => ptz('ContinuousMove', token,
    `<tptz:Velocity>${turn ? panTilt(turn.x, turn.y) : ''}${zoom === null ? '' : `<tt:Zoom x="${number(zoom)}"/>`}</tptz:Velocity><tptz:Timeout>PT${timeoutS}S</tptz:Timeout>`),
  ptzShift: async (token: string, x: number, y: number) => ptz('RelativeMove', token, `<tptz:Translation>${panTilt(x, y, 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov')}</tptz:Translation>`),
  // Media2 is not in node-onvif (ONVIF Media 2 Service Specification, sections 5.2.1, 5.5.1 and 5.6).
  profiles2: () => media2('GetProfiles', '<tr2:Type>VideoEncoder</tr2:Type><tr2:Type>PTZ</tr2:Type>'),
  streamUri2: (token: string) => media2('GetStreamUri', `<tr2:Protocol>RTSP</tr2:Protocol><tr2:ProfileToken>${token}</tr2:ProfileToken>`),
  snapshotUri2: (token: string) => media2('GetSnapshotUri', `<tr2:ProfileToken>${token}</tr2:ProfileToken>`)
}
