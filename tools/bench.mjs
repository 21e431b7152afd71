/** `npm run bench [name ...]`: runs each benchmark in a process of its own; each prints one JSON object. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureAll, forTests, orExit, root } from './setup.mjs'

orExit(() => ensureAll(forTests))
const known = readdirSync(join(root, 'bench'), { withFileTypes: true }).filter(f => f.isFile() && f.name.endsWith('.ts')).map(f => f.name.replace(/\.ts$/, ''))
const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !known.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`No such benchmark: ${unknown.join(', ')}. There are: ${known.join(', ')}\n`)
  process.exit(2)
}
let bad = 0
for (const name of wanted.length > 0 ? wanted : known) {
  const file = join(root, 'dist/bench', `${name}.js`)
  if (!existsSync(file)) throw new Error(`${file} was not built`)
  const script = `import(${JSON.stringify(file)}).then(m => m.run()).then(r => { console.log(JSON.stringify({ bench: ${JSON.stringify(name)}, ...r })); process.exit(0) }, e => { console.error(e); process.exit(1) })`
  if (spawnSync(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', script], { cwd: root, stdio: 'inherit' }).status !== 0) bad++
}
process.exit(bad === 0 ? 0 : 1)
