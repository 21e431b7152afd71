/** ICMP echo through Debian's `fping` (many addresses a process) or `ping`: raw sockets need rights that Node has not. */
import { execFile, type ExecFileException } from 'node:child_process'
import { isIP } from 'node:net'

const ICMP_TIMEOUT_MS = 2000

interface Output { stdout: string, stderr: string, error: ExecFileException | null }
function run (program: string, args: string[], stdin: string, signal?: AbortSignal): Promise<Output> {
  return new Promise(resolve => {
    const child = execFile(program, args, { timeout: 60_000, maxBuffer: 4 * 2 ** 20, signal }, (error, stdout, stderr) => resolve({ stdout, stderr, error }))
    child.stdin?.on('error', () => {})
    child.stdin?.end(stdin)
  })
}
const missing = (error: ExecFileException | null) => error?.code === 'ENOENT'

/** `fping -C 1 -q`: one line an address on stderr, `192.0.2.1 : 0.41` or `192.0.2.2 : -`. */
export function parseFping (text: string): Map<string, number | null> {
  const found = new Map<string, number | null>()
  for (const line of text.split('\n')) {
    const [, address, rtt] = /^(\S+)\s+:\s+([\d.]+|-)\s*$/.exec(line) ?? []
    if (address && rtt) found.set(address, rtt === '-' ? null : Number(rtt))
  }
  return found
}
/** `ping -c 1`: `time=0.041 ms`. */
export const parsePing = (text: string): number | null => {
  const [, rtt] = /time[=<]([\d.]+)\s*ms/.exec(text) ?? []
  return rtt ? Number(rtt) : null
}

/**
 * Round-trip times in ms by address, null for no answer. Addresses must be IP literals: what reaches the program's input is
 * numbers, never text of somebody's choice. `intervalMs` between packets limits the rate.
 */
export async function pingAll (addresses: readonly string[], { intervalMs = 5, signal }: { intervalMs?: number, signal?: AbortSignal } = {}): Promise<Map<string, number | null>> {
  const literal = [...new Set(addresses.filter(a => isIP(a) !== 0))]
  if (literal.length === 0) return new Map()
  const fping = await run('fping', ['-C', '1', '-q', '-t', String(ICMP_TIMEOUT_MS), '-i', String(Math.max(1, Math.round(intervalMs)))], `${literal.join('\n')}\n`, signal)
  if (!missing(fping.error)) return parseFping(fping.stderr)
  const results = new Map<string, number | null>()
  for (let i = 0; i < literal.length && !signal?.aborted; i += 32) {
    await Promise.all(literal.slice(i, i + 32).map(async address => {
      const ping = await run('ping', ['-n', '-c', '1', '-W', String(ICMP_TIMEOUT_MS / 1000), '--', address], '', signal)
      if (missing(ping.error)) throw Object.assign(new Error('Neither fping nor ping is installed: apt-get install fping'), { code: 'internal' })
      results.set(address, parsePing(ping.stdout))
    }))
  }
  return results
}

/** Gathers addresses asked for within 50 ms into one run. */
export function createPinger (ping: typeof pingAll = pingAll) {
  let waiting: { address: string, resolve: (rtt: number | null) => void, reject: (err: unknown) => void }[] = []
  function run () {
    const batch = waiting
    waiting = []
    ping(batch.map(w => w.address)).then(found => { for (const w of batch) w.resolve(found.get(w.address) ?? null) }, err => { for (const w of batch) w.reject(err) })
  }
  return (address: string) => new Promise<number | null>((resolve, reject) => {
    if (waiting.length === 0) setTimeout(run, 50)
    waiting.push({ address, resolve, reject })
  })
}
export type Pinger = ReturnType<typeof createPinger>
