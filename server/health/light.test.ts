import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OpticalModule, PersonLimits, Sensor } from '../contract/hardware.js'
import { findingsOf, type HardwareState, judgeHardware, type Known, levelOf, limitsInForce, relimited } from './light.js'

const limits = { lowAlarm: -23, lowWarn: -21, highWarn: -3, highAlarm: 0 }
const module = (change: Partial<OpticalModule> = {}): OpticalModule => ({
  kind: 'port', port: 'gi1/0/9', label: '', gate: 'up', lanes: 1, rxPowerDbm: -10, txPowerDbm: -5, biasMa: null, temperatureC: null, voltageV: null, vendor: '', part: '', serial: '', wavelengthNm: null, rxLimits: null, txLimits: null, ...change
})
const known = (person?: PersonLimits, speed: number | null = 1e9): Known => ({ lightLimits: new Map(person ? [['gi1/0/9', person]] : []), speedOf: () => speed })
/** Readings one after another, with what stands after each. */
function read (values: (Partial<OpticalModule> | number | null)[], k = known()) {
  let state: HardwareState | null = null
  return values.map((v, i) => {
    state = judgeHardware(state, { modules: [module(typeof v === 'object' && v !== null ? v : { rxPowerDbm: v })], sensors: [], poe: null }, k, i)
    return findingsOf(state).map(f => `${f.condition} ${f.failure.code}${f.held ? ' held' : ''}`).join()
  })
}

describe('20. light', () => {
  test('two readings in a row raise; leaving takes half a decibel, twice', () => {
    expect(read([-10, -21.5, -10, -21.5, -21.6, -20.8, -20.8, -20.4, -20.4])).toEqual(['', '', '', '', 'light_warning rx_light_low', 'light_warning rx_light_low', 'light_warning rx_light_low', 'light_warning rx_light_low', ''])
  })
  test('a warning and an alarm in a row are at least a warning; it then grows and shrinks', () => {
    expect(read([-10, -21.5, -24, -24, -22, -22])).toEqual(['', '', 'light_warning rx_light_low', 'light_alarm rx_light_low', 'light_alarm rx_light_low', 'light_warning rx_light_low'])
  })
  test('too much light, and a weak laser, have names of their own; the worse of both is told', () => {
    expect(read([1, 1])[1]).toBe('light_alarm rx_light_high')
    expect(read([{ txPowerDbm: -11 }, { txPowerDbm: -11 }])[1]).toBe('light_warning tx_light_low')
    expect(read([{ rxPowerDbm: -21.5, txPowerDbm: -30 }, { rxPowerDbm: -21.5, txPowerDbm: -30 }])[1]).toBe('light_alarm tx_light_low')
  })
  test('a dark port raises nothing and holds what stood; one shut by hand has nothing', () => {
    const dark = { gate: 'down' as const, rxPowerDbm: -40 }
    expect(read([-10, dark, dark, dark])).toEqual(['', '', '', ''])
    expect(read([-24, -24, dark, dark, { gate: 'disabled' }])).toEqual(['', 'light_alarm rx_light_low', 'light_alarm rx_light_low held', 'light_alarm rx_light_low held', ''])
  })
  test('a module without light, or one that was pulled, stands for nothing', () => {
    expect(read([-24, -24, null])[2]).toBe('')
    const before = judgeHardware(judgeHardware(null, { modules: [module({ rxPowerDbm: -30 })], sensors: [], poe: null }, known(), 0), { modules: [module({ rxPowerDbm: -30 })], sensors: [], poe: null }, known(), 1)
    expect(findingsOf(judgeHardware(before, { modules: [], sensors: [], poe: null }, known(), 2))).toEqual([])
  })
  test('people\'s limits go before the module\'s own, those before the usual ones; the usual ones follow the speed', () => {
    const own = { lowAlarm: -18, lowWarn: -17, highWarn: 0, highAlarm: 1 }
    const m = module({ rxLimits: own })
    expect(limitsInForce(m, 'rx', { rx: limits, tx: null }, 1e9)).toEqual({ limits, source: 'person' })
    expect(limitsInForce(m, 'rx', { rx: null, tx: limits }, 1e9)).toEqual({ limits: own, source: 'module' })
    expect(limitsInForce(module({ rxLimits: { ...own, lowWarn: -19 } }), 'rx', undefined, 1e9).source).toBe('default')
    expect([1e9, 10e9, null].map(speed => limitsInForce(module(), 'rx', undefined, speed).limits.lowAlarm)).toEqual([-23, -16, -23])
    expect(limitsInForce(module({ kind: 'onu' }), 'rx', undefined, null).limits.lowAlarm).toBe(-28)
  })
  test('limits that people set hold at once, both ways', () => {
    let state = judgeHardware(null, { modules: [module({ rxPowerDbm: -15 })], sensors: [], poe: null }, known(), 0)
    const strict: PersonLimits = { rx: { lowAlarm: -14, lowWarn: -13, highWarn: 0, highAlarm: 1 }, tx: null }
    state = relimited(state, known(strict))
    expect(findingsOf(state)).toEqual([{ condition: 'light_alarm', subject: 'gi1/0/9', held: false, failure: { code: 'rx_light_low', detail: 'RX −15.0 dBm, ≤ −14.0' } }])
    expect(findingsOf(relimited(state, known()))).toEqual([])
  })
  test('a part that its device calls failed twice is told', () => {
    const fan = (status: Sensor['status']): Sensor => ({ kind: 'fan', name: 'Fan 1', value: null, status })
    let state: HardwareState | null = null
    const seen = (['failed', 'failed', 'ok', 'failed'] as const).map(status => {
      state = judgeHardware(state, { modules: [], sensors: [fan(status)], poe: null }, known(), 0)
      return findingsOf(state).map(f => `${f.condition} ${f.subject} ${f.failure.code}`)
    })
    expect(seen).toEqual([[], ['hardware_failed Fan 1 fan_failed'], [], []])
  })
  test('whatever light comes: nothing stands that no reading of the last two was beyond, and what two agree on stands', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -45, max: 8, noNaN: true }), { minLength: 2, maxLength: 30 }), values => {
      let state: HardwareState | null = null
      for (const [i, rxPowerDbm] of values.entries()) {
        state = judgeHardware(state, { modules: [module({ rxPowerDbm })], sensors: [], poe: null }, known(), i)
        const level = state.light['gi1/0/9']!.rx!.level
        const last = values.slice(Math.max(0, i - 1), i + 1).map(v => levelOf(v, limits))
        if (i > 0 && last.every(l => l === 'low_alarm')) expect(level).toBe('low_alarm')
        if (last.every(l => l === 'ok') && values.slice(Math.max(0, i - 1), i + 1).every(v => v > -20.4 && v < -3.6)) expect(level).toBe('ok')
      }
    }))
  })
})
