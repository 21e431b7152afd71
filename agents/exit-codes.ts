/** How an agent's process ends when it ends by itself; a service manager should not restart after these. */
export const EXIT = { usage: 2, tokenRefused: 10, revoked: 11, unknownAgent: 12, folderTaken: 13 } as const
