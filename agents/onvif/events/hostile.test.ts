/** Whatever a camera says, what is told of it stays small, valid and in order. */
import fc from 'fast-check'
import Value from 'typebox/value'
import { expect, it } from 'vitest'
import { Observation } from '../../../server/contract/health.js'
import { escapeXml, parseXml } from '../xml.js'
import { readMessages } from './messages.js'
import { normalise } from './topics.js'
import { EventTracker, trackerLimits, type Told } from './tracker.js'

const text = fc.oneof(fc.string({ maxLength: 400 }), fc.constantFrom('true', 'false', '1', '0', 'active', 'IsMotion', 'State', '__proto__', 'constructor', 'tns1:VideoSource/MotionAlarm', 'tns1:RuleEngine/LineDetector/Crossed', '////', ':', '.'))
const items = fc.array(fc.tuple(text, text), { maxLength: 20 })
const message = fc.record({ topic: text, operation: fc.constantFrom('Initialized', 'Changed', 'Deleted', 'x', ''), utc: text, source: items, key: items, data: items })
const xmlItems = (list: [string, string][]) => list.map(([n, v]) => `<SimpleItem Name="${escapeXml(n)}" Value="${escapeXml(v)}"/>`).join('')

it('every message becomes a valid observation, or none', () => {
  fc.assert(fc.property(fc.array(message, { maxLength: 5 }), messages => {
    const xml = `<r>${messages.map(m => `<NotificationMessage><Topic>${escapeXml(m.topic)}</Topic><Message><Message UtcTime="${escapeXml(m.utc)}" PropertyOperation="${m.operation}"><Source>${xmlItems(m.source)}</Source><Key>${xmlItems(m.key)}</Key><Data>${xmlItems(m.data)}</Data></Message></Message></NotificationMessage>`).join('')}</r>`
    const tracker = new EventTracker()
    for (const read of readMessages(parseXml(xml))) {
      const fact = normalise(read)
      if (!fact) continue
      for (const told of tracker.take(fact, 1000, 1000)) {
        const observation = { kind: 'camera_event', deviceId: '018f0000-0000-7000-8000-000000000001', ...told }
        expect([...Value.Errors(Observation, observation)].map(e => `${e.instancePath} ${e.message}`)).toEqual([])
      }
    }
  }), { numRuns: 300 })
})

it('beginnings and ends alternate, and no more is told than the bucket allows, in any order of things', () => {
  const fact = fc.record({ type: fc.constantFrom('motion', 'tamper', 'line_crossed') as fc.Arbitrary<'motion'>, source: fc.constantFrom('a', 'b', 'c'), sign: fc.constantFrom('on', 'off', 'pulse') as fc.Arbitrary<'on'>, data: fc.constant({}) })
  const act = fc.record({ wait: fc.integer({ min: -5000, max: 400_000 }), what: fc.oneof({ weight: 12, arbitrary: fact }, { weight: 2, arbitrary: fc.constant('tick' as const) }, { weight: 1, arbitrary: fc.constant('lost' as const) }) })
  fc.assert(fc.property(fc.array(act, { maxLength: 120 }), acts => {
    const tracker = new EventTracker()
    const told: Told[] = []
    let now = 1_000_000
    let passed = 0
    for (const { wait, what } of acts) {
      // Mostly a flood: one wait in eight counts.
      const step = wait % 8 === 0 ? wait : 0
      now += step
      passed += Math.max(0, step)
      told.push(...(what === 'tick' ? tracker.tick(now) : what === 'lost' ? tracker.lost(now) : tracker.take(what, now, now)))
    }
    told.push(...tracker.lost(now))
    const on = new Set<string>()
    for (const t of told) {
      const key = `${t.type} ${t.source}`
      if (t.phase === 'begin') expect(on.has(key)).toBe(false)
      if (t.phase === 'begin') on.add(key)
      if (t.phase === 'end') on.delete(key)
    }
    expect(on.size).toBe(0)
    const spent = told.filter(t => t.phase !== 'end' && !t.source.startsWith('kalancha')).length
    // What is still on after a storm is told without being paid for: nine sources here.
    const storms = told.filter(t => t.source === 'kalancha:storm' && t.phase === 'begin').length
    expect(spent).toBeLessThanOrEqual(trackerLimits.burst + passed / 1000 * trackerLimits.perSecond + storms * 9 + 1)
  }), { numRuns: 300 })
})
