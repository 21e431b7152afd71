import { describe, expect, it } from 'vitest'
import { parseXml } from '../xml.js'
import { cleanTopic, lifeMs, messageTime, readMessages } from './messages.js'
import { normalise } from './topics.js'

const items = (values: Record<string, string>) => Object.entries(values).map(([n, v]) => `<tt:SimpleItem Name="${n}" Value="${v}"/>`).join('')
function read (topic: string, source: Record<string, string>, data: Record<string, string>, operation = 'Changed', key: Record<string, string> = {}) {
  const [message] = readMessages(parseXml(`<r xmlns:wsnt="w" xmlns:tt="t" xmlns:tns1="n" xmlns:tnsaxis="a"><wsnt:NotificationMessage><wsnt:Topic>${topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="2026-05-01T00:00:00Z" PropertyOperation="${operation}">` +
    `<tt:Source>${items(source)}</tt:Source><tt:Key>${items(key)}</tt:Key><tt:Data>${items(data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></r>`))
  return message ? normalise(message) : null
}

describe('vendors\' messages become one set of events', () => {
  it.each<[string, string, Record<string, string>, Record<string, string>, string, string, string]>([
    ['Hikvision motion alarm', 'tns1:VideoSource/MotionAlarm', { Source: 'VideoSource_1' }, { State: 'true' }, 'motion', 'on', 'VideoSource_1'],
    ['Hikvision cell motion', 'tns1:RuleEngine/CellMotionDetector/Motion', { VideoSourceConfigurationToken: 'V1', VideoAnalyticsConfigurationToken: 'A1', Rule: 'MyMotion' }, { IsMotion: 'false' }, 'motion', 'off', 'V1/MyMotion'],
    ['Dahua cell motion', 'tns1:RuleEngine/CellMotionDetector/Motion', { VideoSourceConfigurationToken: '00000', Rule: '00000' }, { IsMotion: 'true' }, 'motion', 'on', '00000/00000'],
    ['Uniview line, never off', 'tns1:RuleEngine/LineDetector/Crossed', { VideoSourceConfigurationToken: 'V1', Rule: 'Gate' }, { ObjectId: '12' }, 'line_crossed', 'pulse', 'V1/Gate'],
    ['Hikvision field', 'tns1:RuleEngine/FieldDetector/ObjectsInside', { VideoSourceConfigurationToken: 'V1', Rule: 'Yard' }, { IsInside: 'true' }, 'field_intrusion', 'on', 'V1/Yard'],
    ['Hikvision scene change', 'tns1:VideoSource/GlobalSceneChange/ImagingService', { Source: 'V1' }, { State: 'true' }, 'scene_change', 'on', 'V1'],
    ['Axis scene change as a number', 'tns1:VideoSource/GlobalSceneChange/ImagingService', { Source: '0' }, { State: '0' }, 'scene_change', 'off', '0'],
    ['Hikvision dark', 'tns1:VideoSource/ImageTooDark/ImagingService', { Source: 'V1' }, { State: 'true' }, 'image_too_dark', 'on', 'V1'],
    ['Hikvision blurry', 'tns1:VideoSource/ImageTooBlurry/ImagingService', { Source: 'V1' }, { State: 'false' }, 'image_too_blurry', 'off', 'V1'],
    ['tamper', 'tns1:RuleEngine/TamperDetector/Tamper', { VideoSourceConfigurationToken: 'V1', Rule: 'T' }, { IsTamper: 'true' }, 'tamper', 'on', 'V1/T'],
    ['Axis tampering', 'tns1:VideoSource/tnsaxis:Tampering', { channel: '1' }, { tampering: '1' }, 'tamper', 'on', '1'],
    ['storage failure', 'tns1:Device/HardwareFailure/StorageFailure', { Token: 'SD' }, { Failed: 'true' }, 'storage_failure', 'on', 'SD'],
    ['Axis storage', 'tnsaxis:Storage/Disruption', { disk_id: 'SD_DISK' }, { disruption: '0' }, 'storage_failure', 'off', 'SD_DISK'],
    ['digital input', 'tns1:Device/Trigger/DigitalInput', { InputToken: 'AlarmIn_1' }, { LogicalState: 'true' }, 'digital_input', 'on', 'AlarmIn_1'],
    ['job state', 'tns1:RecordingConfig/JobState', { RecordingJobToken: 'J1' }, { State: 'Active' }, 'recording_job', 'on', 'J1'],
    ['Axis VMD', 'tnsaxis:CameraApplicationPlatform/VMD/Camera1Profile1', {}, { active: '1' }, 'motion', 'on', 'Camera1Profile1'],
    ['Axis object analytics', 'tnsaxis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1', {}, { active: '0' }, 'object', 'off', 'Device1Scenario1'],
    ['Axis fence guard', 'tnsaxis:CameraApplicationPlatform/FenceGuard/Camera1Profile1', {}, { active: '1' }, 'field_intrusion', 'on', 'Camera1Profile1'],
    ['TP-Link intrusion', 'tns1:RuleEngine/CellMotionDetector/Intrusion', { VideoSourceConfigurationToken: 'vsconf' }, { IsIntrusion: 'true' }, 'field_intrusion', 'on', 'vsconf'],
    ['TP-Link line', 'tns1:RuleEngine/CellMotionDetector/LineCross', { VideoSourceConfigurationToken: 'vsconf' }, { IsLineCross: 'false' }, 'line_crossed', 'off', 'vsconf'],
    ['TP-Link tamper', 'tns1:RuleEngine/CellMotionDetector/Tamper', { VideoSourceConfigurationToken: 'vsconf' }, { IsTamper: 'true' }, 'tamper', 'on', 'vsconf'],
    ['Reolink people', 'tns1:RuleEngine/MyRuleDetector/PeopleDetect', { Source: '000' }, { State: 'true' }, 'object', 'on', '000'],
    ['Reolink visitor', 'tns1:RuleEngine/MyRuleDetector/Visitor', { Source: '000' }, { State: 'true' }, 'digital_input', 'on', '000'],
    ['doubled prefixes and a trailing dot', 'tns1:tns1:VideoSource//tns1:MotionAlarm/.', { Source: '1' }, { State: '1' }, 'motion', 'on', '1']
  ])('%s', (_name, topic, source, data, type, sign, named) => {
    expect(read(topic, source, data)).toMatchObject({ type, sign, source: named })
  })

  it('takes Initialized as how things are, and never as something that happened', () => {
    expect(read('tns1:VideoSource/MotionAlarm', { Source: '1' }, { State: 'true' }, 'Initialized')).toMatchObject({ sign: 'on', data: { initial: 'true' } })
    expect(read('tns1:VideoSource/MotionAlarm', { Source: '1' }, { State: 'false' }, 'Initialized')).toMatchObject({ sign: 'off' })
    expect(read('tns1:RuleEngine/LineDetector/Crossed', { Rule: 'Gate' }, { ObjectId: '3' }, 'Initialized')).toBeNull()
  })
  it('ends a state that was deleted, keeps the key\'s object, and hears nothing in the daily noise', () => {
    expect(read('tns1:RuleEngine/FieldDetector/ObjectsInside', { Rule: 'Yard' }, { IsInside: 'true' }, 'Deleted')).toMatchObject({ sign: 'off' })
    expect(read('tns1:RuleEngine/FieldDetector/ObjectsInside', { Rule: 'Yard' }, { IsInside: 'true' }, 'Changed', { ObjectId: '7' })?.data).toMatchObject({ ObjectId: '7' })
    expect(read('tns1:Monitoring/ProcessorUsage', { Token: 'Processor' }, { Value: '40' })).toBeNull()
    expect(read('tns1:Device/Trigger/Relay', { RelayToken: '1' }, { LogicalState: 'active' })).toBeNull()
  })
  it('carries a topic that nobody knows as "other", under its own name', () => {
    expect(read('tns1:UserAlarm/tnsvendor:SmokeSeen', { Zone: '4' }, { State: 'true' })).toMatchObject({ type: 'other', sign: 'on', source: 'UserAlarm/SmokeSeen/4', data: { topic: 'UserAlarm/SmokeSeen' } })
  })
  it('lets no camera speak for us', () => {
    expect(read('tns1:UserAlarm', { Source: 'kalancha:storm' }, { State: 'true', initial: 'true', closed: 'subscription_lost' })).toMatchObject({ source: 'UserAlarm/kalancha:storm', data: { State: 'true', topic: 'UserAlarm' } })
    expect(read('tns1:VideoSource/MotionAlarm', { Source: 'kalancha:kalancha:storm' }, { State: 'true', initial: 'true' })).toEqual({ type: 'motion', source: 'storm', sign: 'on', data: { State: 'true' } })
  })
  it('tolerates empty and missing messages', () => {
    const root = (inner: string) => parseXml(`<r><NotificationMessage><Topic>tns1:VideoSource/MotionAlarm</Topic>${inner}</NotificationMessage><NotificationMessage/></r>`)
    for (const inner of ['', '<Message/>', '<Message><Message/></Message>']) {
      const read = readMessages(root(inner))
      expect(read).toHaveLength(1)
      expect(normalise(read[0]!)).toBeNull()
    }
  })
  it('cleans topics', () => expect(cleanTopic(' tns1:RuleEngine//tns1:tns1:Cell/Motion. ')).toBe('RuleEngine/Cell/Motion'))
})

describe('odd times', () => {
  const reply = (current: string, end: string) => parseXml(`<r><CurrentTime>${current}</CurrentTime><TerminationTime>${end}</TerminationTime></r>`)
  it('measures a life between the camera\'s own two times, whatever zone they are in', () => {
    expect(lifeMs(reply('2026-05-01T08:00:00+08:00', '2026-05-01T00:02:00Z'), 600_000)).toBe(120_000)
    for (const [current, end] of [['0000-00-00T00:00:00Z', '0000-00-00T00:00:00Z'], ['2026-05-01T00:00:00Z', '2020-05-01T00:00:00Z'], ['', ''], ['x', '2026-05-01T00:00:00Z']]) expect(lifeMs(reply(current!, end!), 600_000)).toBe(600_000)
  })
  it('takes the arrival, unless the corrected time says that the message waited', () => {
    const now = Date.parse('2026-05-01T12:00:00Z')
    expect(messageTime('2026-05-01T11:59:59Z', 0, now)).toBe(now)
    expect(messageTime('2026-05-01T11:59:30Z', 0, now)).toBe(now - 30_000)
    expect(messageTime('2026-05-01T12:59:30Z', 3_600_000, now)).toBe(now - 30_000)
    expect(messageTime('0000-00-00T00:00:00Z', 0, now)).toBe(now)
    expect(messageTime('2026-04-01T00:00:00Z', 0, now)).toBe(now)
    expect(messageTime('2026-05-01T11:00:00Z', null, now)).toBe(now)
  })
})
