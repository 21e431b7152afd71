/** A town in a process of its own: `{ net, cameras }` as its argument, the passwords' seed in KALANCHA_TOWN_SEED. */
import { join } from 'node:path'
import { projectRoot } from '../../lib/project-root.js'
import { startControl } from '../../fixtures/town/control.js'
import { startTown } from '../../fixtures/town/town.js'
import { benchPlan } from './bench-plan.js'

const { net, cameras } = JSON.parse(process.argv[2]!) as { net: string, cameras: number }
const town = await startTown(benchPlan(process.env.KALANCHA_TOWN_SEED!, net, cameras), { cacheDir: join(projectRoot(), '.cache/town'), sendTime: true })
const control = await startControl(town, 0)
console.log(JSON.stringify({ controlPort: control.port }))
process.once('SIGTERM', () => { void Promise.all([control.close(), town.close()]).then(() => process.exit(0)) })
