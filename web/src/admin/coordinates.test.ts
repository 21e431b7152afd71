import { describe, expect, it } from 'vitest'
import { coordinatesText, parseCoordinates } from './coordinates.js'

const ring = { latitude: 48.9226, longitude: 24.7111 }

describe('coordinates', () => {
  it.each(['48.9226, 24.7111', '48.9226,24.7111', ' 48.9226 24.7111 ', '48,9226; 24,7111', '48,9226, 24,7111', '(48.9226, 24.7111)', '48.9226° N, 24.7111° E', '48.9226 Пн 24.7111 Сх'])('are read from %s', text => {
    expect(parseCoordinates(text)).toEqual(ring)
  })
  it('may lie in the south and the west', () => {
    for (const text of ['-34.6, -58.38', '−34.6 −58.38', '34.6 S, 58.38 W']) expect(parseCoordinates(text)).toEqual({ latitude: -34.6, longitude: -58.38 })
  })
  it.each(['48.9226', 'Київ', '91, 10', '48, 181', '48.9226, 24.7111, 3', '48.92.26, 24'])('are not read from %s', text => {
    expect(parseCoordinates(text)).toBeNull()
  })
  it('may be left out', () => {
    expect(parseCoordinates('  ')).toBe('blank')
  })
  it('come back as they were typed', () => {
    expect(coordinatesText(ring)).toBe('48.9226, 24.7111')
    expect(coordinatesText({ latitude: null, longitude: null })).toBe('')
  })
})
