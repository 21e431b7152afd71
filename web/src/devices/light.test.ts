import { describe, expect, it } from 'vitest'
import type { LightLevel, ModuleView } from '../../../server/contract/hardware.js'
import { faultyLimit, matchesModule, placeOf, worstOf } from './light.js'

const limits = { lowAlarm: -23, lowWarn: -21, highWarn: -3, highAlarm: 0 }
const module = (rx: LightLevel | null, tx: LightLevel | null) => ({ port: 'gi1/0/9', label: 'Школа', vendor: 'SNR', part: 'LX', serial: 'FT1', rx: { level: rx, limits, source: 'default' }, tx: { level: tx, limits, source: 'default' } }) as ModuleView

describe('light', () => {
  it('stands on the bar between its ends', () => {
    expect([-60, -26, -11.5, 3, 20].map(dbm => placeOf(dbm, limits))).toEqual([0, 0, 0.5, 1, 1])
  })
  it('is as bad as the worse direction', () => {
    expect([worstOf(module('ok', 'ok')), worstOf(module('low_warn', 'ok')), worstOf(module('low_warn', 'high_alarm')), worstOf(module(null, null))]).toEqual([null, 'minor', 'major', null])
  })
  it('is found by port, name, maker, model and serial number', () => {
    expect(['', 'GI1/0/9', 'школа', 'ft1', 'eltex'].map(text => matchesModule(module('ok', 'ok'), text))).toEqual([true, true, true, true, false])
  })
})

describe('limits', () => {
  it('must be there, in range and in order', () => {
    expect(faultyLimit(limits)).toBeNull()
    expect(faultyLimit({ ...limits, lowWarn: -23 })).toEqual({ name: 'lowWarn', fault: 'order' })
    expect(faultyLimit({ ...limits, highAlarm: 31 })).toEqual({ name: 'highAlarm', fault: 'range' })
    expect(faultyLimit({ ...limits, lowAlarm: '' })).toEqual({ name: 'lowAlarm', fault: 'range' })
  })
})
