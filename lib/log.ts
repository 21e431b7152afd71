import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Structured logs to stdout. Anything named like a secret is cut out before it is written. */
export const makeLog = (name: string, level: string, to: DestinationStream = pino.destination(1)): Log => pino({
  name,
  level,
  redact: {
    paths: ['password', 'credential', 'community', 'authKey', 'privKey', 'token', 'secret', 'cookie', 'authorization', 'signature',
      '*.password', '*.credential', '*.community', '*.authKey', '*.privKey', '*.token', '*.secret', '*.cookie', '*.authorization', '*.signature',
      'req.headers.cookie', 'req.headers.authorization'],
    censor: '[redacted]'
  },
  base: { name }
}, to)
