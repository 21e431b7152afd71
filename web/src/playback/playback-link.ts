/** Where a camera's recording at a moment is shown, for links from other screens. */
const BACK_MS = 30_000
/** `from: 'wall'` makes Escape return there. */
const playbackSearch = (deviceIds: readonly string[], at: number, from?: 'wall') => ({ cameras: deviceIds.join(','), at: Math.round(at), ...(from ? { from } : {}) })
/** Half a minute before now: what an operator just missed. */
export const missedSearch = (deviceId: string, now: number) => playbackSearch([deviceId], now - BACK_MS, 'wall')
/** A little before something happened, so that it is seen to begin. */
export const beforeSearch = (deviceId: string, at: number) => playbackSearch([deviceId], at - 5000)
