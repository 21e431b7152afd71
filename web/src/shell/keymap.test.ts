import { describe, expect, it } from 'vitest'
import { keyAction, type Pressed } from './keymap.js'

const press = (key: string, code: string, over: Partial<Pressed> = {}): Pressed => ({ key, code, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...over })
describe('the keyboard', () => {
  it('works on a Ukrainian layout: the place of the key counts', () => {
    expect(keyAction(press('ф', 'KeyA'), false)).toEqual({ do: 'alarms' })
    expect(keyAction(press('ь', 'KeyM'), false)).toEqual({ do: 'mute' })
    expect(keyAction(press('.', 'Slash'), false)).toEqual({ do: 'search' })
    expect(keyAction(press(',', 'Slash', { shiftKey: true }), false)).toEqual({ do: 'help' })
    expect(keyAction(press('?', 'Digit7', { shiftKey: true }), false)).toEqual({ do: 'help' })
  })
  it('moves, opens and goes back', () => {
    expect(keyAction(press('ArrowUp', 'ArrowUp'), false)).toEqual({ do: 'move', dx: 0, dy: -1 })
    expect(keyAction(press('Enter', 'Enter'), false)).toEqual({ do: 'focus' })
    expect(keyAction(press('Escape', 'Escape'), false)).toEqual({ do: 'back' })
  })
  it('chooses the grid by digit, also on the number pad, but not six', () => {
    expect(keyAction(press('3', 'Digit3'), false)).toEqual({ do: 'grid', index: 2 })
    expect(keyAction(press('5', 'Numpad5'), false)).toEqual({ do: 'grid', index: 4 })
    expect(keyAction(press('6', 'Digit6'), false)).toBeNull()
  })
  it('leaves the browser its shortcuts and a field its letters', () => {
    expect(keyAction(press('a', 'KeyA', { ctrlKey: true }), false)).toBeNull()
    expect(keyAction(press('r', 'KeyR', { metaKey: true }), false)).toBeNull()
    expect(keyAction(press('m', 'KeyM'), true)).toBeNull()
    expect(keyAction(press('A', 'KeyA', { shiftKey: true }), false)).toBeNull()
  })
})
