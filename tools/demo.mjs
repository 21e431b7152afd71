/** `npm run demo`: installs what is missing, then starts server, two agents and the town (tools/demo/main.ts). */
import { spawn } from 'node:child_process'
import { ensureAll, forTheTown, orExit, root } from './setup.mjs'

orExit(() => ensureAll(forTheTown))
const demo = spawn(process.execPath, ['--enable-source-maps', 'dist/tools/demo/main.js', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
// The terminal sends Ctrl-C to the whole group: wait for the demo's own orderly end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { if (signal !== 'SIGINT') demo.kill(signal) })
demo.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
