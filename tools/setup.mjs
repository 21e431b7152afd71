/**
 * What a bare clone needs before anything of ours can run; plain Node, no dependency. Each step looks first and does only
 * what is missing, so that running it again costs a fraction of a second.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export const root = join(import.meta.dirname, '..')
const cache = join(root, '.cache')
const say = text => process.stdout.write(`${text}\n`)

const stampOf = name => { try { return readFileSync(join(cache, name), 'utf8') } catch { return '' } }
function setStamp (name, value) {
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, name), value)
}
function run (command, args, env = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status ?? done.signal}`)
}
const works = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'ignore' }).status === 0

/** Installs Debian packages for the programs that are not there. Returns the names that it installed. */
export function ensureDebian (programs) {
  const missing = programs.filter(({ probe }) => !probe())
  if (missing.length === 0) return []
  const names = [...new Set(missing.flatMap(p => p.packages))]
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`These programs are missing: ${missing.map(p => p.name).join(', ')}.\nOn Debian, run:\n\n  sudo apt-get update && sudo ${command}\n`)
  }
  say(`Installing ${names.join(', ')} ...`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], env)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], env)
  const still = missing.filter(({ probe }) => !probe())
  if (still.length > 0) throw new Error(`Still missing after the installation: ${still.map(p => p.name).join(', ')}`)
  return names
}

const onPath = name => () => (process.env.PATH ?? '').split(':').concat('/usr/sbin').some(folder => existsSync(join(folder, name)))
const program = (name, ...packages) => ({ name, packages, probe: onPath(name) })
const fonts = { name: 'DejaVu fonts', packages: ['fonts-dejavu-core'], probe: () => existsSync('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf') }
const gstreamer = {
  name: 'GStreamer RTSP server',
  packages: ['python3', 'python3-gi', 'gir1.2-gst-rtsp-server-1.0', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad', 'gstreamer1.0-plugins-ugly', 'gstreamer1.0-libav'],
  probe: () => works('/usr/bin/python3', ['-c', 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer'])
}
const postgres = { name: 'PostgreSQL server', packages: ['postgresql'], probe: () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').some(v => existsSync(`/usr/lib/postgresql/${v}/bin/initdb`)) }

export const forRunning = [program('ffmpeg', 'ffmpeg'), program('fping', 'fping')]
export const forTheTown = [...forRunning, fonts]
export const forTests = [
  ...forTheTown, program('chromium', 'chromium'), program('snmpd', 'snmpd'), program('snmpbulkwalk', 'snmp'), postgres, gstreamer
]

/** A prebuilt binary where one can be downloaded, otherwise our own build, for which the tools are installed. */
function ensureSqlite (env) {
  const loads = () => works(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:').close()"])
  if (loads()) return
  const folder = join(root, 'node_modules/better-sqlite3')
  spawnSync(process.execPath, [join(root, 'node_modules/prebuild-install/bin.js')], { cwd: folder, stdio: 'ignore', timeout: 60_000 })
  if (loads()) return
  say('Building better-sqlite3 from source (a minute or two) ...')
  ensureDebian([program('python3', 'python3'), program('make', 'make'), program('g++', 'g++')])
  run('npm', ['rebuild', 'better-sqlite3', '--build-from-source', '--loglevel=error'], env)
  if (!loads()) throw new Error('better-sqlite3 does not load after its build.')
}

/** npm ci, when the lock file is not the one that node_modules was made from, and a working better-sqlite3. */
export function ensurePackages () {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node ${process.versions.node} is too old: 20.19 or newer is needed.`)
  // Built again for another Node, hence the ABI in the stamp.
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).update(process.versions.modules).digest('hex')
  // Headers of Debian's Node, for machines where no prebuilt binary can be downloaded.
  const env = existsSync('/usr/include/node/node.h') && !process.env.npm_config_nodedir ? { npm_config_nodedir: '/usr' } : {}
  if (!existsSync(join(root, 'node_modules')) || stampOf('packages') !== wanted) {
    say('Installing npm packages ...')
    // Without scripts: the only one that matters is better-sqlite3's, and what that needs is seen to below.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    try {
      run('npm', ['ci', ...flags], env)
    } catch {
      // A mirror that lacks other platforms' binaries fails the check of npm ci; the versions of the lock file are taken all the same.
      say('npm ci did not work here; trying npm install ...')
      run('npm', ['install', '--no-save', ...flags], env)
    }
  }
  ensureSqlite(env)
  setStamp('packages', wanted)
}

/** Of names, sizes and times. Git is not asked: it may be missing, or refuse a checkout that another user owns. */
function newestSource () {
  const rooms = ['server', 'agents', 'lib', 'fixtures', 'bench', 'tools', 'web']
  const files = rooms.flatMap(room => readdirSync(join(root, room), { recursive: true, withFileTypes: true })).filter(f => f.isFile()).map(f => join(f.parentPath ?? f.path, f.name))
  const hash = createHash('sha256')
  for (const file of [...files.sort(), join(root, 'package-lock.json')]) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** Compiles to dist/ when a source changed since. Outside a git checkout (a release) dist/ is taken as it is. */
export function ensureBuild () {
  const built = existsSync(join(root, 'dist/server/main.js'))
  if (!existsSync(join(root, '.git'))) {
    if (!built) run(process.execPath, ['tools/build.mjs'])
    return
  }
  const wanted = newestSource()
  if (built && stampOf('build') === wanted) return
  say('Building ...')
  run(process.execPath, ['tools/build.mjs'])
  setStamp('build', wanted)
}

/** The programs first: who may not install them learns so at once, not after the minutes of npm. */
export function ensureAll (programs) {
  ensureDebian(programs)
  ensurePackages()
  ensureBuild()
}

export function orExit (work) {
  try { work() } catch (err) {
    process.stderr.write(`\n${err.message}\n`)
    process.exit(1)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  orExit(() => ensureAll(process.argv.includes('--town') ? forTheTown : forRunning))
}
