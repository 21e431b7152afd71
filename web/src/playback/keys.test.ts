import { describe, expect, it } from 'vitest'
import { playbackKey } from './keys.js'

const press = (key: string, code: string, over = {}) => playbackKey({ key, code, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...over }, false)
describe('the keys of playback', () => {
  it('are where they are on a Ukrainian layout too', () => {
    expect(press('о', 'KeyJ')).toEqual({ do: 'shuttle', direction: -1 })
    expect(press('д', 'KeyL')).toEqual({ do: 'shuttle', direction: 1 })
    expect(press('б', 'Comma')).toEqual({ do: 'frame', direction: -1 })
    expect(press('ю', 'Period')).toEqual({ do: 'frame', direction: 1 })
    expect(press('и', 'KeyB')).toEqual({ do: 'bookmark' })
  })
  it('move by seconds, by minutes, between cameras, and over an enlarged picture', () => {
    expect(press('ArrowLeft', 'ArrowLeft')).toEqual({ do: 'seconds', by: -5 })
    expect(press('ArrowRight', 'ArrowRight', { shiftKey: true })).toEqual({ do: 'seconds', by: 60 })
    expect(press('ArrowDown', 'ArrowDown')).toEqual({ do: 'camera', by: 1 })
    expect(press('ArrowUp', 'ArrowUp', { ctrlKey: true })).toEqual({ do: 'pan', dx: 0, dy: -1 })
  })
  it('leave the wall, the alarms, the sound and the help theirs', () => {
    for (const code of ['KeyW', 'KeyA', 'KeyM', 'KeyF']) expect(press('', code)).toBeNull()
    expect(press('?', 'Slash', { shiftKey: true })).toBeNull()
    expect(press('?', 'Digit7', { shiftKey: true })).toBeNull()
    expect(press('r', 'KeyR', { ctrlKey: true })).toBeNull()
    expect(playbackKey({ key: ' ', code: 'Space', ctrlKey: false, altKey: false, metaKey: false, shiftKey: false }, true)).toBeNull()
  })
})
