/** A camera's PTZ service as functions. */
import type { Profile } from '../profiles.js'
import { requests, type SoapRequest, type Velocity } from '../requests.js'
import type { CallOptions } from '../soap.js'
import { escapeXml, textAt, type XmlNode } from '../xml.js'
import { type Preset, type PtzNode, type PtzStatus, readNodes, readPresets, readPtzStatus } from './replies.js'

export interface CameraPtz {
  nodes (options?: CallOptions): Promise<PtzNode[]>
  status (profile: Profile, options?: CallOptions): Promise<PtzStatus>
  /** Speeds -1 to 1; the camera stops by itself after `timeoutS` (1 to 60) should our stop be lost. */
  move (profile: Profile, velocity: Velocity, timeoutS: number, options?: CallOptions): Promise<void>
  stop (profile: Profile, options?: CallOptions): Promise<void>
  /** In shares of the field of view, right and up. */
  shift (profile: Profile, x: number, y: number, options?: CallOptions): Promise<void>
  presets (profile: Profile, options?: CallOptions): Promise<Preset[]>
  gotoPreset (profile: Profile, token: string, options?: CallOptions): Promise<void>
  /** Where it looks now; without a token a new preset is made. Resolves to its token. */
  setPreset (profile: Profile, name: string, token: string | null, options?: CallOptions): Promise<string>
  removePreset (profile: Profile, token: string, options?: CallOptions): Promise<void>
  gotoHome (profile: Profile, options?: CallOptions): Promise<void>
  setHome (profile: Profile, options?: CallOptions): Promise<void>
}

const unit = (value: number) => Math.max(-1, Math.min(1, Number.isFinite(value) ? value : 0))
const tokenOf = (profile: Profile) => escapeXml(profile.token)

export function cameraPtz (call: (request: SoapRequest, options?: CallOptions) => Promise<XmlNode>): CameraPtz {
  const told = async (request: Promise<SoapRequest>, options?: CallOptions) => { await call(await request, options) }
  return {
    nodes: async options => readNodes(await call(await requests.ptzNodes(), options)),
    status: async (profile, options) => readPtzStatus(await call(await requests.ptzStatus(tokenOf(profile)), options)),
    move: (profile, { turn, zoom }, timeoutS, options) => told(requests.ptzMove(tokenOf(profile), {
      turn: turn && { x: unit(turn.x), y: unit(turn.y) }, zoom: zoom === null ? null : unit(zoom)
    }, Math.max(1, Math.min(60, Math.round(timeoutS)))), options),
    stop: (profile, options) => told(requests.ptzStop(tokenOf(profile)), options),
    shift: (profile, x, y, options) => told(requests.ptzShift(tokenOf(profile), x, y), options),
    presets: async (profile, options) => readPresets(await call(await requests.ptzPresets(tokenOf(profile)), options)),
    gotoPreset: (profile, token, options) => told(requests.ptzGotoPreset(tokenOf(profile), escapeXml(token)), options),
    setPreset: async (profile, name, token, options) =>
      textAt(await call(await requests.ptzSetPreset(tokenOf(profile), escapeXml(name), token === null ? null : escapeXml(token)), options), 'PresetToken').slice(0, 200),
    removePreset: (profile, token, options) => told(requests.ptzRemovePreset(tokenOf(profile), escapeXml(token)), options),
    gotoHome: (profile, options) => told(requests.ptzGotoHome(tokenOf(profile)), options),
    setHome: (profile, options) => told(requests.ptzSetHome(tokenOf(profile)), options)
  }
}
