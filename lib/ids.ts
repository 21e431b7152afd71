import { createHash, randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

/** A UUIDv7: sorts by the time it was made. */
export const newId = () => v7()
/** 256 random bits, URL-safe. Shown once; store only `hashToken` of it. */
export const newToken = () => randomBytes(32).toString('base64url')
export const hashToken = (token: string) => createHash('sha256').update(token).digest('hex')
