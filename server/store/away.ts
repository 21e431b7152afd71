/** libpq and socket codes of a database that is not there, goes down, comes up or takes no more connections (PostgreSQL appendix A, class 57 and 53). */
const codes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', '08006', '57P01', '57P02', '57P03', '53300'])
/** What the driver says without a code. */
const words = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/

/** Whether this error, or what caused it, is that the database cannot be reached now: the same request may well succeed later. */
export function isStoreAway (err: unknown): boolean {
  if (!(err instanceof Error)) return false
  const { code } = err as { code?: unknown }
  return (typeof code === 'string' && codes.has(code)) || words.test(err.message) || isStoreAway(err.cause)
}
