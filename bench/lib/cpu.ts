/** Processor time of processes with all their descendants, from /proc. */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_S = 100

function processes () {
  const all = new Map<number, { parent: number, cpuS: number }>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      // Children that have ended are in their parent's account (fields 13 and 14).
      const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0)
      all.set(Number(name), { parent: Number(fields[1]), cpuS: ticks / TICKS_PER_S })
    } catch { /* it has just ended */ }
  }
  return all
}

/** Seconds used so far by the process and everything it started. */
function treeCpuS (root: number) {
  const all = processes()
  const belongs = (pid: number): boolean => pid === root || (all.has(pid) && all.get(pid)!.parent > 1 && belongs(all.get(pid)!.parent))
  let sum = 0
  for (const [pid, { cpuS }] of all) if (belongs(pid)) sum += cpuS
  return sum
}

const busyMs = () => cpus().reduce((sum, c) => sum + c.times.user + c.times.sys + c.times.nice + c.times.irq, 0)

/** Starts counting; the answer tells how many cores each of the named trees used since, and the machine as a whole. */
export function cpuMeter (roots: Record<string, number>) {
  const startedAt = performance.now()
  const machineBefore = busyMs()
  const before = Object.fromEntries(Object.entries(roots).map(([name, pid]) => [name, treeCpuS(pid)]))
  return () => {
    const seconds = (performance.now() - startedAt) / 1000
    const cores = (s: number) => Number((s / seconds).toFixed(2))
    return {
      ...Object.fromEntries(Object.entries(roots).map(([name, pid]) => [name, cores(treeCpuS(pid) - before[name]!)])),
      wholeMachine: cores((busyMs() - machineBefore) / 1000)
    }
  }
}
