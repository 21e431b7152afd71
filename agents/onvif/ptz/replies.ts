/** PTZ replies (ONVIF PTZ Service Specification). */
import { at, childrenOf, isTrue, numberAt, textAt, type XmlNode } from '../xml.js'

export interface Preset { token: string, name: string }
export interface PtzStatus {
  /** Generic space: -1 to 1; null where the camera does not tell. */
  pan: number | null
  tilt: number | null
  /** Generic space: 0 to 1. */
  zoom: number | null
  moving: boolean | null
}

const attribute = (node: XmlNode | undefined, name: string): number | null => {
  const text = node?.attributes[name]
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

export function readPtzStatus (reply: XmlNode): PtzStatus {
  const status = at(reply, 'PTZStatus')
  const position = at(status, 'Position')
  const states = [textAt(status, 'MoveStatus', 'PanTilt'), textAt(status, 'MoveStatus', 'Zoom')].filter(Boolean)
  return {
    pan: attribute(at(position, 'PanTilt'), 'x'), tilt: attribute(at(position, 'PanTilt'), 'y'), zoom: attribute(at(position, 'Zoom'), 'x'),
    moving: states.length === 0 || states.every(state => state === 'UNKNOWN') ? null : states.includes('MOVING')
  }
}

/** At most 256 presets: the specification's own ceiling for most devices, and enough for a list. */
export const readPresets = (reply: XmlNode): Preset[] => childrenOf(reply, 'Preset').slice(0, 256)
  .map(node => ({ token: (node.attributes.token ?? '').slice(0, 200), name: textAt(node, 'Name').slice(0, 200) }))
  .filter(preset => preset.token !== '')

interface Range { min: number, max: number }
const usualRange: Range = { min: -1, max: 1 }
export interface PtzNode {
  token: string
  /** Speeds that a continuous move takes; null where the head cannot turn or has no zoom. */
  panSpeed: Range | null
  tiltSpeed: Range | null
  zoomSpeed: Range | null
  absolute: boolean
  /** Translations in shares of the field of view: -1 is its left and lower edge, 1 its right and upper one. */
  fieldOfView: { x: Range, y: Range } | null
  home: boolean
  /** The home position was set by the maker. */
  fixedHome: boolean
  maxPresets: number
}

const fieldOfViewSpace = 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov'
const velocitySpaces = { pan: 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/VelocityGenericSpace', zoom: 'http://www.onvif.org/ver10/tptz/ZoomSpaces/VelocityGenericSpace' }

function rangeOf (space: XmlNode | undefined, name: string): Range {
  const [min, max] = [numberAt(space, name, 'Min'), numberAt(space, name, 'Max')]
  return min !== null && max !== null && min < max ? { min, max } : usualRange
}

/** Body of tptz:GetNodesResponse. A space is what its address says: a camera lists several of a kind. */
export const readNodes = (reply: XmlNode): PtzNode[] => childrenOf(reply, 'PTZNode').slice(0, 16).map(node => {
  const spaces = at(node, 'SupportedPTZSpaces')
  const space = (name: string, address: string) => childrenOf(spaces, name).find(s => textAt(s, 'URI') === address)
  const turn = space('ContinuousPanTiltVelocitySpace', velocitySpaces.pan)
  const zoom = space('ContinuousZoomVelocitySpace', velocitySpaces.zoom)
  const view = space('RelativePanTiltTranslationSpace', fieldOfViewSpace)
  return {
    token: (node.attributes.token ?? '').slice(0, 200),
    panSpeed: turn ? rangeOf(turn, 'XRange') : null, tiltSpeed: turn ? rangeOf(turn, 'YRange') : null, zoomSpeed: zoom ? rangeOf(zoom, 'XRange') : null,
    absolute: at(spaces, 'AbsolutePanTiltPositionSpace') !== undefined, fieldOfView: view ? { x: rangeOf(view, 'XRange'), y: rangeOf(view, 'YRange') } : null,
    home: isTrue(textAt(node, 'HomeSupported')), fixedHome: isTrue(node.attributes.FixedHomePosition ?? ''),
    maxPresets: Math.max(0, Math.min(10_000, Math.floor(numberAt(node, 'MaximumNumberOfPresets') ?? 0)))
  }
})

/** A speed or translation of -1 to 1 as the camera's own range has it. */
export const scaled = (value: number, { min, max }: Range) => value < 0 ? -value * Math.min(0, min) : value * Math.max(0, max)
