import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Where a sibling module lies and how to start it as a process: compiled (`.js`, plain node) from dist/, or
 * (`.ts`, through tsx) when running from source under the test runner.
 */
export function childModule (importMetaUrl: string, relative: string): { path: string, execArgv: string[] } {
  const js = fileURLToPath(new URL(`${relative}.js`, importMetaUrl))
  if (existsSync(js)) return { path: js, execArgv: ['--enable-source-maps'] }
  return { path: fileURLToPath(new URL(`${relative}.ts`, importMetaUrl)), execArgv: ['--import', 'tsx'] }
}
