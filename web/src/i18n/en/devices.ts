export const devices = {
  devices: { title: 'Devices', search: 'Name, address, site…', none: 'No devices yet', noneHint: 'An administrator adds them under “Administration”.', count_one: '{{count}} device', count_other: '{{count}} devices', reason: 'Reason', noSite: 'No site', noGroup: 'No group', sort: 'Sort', list: 'Device list' },
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
  chain: { noAgentHint: 'Nobody polls it: assign an agent under “Administration”', self: 'This device', port: 'Port {{port}}', agent: 'Agent {{name}}', cause: 'The cause is here', portState: 'Port {{state}}' },
  measure: { fps: 'Frames a second', bitrate: 'Bit rate', keyFrameInterval: 'Between key frames', codec: 'Codec', resolution: 'Resolution', audio: 'Sound', packetsLost: 'Packets lost', reconnects: 'Reconnections', clockOffset: 'Clock offset', rtt: 'Response time', status: 'Stream state' },
  streamStatus: { connecting: 'connecting', playing: 'playing', stalled: 'stalled', failed: 'failed', stopped: 'not requested' },
  portTable: { name: 'Port', alias: 'Description', admin: 'Enabled', oper: 'Link', speed: 'Speed', in: 'In', out: 'Out', errors: 'Errors/s', discards: 'Discards/s', devices: 'Devices', since: 'Since' },
  oper: { up: 'up', down: 'down', testing: 'testing', unknown: 'unknown', dormant: 'dormant', not_present: 'not present', lower_layer_down: 'lower layer down' },
  admin: { up: 'yes', down: 'disabled', testing: 'testing' },
  plot: { time: 'Time', rtt: 'Response time, ms', fps: 'Frames a second', bitrate: 'Bit rate', traffic: 'Traffic of port {{port}}', in: 'In', out: 'Out', choosePort: 'Port', hour: '1 h', sixHours: '6 h', day: '24 h', week: '7 days', range: 'Range' },
  unit: { ms: '{{value}} ms', s: '{{value}} s', bps: '{{value}} bit/s', kbps: '{{value}} kbit/s', mbps: '{{value}} Mbit/s', gbps: '{{value}} Gbit/s', fps: '{{value}} frames/s' }
}
