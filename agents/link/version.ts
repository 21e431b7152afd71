import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../lib/project-root.js'

/** The program's version, from package.json. */
export const AGENT_VERSION = String((JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: unknown }).version)
