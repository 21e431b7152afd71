/**
 * `npm test`: sets up what the tests need, runs every check, and closes with `N passed, N failed`.
 * Lint, types, unused code and the build count as one each; then every test of vitest. `npm test -- path` runs only matching tests.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuild, ensureDebian, ensurePackages, forTests, orExit, root } from './setup.mjs'

orExit(() => {
  ensureDebian(forTests)
  ensurePackages()
})

const filters = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0

function check (name, command, args) {
  process.stdout.write(`\n== ${name}\n`)
  const ok = spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0
  ok ? passed++ : failed++
  if (!ok) process.stdout.write(`FAILED: ${name}\n`)
}

if (filters.length === 0) {
  check('lint and import rules', 'npx', ['biome', 'check', '--error-on-warnings', '.'])
  check('types: server, agents, fixtures', 'npx', ['tsc', '-p', 'tsconfig.json'])
  check('types: web', 'npx', ['tsc', '-p', 'web/tsconfig.json'])
  check('unused code and packages', 'npx', ['knip'])
}
orExit(ensureBuild)

/** Stories in the browser that mostly wait for a camera's next event, a time-out, a segment's end: they share a lane with the processes. */
const waiting = ['camera-events']
const stories = readdirSync(root, { withFileTypes: true }).filter(f => f.isDirectory() && !f.name.startsWith('.') && !['node_modules', 'dist'].includes(f.name))
  .flatMap(room => readdirSync(join(root, room.name), { recursive: true }).filter(f => f.endsWith('.story.test.ts')).map(f => join(root, room.name, f)))
const inBrowser = story => story.startsWith(join(root, 'web/')) && !waiting.some(name => story.includes(name))

/** One run of vitest. Beside another one it is quiet until its end, so that their lines do not mix. */
function vitest (name, project, args, { quiet = false } = {}) {
  const report = join(root, '.cache', `vitest-${name}.json`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(report, { force: true })
  if (!quiet) process.stdout.write(`\n== tests: ${name}\n`)
  const child = spawn('npx', ['vitest', 'run', '--project', project, '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args], {
    cwd: root, stdio: ['inherit', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'], env: { ...process.env, KALANCHA_TEST_POSTGRES: 'required' }
  })
  const said = []
  for (const stream of quiet ? [child.stdout, child.stderr] : []) stream.on('data', bytes => said.push(bytes))
  return new Promise(resolve => child.once('close', status => {
    if (quiet) process.stdout.write(`\n== tests: ${name}\n${Buffer.concat(said)}`)
    count(name, report, status)
    resolve()
  }))
}

function count (name, report, status) {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    passed += result.numPassedTests
    failed += result.numFailedTests
    skipped += result.numPendingTests + result.numTodoTests
    // A file that failed to load, or an error outside any test, fails no test but is a failure all the same.
    const broken = result.testResults.filter(f => f.status === 'failed' && f.assertionResults.every(a => a.status !== 'failed')).length
    failed += broken
    if (status !== 0 && result.numFailedTests === 0 && broken === 0) failed++
  } catch {
    failed++
    process.stdout.write(`FAILED: vitest ${name} gave no report\n`)
  }
}

await vitest('unit', 'unit', filters)
// The stories of processes mostly wait, those in the browser mostly compute: one of each at a time.
if (filters.length > 0) await vitest('stories', 'story', filters)
else await Promise.all([vitest('stories of processes', 'story', stories.filter(s => !inBrowser(s))), vitest('stories in the browser', 'story', stories.filter(inBrowser), { quiet: true })])

process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
