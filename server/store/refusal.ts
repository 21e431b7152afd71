/** Did the database look at the values and refuse them? Everything else (away, busy, full) may go well next time. */
const sqlite = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/
/** SQLSTATE classes: data exception, integrity constraint violation, program limit exceeded. */
const postgres = /^(22|23|54)[0-9A-Z]{3}$/

export function isRefusal (err: unknown): boolean {
  if (!(err instanceof Error)) return false
  const { code } = err as { code?: unknown }
  // better-sqlite3 throws these two for values that it cannot bind.
  if (err instanceof TypeError || err instanceof RangeError) return true
  return (typeof code === 'string' && (sqlite.test(code) || postgres.test(code))) || isRefusal(err.cause)
}
