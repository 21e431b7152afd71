/** Reads the configuration, starts the app, stops it on a signal. */
import closeWithGrace from 'close-with-grace'
import { makeLog } from '../lib/log.js'
import { createApp } from './app.js'
import { type Config, readConfig } from './config.js'

const STOP_WITHIN_MS = 10_000

function configOrExit (): Config {
  try {
    return readConfig(process.env)
  } catch (err) {
    process.stderr.write(`${(err as Error).message}\n`)
    process.exit(1)
  }
}

const config = configOrExit()
const log = makeLog('server', config.logLevel)
const app = createApp(config, { log })

closeWithGrace({ delay: STOP_WITHIN_MS, logger: false, onTimeout: () => log.fatal('Stopping took too long') }, async ({ err, signal }) => {
  if (err) log.fatal({ err }, 'An error nobody caught: stopping')
  else log.info({ signal }, 'Stopping')
  await app.stop()
})

try {
  await app.start()
} catch (err) {
  log.fatal({ err }, 'Kalancha cannot start')
  process.exit(1)
}
