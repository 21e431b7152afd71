export const devices = {
  devices: { title: 'Devices', search: 'Name, address, site…', none: 'No devices yet', noneHint: 'An administrator adds them under “Administration”.', count_one: '{{count}} device', count_other: '{{count}} devices', reason: 'Reason', noSite: 'No site', noGroup: 'No group', sort: 'Sort', list: 'Device list' },
  motion: {
    title: 'Motion detection', edit: 'Set up', off: 'Off', everywhere: 'In the whole picture', inRegions_one: 'In {{count}} region', inRegions_other: 'In {{count}} regions', sensitivityIs: 'sensitivity {{value}}',
    hint: 'For cameras that report no motion themselves. Without regions, motion counts in the whole picture, except behind privacy masks.', enabled: 'Look for motion in this camera’s picture',
    level: 'Motion now', threshold: 'Threshold {{value}} %', moves: 'Motion', still: 'Calm', meterOff: 'The level of motion shows once this is on and saved.', noLevels: 'The level of motion did not come',
    state: { watching: 'Calm', settling: 'Getting used to the picture…', no_picture: 'No picture', camera_reports: 'The camera reports motion itself', off: 'The agent does not have the settings yet' },
    sensitivity: 'Sensitivity', minArea: 'Smallest area', minAreaHint: 'Share of the regions that one thing must cover', hold: 'Motion ends after', holdHint: 'So much calm ends the event', seconds: 's',
    save: 'Save', saved: 'Motion detection saved', leaveTitle: 'Leave without saving?', leaveText: 'The changes will be lost.', leave: 'Leave'
  },
  masks: {
    title: 'Privacy masks', edit: 'Change masks', none: 'No masks: the whole picture is seen', some_one: '{{count}} mask', some_other: '{{count}} masks',
    hint: 'Operators and technicians do not see the covered parts: neither live, nor in recordings, nor in clips. The recordings themselves stay whole.', turns: 'The camera turns: the masks hold only where it looks now. While it looks elsewhere the whole picture is hidden, and so are its recordings.', save: 'Save masks', saved: 'Masks saved', noPicture: 'No picture to draw on',
    leaveTitle: 'Leave without saving?', leaveText: 'The changes of the masks will be lost.', leave: 'Leave'
  },
  regions: {
    label: 'Regions of the picture', corner: 'Region {{region}}, corner {{number}}', close: 'Close', back: 'Take back the last point', rectangle: 'Add a rectangle', remove: 'Remove region {{number}}',
    hint: 'Click on the picture to draw around a region; a click on a finished one selects it.', hintDraft: 'Click on the first point or press Enter to close; Backspace takes back the last point.', hintSelected: 'Drag the corners or move them with the arrows (finer with Shift); Delete removes a corner.'
  },
  device: {
    live: 'Live', snapshot: 'Snapshot', takeSnapshot: 'New snapshot', snapshotAt: 'Snapshot {{age}} ago', why: 'Why', path: 'How it is connected', whyUp: 'Everything works', measured: 'Measured', plots: 'Recent measurements', history: 'State history', ports: 'Ports', alarms: 'Alarms of the device', port: 'Switch port', settings: 'About the device', observed: 'Last observation', never: 'never yet', parent: 'Through', agent: 'Agent', removed: 'The device was removed', noAlarms: 'No alarms', noHistory: 'The state never changed', noPorts: 'The ports were not read yet', noSeries: 'No measurements in this time', noPort: 'No switch port is given', devicesBehind: 'Devices behind the port', stream: 'Stream', mainStream: 'Main', subStream: 'Sub', client: 'Client', behind: 'Behind this device', showAllPorts: 'Show all ports', onlyActive: 'Only active ports'
  },
  light: {
    dbm: 'dBm', title: 'Light in the optical ports', none: 'No optical modules found', noneHint: 'The switch has none, or does not tell its light.', notRead: 'The modules were not read yet', readAt: 'Read {{age}} ago', stale: 'Old numbers: read {{age}} ago', rx: 'Receives', tx: 'Sends', 
    vendor: 'Maker', part: 'Model', serial: 'Serial number', wavelength: 'Wavelength', lanes: 'Lasers', bias: 'Laser current', temperature: 'Module temperature', voltage: 'Voltage', ofPort: 'Light of the port', noReading: 'none', of: 'Light of port {{port}}',
    dark: 'no link', disabled: 'disabled', gateHint: 'The port has no link: its level is shown and raises no alarm',
    level: { low_alarm: 'too little', low_warn: 'rather little', ok: 'within limits', high_warn: 'rather much', high_alarm: 'too much' },
    limits: 'Limits', setLimits: 'Change limits', limitsOf: 'Light limits of port {{port}}', lowAlarm: 'Alarm: low', lowWarn: 'Warning: low', highWarn: 'Warning: high', highAlarm: 'Alarm: high',
    source: { person: 'set by a person', module: 'of the module', default: 'usual' }, own: 'Own limits', ownHint: 'Without own limits those of the module hold, or the usual ones if it has none.', save: 'Save limits', saved: 'Limits saved', order: 'Each limit must be above the one before it', range: 'From −60 to 30 dBm', problems: 'Only what deviates', history: 'Light in 24 hours', filter: 'Port, unit, serial number…'
  },
  sensors: { title: 'Sensors and power', none: 'The switch shows no sensors', kind: { cpu: 'Processor', memory: 'Memory', temperature: 'Temperature', fan: 'Fan', power_supply: 'Power supply', voltage: 'Voltage', power: 'Power' }, status: { ok: 'works', warning: 'warns', failed: 'failed' } },
  poe: { title: 'Power over Ethernet (PoE)', used: '{{used}} of {{budget}} used', delivering: 'feeds', searching: 'waits', off: 'off', fault: 'fault', unknown: 'unknown', number: 'port {{number}}', fed_one: '{{count}} port feeds', fed_other: '{{count}} ports feed' },
  chain: { noAgentHint: 'Nobody polls it: assign an agent under “Administration”', self: 'This device', port: 'Port {{port}}', agent: 'Agent {{name}}', cause: 'The cause is here', portState: 'Port {{state}}' },
  measure: { fps: 'Frames a second', bitrate: 'Bit rate', keyFrameInterval: 'Between key frames', codec: 'Codec', resolution: 'Resolution', audio: 'Sound', packetsLost: 'Packets lost', reconnects: 'Reconnections', clockOffset: 'Clock offset', rtt: 'Response time', status: 'Stream state' },
  streamStatus: { connecting: 'connecting', playing: 'playing', stalled: 'stalled', failed: 'failed', stopped: 'not requested' },
  portTable: { name: 'Port', alias: 'Description', admin: 'Enabled', oper: 'Link', speed: 'Speed', in: 'In', out: 'Out', errors: 'Errors/s', discards: 'Discards/s', devices: 'Devices', since: 'Since' },
  oper: { up: 'up', down: 'down', testing: 'testing', unknown: 'unknown', dormant: 'dormant', not_present: 'not present', lower_layer_down: 'lower layer down' },
  admin: { up: 'yes', down: 'disabled', testing: 'testing' },
  plot: { time: 'Time', rtt: 'Response time, ms', fps: 'Frames a second', bitrate: 'Bit rate', traffic: 'Traffic of port {{port}}', in: 'In', out: 'Out', choosePort: 'Port', hour: '1 h', sixHours: '6 h', day: '24 h', week: '7 days', range: 'Range' },
  unit: { ms: '{{value}} ms', s: '{{value}} s', bps: '{{value}} bit/s', kbps: '{{value}} kbit/s', mbps: '{{value}} Mbit/s', gbps: '{{value}} Gbit/s', fps: '{{value}} frames/s', dbm: '{{value}} dBm', nm: '{{value}} nm', ma: '{{value}} mA', celsius: '{{value}} °C', volts: '{{value}} V', watts: '{{value}} W', percent: '{{value}} %', rpm: '{{value}} rpm' }
}
