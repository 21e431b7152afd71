/** Compiles server, agents and fixtures to dist/ file by file, and the web to dist/web. `--no-web` leaves the web out. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const rooms = ['server', 'agents', 'lib', 'fixtures', 'bench', 'tools']
const sources = rooms.flatMap(room => existsSync(join(root, room))
  ? readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map(file => join(room, file))
  : []).filter(file => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))

for (const room of rooms) rmSync(join(root, 'dist', room), { recursive: true, force: true })
await build({ absWorkingDir: root, entryPoints: sources, outbase: '.', outdir: 'dist', format: 'esm', platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning' })
if (!process.argv.includes('--no-web') && existsSync(join(root, 'web/vite.config.ts'))) {
  const vite = await import('vite')
  await vite.build({ configFile: join(root, 'web/vite.config.ts'), logLevel: 'warn' })
}
