export const common = {
  app: { name: 'Kalancha', tagline: 'Municipal situation centre' },
  nav: { wall: 'Wall', playback: 'Playback', alarms: 'Alarms', devices: 'Devices', network: 'Network', admin: 'Administration', account: 'Account', more: 'More', main: 'Main navigation', skip: 'Skip to content' },
  action: {
    save: 'Save', saveAs: 'Save as…', cancel: 'Cancel', delete: 'Delete', close: 'Close', retry: 'Try again', back: 'Back', open: 'Open',
    rename: 'Rename', confirm: 'Confirm', search: 'Search', clear: 'Clear', reload: 'Reload the page', copy: 'Copy', copied: 'Copied', more: 'Show more', edit: 'Edit', add: 'Add'
  },
  common: {
    loading: 'Loading…', none: 'none', unknown: 'unknown', yes: 'yes', no: 'no', all: 'All', name: 'Name', site: 'Site', group: 'Camera group', kind: 'Kind', state: 'State', address: 'Address',
    nothingFound: 'Nothing found',
    since: 'For', note: 'Note', optional: 'optional', total: 'Total: {{count}}', notFound: 'Page not found', notFoundHint: 'Check the address or go to the wall.',
    forbidden: 'You may not open this page', forbiddenHint: 'Ask an administrator if you need it for your work.'
  },
  connection: {
    online: 'Connected', connecting: 'Connecting…', reconnecting: 'Connection lost {{age}} ago', offline: 'No network', signedOut: 'Session ended',
    label: 'Connection to the server', offset: 'This computer’s clock is off by {{offset}}', stale: 'What the screen shows may be out of date',
    newVersion: 'The server was updated', newVersionHint: 'Reload the page to work with the new version.'
  },
  language: { label: 'Language', uk: 'Українська', en: 'English' },
  time: { now: 'just now', seconds: '{{count}} s', minutes: '{{count}} min', hours: '{{count}} h', days: '{{count}} d', ago: '{{age}} ago', zone: 'Time: {{zone}}' },
  kind: { camera: 'Camera', switch: 'Switch', host: 'Host', agent: 'Agent' },
  kinds: { camera: 'Cameras', switch: 'Switches', host: 'Hosts' },
  state: { up: 'Up', degraded: 'Degraded', down: 'Down', unreachable: 'Unreachable', unknown: 'Unknown', disabled: 'Disabled' },
  stateMark: { up: '', degraded: '~', down: '×', unreachable: '/', unknown: '?', disabled: '–' },
  failure: {
    address_unresolved: 'Address not found in DNS', connection_refused: 'Connection refused', connection_timeout: 'No answer to the connection', network_unreachable: 'Network unreachable',
    connection_reset: 'Connection broken', authentication_failed: 'Wrong device login or password', timeout: 'No answer in time', answered_too_slowly: 'Answers too slowly',
    answer_too_large: 'Answer too large', protocol_error: 'Protocol error', wrong_identity: 'Another device answers', tls_failed: 'TLS or certificate error', no_stream: 'No video stream',
    no_parameter_sets: 'Stream without codec parameters', stream_stalled: 'Video stopped', unsupported_codec: 'Codec not supported', http_status: 'The device returned an HTTP error',
    transcoder_busy: 'No transcoder is free', not_permitted: 'Not permitted', agent_silent: 'The agent is silent', process_died: 'A process of the agent died', internal: 'Internal error',
    no_agent: 'No agent asks it', agent_revoked: 'Its agent was revoked', low_frame_rate: 'Too few frames a second', long_key_frame_interval: 'Key frames too far apart', clock_offset: 'Clock is off', parent_down: 'The device in front is down', port_down: 'Port without link', restarted: 'Restarted',
    rx_light_low: 'Receives too little light', rx_light_high: 'Receives too much light', tx_light_low: 'The laser is weak', tx_light_high: 'The laser is too strong', fan_failed: 'The fan failed', power_supply_failed: 'The power supply failed', sensor_failed: 'A sensor reports a fault',
    recording_stopped: 'Not recording', volume_failed: 'The volume has failed', footage_damaged: 'Files of footage were altered or lost', lock_unconfirmed: 'The agent has not confirmed the lock', lock_review: 'The review is due', index_faulty: 'Rows of the index of recordings could not be taken',
    camera_event: 'Reported by the camera', camera_storage: 'The camera reports that its storage failed', camera_tamper: 'The camera reports tampering or a changed scene', picture_black: 'The picture is black', picture_overexposed: 'The picture is overexposed', picture_frozen: 'The picture does not move', picture_covered: 'The lens is covered', picture_blurred: 'The picture is blurred', picture_moved: 'The camera was turned', picture_noise: 'Noise in the picture', picture_colour_loss: 'The colours are gone'
  },
  error: {
    title: 'That did not work', network: 'The server does not answer. Check the network.', timeout: 'The server did not answer in time.', unauthenticated: 'The session ended. Sign in again.', forbidden: 'You are not permitted to do this.',
    not_found: 'It is no longer there.', conflict: 'Somebody changed this already, or the name is taken.', gone: 'It expired or the link was already used.', invalid: 'Check what you entered.',
    too_many: 'Too many attempts. Wait and try again.', too_large: 'Too much data.', unavailable: 'Not available now. Try later.', internal: 'Server error. It was logged.',
    details: 'Details'
  },
  empty: { title: 'Nothing here', filtered: 'Nothing matches these conditions', clearFilters: 'Clear the filters' },
  table: { sortBy: 'Sort by: {{column}}', rows_one: '{{count}} row', rows_other: '{{count}} rows' }
}
