export const wall = {
  wall: {
    title: 'Wall', grid: 'Grid', gridOf: 'Grid of {{count}}', cell: 'Cell {{number}}', empty: 'Empty', addCamera: 'Add a camera', pickCamera: 'Choose a camera', replace: 'Replace', remove: 'Remove', focus: 'Enlarge', unfocus: 'Back to the grid', fullscreen: 'Full screen', exitFullscreen: 'Leave full screen',
    cameras: 'Cameras', noCameras: 'No cameras yet', noCamerasHint: 'An administrator adds them under “Administration”.', noCamerasAdmin: 'Add the first camera by its address, many from a CSV file, or find them on the network.', noCamerasGroups: 'There is none in your camera groups. Ask an administrator to give you a group.', addOne: 'Add a camera', addMany: 'From a CSV file', discover: 'Search the network', allPlaced: 'All found cameras are on the wall', fill: 'Fill the empty cells', clearAll: 'Remove all', tiles: 'Camera tiles', moveHint: 'Drag, or take with the space bar and move with the arrows', grab: 'Move {{name}}', openDevice: 'Camera page', sound: 'Sound', soundOff: 'Sound off', noSound: 'The camera has no sound', panel: 'Side panel'
  },
  layout: {
    label: 'Layout', none: 'Untitled', own: 'Mine', shared: 'Shared', unsaved: 'not saved', saveAsTitle: 'Save the layout', renameTitle: 'Rename the layout', share: 'Show to everyone', deleteTitle: 'Delete the layout?', deleteText: 'The layout “{{name}}” will be deleted for everyone who sees it.', saved: 'The layout is saved', deleted: 'The layout is deleted', switchUnsaved: 'Unsaved changes will be lost. Open another layout?', empty: 'No saved layouts yet', changedElsewhere: 'Somebody else just changed this layout', discard: 'Open without saving'
  },
  tile: {
    connecting: 'Connecting…', stale: 'Frozen {{age}}', noSignal: 'No signal', agentAway: 'The agent is away', disabled: 'The camera is disabled', removed: 'The camera was removed', notPermitted: 'Not permitted', unsupported: 'This browser cannot play the video', failed: 'The stream does not work', reconnecting: 'Reconnecting…', tooSlow: 'Viewing is too slow', signedOut: 'The session ended', unknownDevice: 'The camera is not available',
    keyframes: 'Key frames', keyframesSlow: 'Not enough power: key frames only', keyframesLine: 'Slow line: key frames', transcoded: 'Transcoded', masked: 'Masked', paused: 'Paused', behind: '{{age}} behind', last: 'Last frame {{age}} ago', retryIn: 'Next attempt in {{age}}', live: 'Live', noVideoYet: 'No frame so far', soundBlocked: 'Press to turn the sound on'
  },
  keys: {
    title: 'Keys', focus: 'Enlarge the chosen tile', back: 'Back to the grid', arrows: 'Between tiles', grid: 'Grid 1, 4, 9, 16, 25', search: 'Find a camera', alarms: 'Alarm list', mute: 'Alarm sound off or on', help: 'This help', fullscreen: 'Full screen', delete: 'Remove the camera from the tile', acknowledge: 'Acknowledge the chosen alarm', listMove: 'Row up or down', open: 'Open the chosen', wall: 'To the wall', grab: 'Take a tile and move it with the arrows', sound: 'Camera sound in the enlarged tile', space: 'Space', pageWall: 'On the wall', everywhere: 'Everywhere', pageList: 'In lists'
  }
}
