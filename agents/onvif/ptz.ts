/** PTZ replies (ONVIF PTZ Service Specification). */
import { at, childrenOf, textAt, type XmlNode } from './xml.js'

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
