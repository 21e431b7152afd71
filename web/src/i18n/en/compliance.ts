export const compliance = {
  compliance: {
    title: 'Compliance of cameras', open: 'Compliance', list: 'Cameras and checks', none: 'There are no cameras yet', noneHint: 'Every enabled camera will stand here with what was measured of it.',
    cameras_one: '{{count}} camera', cameras_other: '{{count}} cameras', failing: 'with faults: {{number}}', allGood: 'No faults', anyFailed: 'With faults', measuredAt: 'As of {{time}}',
    others_one: '{{count}} more check: well', others_other: '{{count}} more checks: well',
    model: 'Model and firmware', export: 'CSV', status: 'Status of the check', every: 'All cameras', checksOf: 'Checks: {{name}}', failedCount: 'Faults', since: 'for {{age}}', wanted: 'should be {{value}}', details: 'Checks of the camera', page: 'Page of the camera', settings: 'How the streams are set', notTold: 'the camera has not told yet', moves: 'Arrows: row and check. Enter: details.',
    certificateOf: 'Certificate {{subject}}, issued by {{issuer}}', certificateUntil: 'until {{time}}', keyFrames: 'a key frame each {{seconds}} s'
  },
  complianceCheck: { onvif: 'Control (ONVIF)', fps: 'Frame rate', bitrate: 'Bit rate', key_frames: 'Key frames', codec: 'Codec and size', loss: 'Packets lost', reconnects: 'Breaks a day', clock: 'Clock', password: 'Password', firmware: 'Firmware', certificate: 'Certificate', recording: 'Recording', picture: 'Picture' },
  complianceShort: { onvif: 'ONVIF', fps: 'Frames', bitrate: 'Bit rate', key_frames: 'Key fr.', codec: 'Codec', loss: 'Losses', reconnects: 'Breaks', clock: 'Clock', password: 'Password', firmware: 'Firmware', certificate: 'Certif.', recording: 'Record.', picture: 'Picture' },
  complianceStatus: { pass: 'as it should be', fail: 'not as it should be', unknown: 'not known', unjudged: 'does not apply' },
  complianceReason: {
    camera_away: 'the camera is not reachable', not_measured: 'not measured yet', not_configured: 'the camera does not tell how it is set', on_demand: 'its stream is pulled on demand only', no_onvif: 'a camera without ONVIF', declared_only: 'as the camera is set, not measured',
    no_answer: 'does not answer over ONVIF', login_refused: 'refuses our login', below: 'less than it should be', above: 'more than it should be', codec_differs: 'not the codec that is set', size_differs: 'not the size that is set', codec_unsupported: 'a codec that nobody can show',
    open_to_all: 'lets everybody in without a password', factory_accepted: 'accepts a factory login', stored_factory: 'a factory password is stored here', stored_empty: 'the password is empty', stored_same: 'the password is the same as the login', stored_weak: 'the password is easily guessed', stored_good: 'our password is good; factory ones were not tried', factory_tried: 'our password is good; factory ones are refused',
    no_credential: 'no password is stored', locked_out: 'the camera locked itself during the trial', none_approved: 'nothing is approved for this model', not_approved: 'the version is not approved', no_tls: 'connected without TLS', expired: 'has expired', expires_soon: 'expires soon', not_yet_valid: 'is not valid yet',
    recording_off: 'the camera is not recorded', gap_open: 'recording is interrupted', gaps: 'too many gaps in a day', no_footage: 'nothing recorded yet', picture_fault: 'the picture is damaged'
  },
  firmwareList: {
    title: 'Approved firmware', open: 'Firmware', intro: 'Mark the versions that the centre trusts, for each model. A camera with another one is not as it should be.', none: 'No camera has told its firmware yet', approve: 'Approve version {{version}}', approved: 'Approved: {{version}}', withdrawn: 'Approval withdrawn: {{version}}', by: 'approved by {{login}}, {{time}}', approvedLabel: 'Version {{version}} is approved'
  },
  loginCheck: {
    title: 'Factory passwords', open: 'Factory passwords', intro: 'An agent can try the logins with which a camera leaves the factory: one an hour at most, ten a week at most, and it stops as soon as the camera locks itself. Each trial is recorded in the audit; passwords are not.',
    always: 'The password that is stored in Kalancha is always judged, without any login at the camera.', mode: 'When to try', off: 'Never', on_request: 'On request', weekly: 'All, weekly', saved: 'Saved', start: 'Check the cameras listed', startOne: 'Check now', startTitle: 'Try factory logins?',
    startText_one: 'The check of {{count}} camera takes some hours: one login an hour.', startText_other: 'The check of {{count}} cameras takes some hours: one login an hour each.',
    started: 'Begun: {{number}}', refused: 'Not begun: {{number}} (being checked, locked or without an agent)', tooMany: 'Narrow the list to 500 cameras at most.', state: { never: 'Factory logins were not tried', waiting: 'Trying: {{tried}} of {{of}}', none_accepted: 'No factory login was accepted', accepted: 'The factory login "{{username}}" was accepted', locked: 'The camera locked itself: the check was stopped', unreachable: 'It could not be tried' }, next: 'the next at {{time}}'
  }
}
