export const events = {
  events: {
    title: 'Camera events', all: 'All', none: 'The camera has reported nothing yet', noneOfType: 'There were no such events', lasts: 'lasts', type: 'Kind of event', more: 'Show more', motionNow: 'Motion in the picture', closed: { camera_lost: 'the camera went away', subscription_lost: 'the camera stopped answering', timeout: 'its end was not heard', camera_removed: 'the camera was disabled' },
    subscription: 'The camera reports no events', storm: 'Event storm', merged_one: '{{count}} event merged', merged_other: '{{count}} events merged', not_supported: 'the camera cannot'
  },
  eventRules: {
    intro: 'When an event of a camera becomes an alarm. Without rules events are only marked on the timeline; a failed storage of the camera and tampering with it raise alarms without rules too.', add: 'Add a rule', edit: 'Edit the rule', none: 'There are no rules yet', noneHint: 'Begin with a line crossed at night, or motion where nobody should be.', saved: 'Rule “{{name}}” saved', removed: 'Rule deleted', remove: 'Delete the rule?', removeHint: '“{{name}}” will raise no more alarms. Those that stand are cleared.',
    enabled: 'In force', disabled: 'Off', types: 'Which events', cameras: 'Cameras', groups: 'Camera groups', scopeHint: 'Nothing chosen: all cameras', allCameras: 'all cameras', scheduleHint: 'By the centre\'s clock. Empty: always.', nights: 'Every night 22–6', always: 'always', byScheduleText: 'on schedule',
    minDuration: 'Lasts at least, s', minDurationHint: 'Above zero: momentary events do not count', cooldown: 'At most once in, s', cooldownHint: 'For each camera by itself', clearAfter: 'Momentary: clear after, s', severity: 'Severity of the alarm', record: 'Record while the alarm stands', recordHint: 'For cameras that are recorded on events', bookmark: 'Set a bookmark', lasts: 'from {{span}}', rests: 'at most once in {{span}}',
    cameraCount_one: '{{count}} camera', cameraCount_other: '{{count}} cameras'
  },
  rulePreview: {
    title: 'What it would have been', days7: '7 days', days30: '30 days', chooseTypes: 'Choose which events', raised_one: '{{count}} alarm', raised_other: '{{count}} alarms', perDay: '≈ {{number}} a day', ofEvents_one: 'of {{count}} event', ofEvents_other: 'of {{count}} events',
    tooMany: 'Too many: an operator can handle about 6 alarms an hour. Narrow the schedule, the duration or the cameras.', partial: 'Too many events: only those before {{time}} were looked at.', noEvents: 'There were no such events in this time: the cameras do not send them, or were not set up to.', byCamera: 'By camera', latest: 'Latest'
  }
}
