/** Which devices a list shows: pure, fast enough for ten thousand at each key press. */
import type { WallDevice } from '../../../server/contract/wall.js'
import { type ShownState, shownState } from '../ui/marks.js'

export interface DeviceFilter { q?: string, kind?: string, state?: string, site?: string, group?: string }
/** Worst first: the order in which states want attention. */
export const stateRank: Record<ShownState, number> = { down: 0, degraded: 1, unreachable: 2, unknown: 3, up: 4, disabled: 5 }

const fold = (text: string) => text.toLocaleLowerCase('uk').normalize('NFC').replace(/[’'ʼ`]/g, '’')
/** What is searched of a device; made once for each, since a device that changes is another object. */
const texts = new WeakMap<WallDevice, string>()
function textOf (device: WallDevice) {
  const known = texts.get(device)
  if (known !== undefined) return known
  const text = fold(`${device.name} ${device.address} ${device.siteName ?? ''} ${device.groupName ?? ''}`)
  texts.set(device, text)
  return text
}
/** Every word must occur somewhere in name, address, site or group. Apostrophes are alike however they are typed. */
export function matches (device: WallDevice, f: DeviceFilter) {
  if (f.kind && device.kind !== f.kind) return false
  if (f.state && shownState(device) !== f.state) return false
  if (f.site && device.siteName !== f.site) return false
  if (f.group && device.groupName !== f.group) return false
  if (!f.q?.trim()) return true
  const text = textOf(device)
  return fold(f.q).split(/\s+/).every(word => text.includes(word))
}
export function countByState (devices: Iterable<WallDevice>) {
  const counts: Record<ShownState, number> = { down: 0, degraded: 0, unreachable: 0, unknown: 0, up: 0, disabled: 0 }
  for (const device of devices) counts[shownState(device)]++
  return counts
}
const collator = new Intl.Collator('uk', { numeric: true })
/** Places of names that were put in order before: ten thousand names take a tenth of a second to collate, at each event of the wall. */
let places = new Map<string, number>()
/** Call before sorting a long list by name; it does nothing while every name is known. */
export function placeNames (devices: readonly { name: string }[]) {
  if (devices.every(d => places.has(d.name))) return
  places = new Map([...new Set(devices.map(d => d.name))].sort(collator.compare).map((name, i) => [name, i]))
}
export function byName (a: { name: string }, b: { name: string }) {
  const x = places.get(a.name)
  const y = places.get(b.name)
  return x === undefined || y === undefined ? collator.compare(a.name, b.name) : x - y
}
export const byAddress = (a: { address: string }, b: { address: string }) => collator.compare(a.address, b.address)
export const byState = (a: WallDevice, b: WallDevice) => stateRank[shownState(a)] - stateRank[shownState(b)] || byName(a, b)
export const distinct = (values: Array<string | null>) => [...new Set(values.filter(v => v !== null))].sort(collator.compare)
