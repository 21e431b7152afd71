export const alarms = {
  alarms: {
    title: 'Alarms', open: 'Standing', history: 'History', none: 'No standing alarms', noneHint: 'New alarms appear here at once.', noHistory: 'No alarms in this time', new: 'new', acknowledge: 'Acknowledge', acknowledgeTitle: 'Acknowledge the alarm', comment: 'Comment', commentHint: 'What was done or who was told', acknowledged: 'Acknowledged', acknowledgedBy: 'Acknowledged by {{name}} {{age}} ago', notAcknowledged: 'Not acknowledged', cleared: 'Cleared', raised: 'Raised', clearedAt: 'Cleared', duration: 'Duration', severity: 'Severity', cause: 'Cause', device: 'Device', from: 'From', to: 'To', condition: 'Event', what: 'What happened', done: 'The alarm is acknowledged',
    affected_one: '{{count}} more device unreachable', affected_other: '{{count}} more devices unreachable',
    unacknowledged_one: '{{count}} unacknowledged alarm', unacknowledged_other: '{{count}} unacknowledged alarms'
  },
  sound: { on: 'Alarm sound is on', mutedUntil: 'Muted until {{time}}', mute: 'Mute', unmute: 'Unmute', for15: 'for 15 minutes', for60: 'for an hour', shift: 'until the shift ends ({{time}})', blocked: 'The browser blocks sound: press anywhere', test: 'Test the sound', never: 'Sound always comes back by itself.' },
  severity: { critical: 'Critical', major: 'Major', minor: 'Minor', warning: 'Warning' },
  condition: {
    device_down: 'Device down', stream_down: 'No video', stream_degraded: 'Video degraded', port_down: 'Port down', clock_offset: 'Clock is off', agent_silent: 'Agent silent', authentication_failed: 'The device rejects the password', restarted: 'Device restarted',
    recording_stopped: 'Not recording', volume_failed: 'Footage volume has failed', footage_damaged: 'Damaged footage', lock_unconfirmed: 'Lock on footage not confirmed', lock_review: 'Lock on footage is due for review', index_faulty: 'Part of an agent\'s index was not taken',
    camera_event: 'Camera event', camera_storage: 'The camera\'s storage has failed', camera_tamper: 'Tampering with the camera', picture_fault: 'Bad picture',
    light_warning: 'Port light near its limit', light_alarm: 'Port light beyond its limit', hardware_failed: 'A part of the switch failed'
  }
}
