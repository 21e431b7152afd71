/** One change of a port's alarm as the walls heard it; times in ms since the epoch. */
export interface Heard {
  alarmId: string
  deviceId: string
  port: string
  raised: boolean
  /** When the agent saw it. */
  seenAt: number
  /** When each wall had the event. */
  heardAt: number[]
}
export type FromWalls = { type: 'joined' } | ({ type: 'heard' } & Heard) | { type: 'all', heard: Heard[] }
