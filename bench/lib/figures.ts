/** What every benchmark says about its figures: the machine they come from, and each bar beside its figure. */
import { cpus, loadavg, totalmem } from 'node:os'

export const round = (value: number, digits = 1) => Number(value.toFixed(digits))

/** Call it before the work begins: the load is that of the others. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryGb: round(totalmem() / 2 ** 30), node: process.version, loadAverageAtStart: round(loadavg()[0]!, 2)
})

/** The value that `share` of the sorted values do not exceed; null of none. */
export const rank = (sorted: readonly number[], share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null

export interface Spread { count: number, medianMs: number | null, p95Ms: number | null, p99Ms: number | null, maxMs: number | null }
export function spread (values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => { const v = rank(sorted, share); return v === null ? null : round(v) }
  return { count: sorted.length, medianMs: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) }
}

/** A figure with the bar it should stay under. A figure that is absent does not meet it. */
export const under = (figure: number | null, bar: number) => ({ figure, under: bar, met: figure !== null && figure < bar })
