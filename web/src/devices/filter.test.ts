import { describe, expect, it } from 'vitest'
import type { WallDevice } from '../../../server/contract/wall.js'
import { byAddress, byName, byState, countByState, matches, placeNames } from './filter.js'

const device = (over: Partial<WallDevice>): WallDevice => ({
  id: 'a', kind: 'camera', name: 'Кам’янець 2', siteName: 'Ратуша', groupId: null, groupName: 'Центр', address: '10.1.0.7', enabled: true, state: 'up', since: 0, reasonCode: null, causeDeviceId: null, codec: null, ...over })

describe('the device filter', () => {
  it('finds every word anywhere, in any case, with any apostrophe', () => {
    expect(matches(device({}), { q: "кам'янець ратуша" })).toBe(true)
    expect(matches(device({}), { q: '10.1 ЦЕНТР' })).toBe(true)
    expect(matches(device({}), { q: 'ратуша вокзал' })).toBe(false)
  })
  it('takes a disabled device out of its state', () => {
    expect(matches(device({ enabled: false }), { state: 'up' })).toBe(false)
    expect(matches(device({ enabled: false }), { state: 'disabled' })).toBe(true)
    expect(countByState([device({}), device({ enabled: false }), device({ state: 'down' })])).toMatchObject({ up: 1, disabled: 1, down: 1 })
  })
  it('sorts numbers as numbers and the worst state first', () => {
    expect([device({ name: 'К 10' }), device({ name: 'К 9' })].sort(byName)[0]!.name).toBe('К 9')
    expect([device({ address: '10.0.0.10' }), device({ address: '10.0.0.9' })].sort(byAddress)[0]!.address).toBe('10.0.0.9')
    expect([device({ state: 'up' }), device({ state: 'unknown' }), device({ state: 'down' })].sort(byState).map(d => d.state)).toEqual(['down', 'unknown', 'up'])
  })
})

it('sorts by name alike with and without places, also a name that came later', () => {
  const names = ['Камера 10', 'Камера 9', 'Єлисаветівка', 'Ганна', 'Ґанок'].map(name => ({ name }))
  const before = [...names].sort(byName)
  placeNames(names)
  expect([...names].sort(byName)).toEqual(before)
  expect([...names, { name: 'Жито' }].sort(byName).map(d => d.name)).toEqual(['Ганна', 'Ґанок', 'Єлисаветівка', 'Жито', 'Камера 9', 'Камера 10'])
})
