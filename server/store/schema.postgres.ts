/** Read by drizzle-kit only. */
import { pgColumns } from './columns.js'
import { defineSchema } from './schema.js'

export const {
  settings, users, links, sessions, audit, cameraGroups, userGroups, sites, agents, enrolmentTokens, devices, credentials,
  discoveryRanges, suggestions, deviceStates, ports, stateHistory, alarms, layouts, wallClock, wallEvents, samples, seriesNames,
  segments, gaps, recordingCursors, recordingDays, recordingPolicies, volumes, locks, lockConfirmations, bookmarks, clips, cameraEvents, eventRules, cameraMasks, cameraMotion, cameraPtz, cameraCompliance, approvedFirmware,
  plantNodes, cables, joints, jointPoints, otdrTraces,
  deviceHardware, lightLimits
} = defineSchema(pgColumns)
