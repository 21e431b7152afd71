import { open } from 'node:fs/promises'
import type { ByteSource } from './segment-file.js'

/** A file on a disk, also while it grows. @throws what the disk says */
export async function fileSource (path: string): Promise<ByteSource> {
  const file = await open(path, 'r')
  return {
    size: async () => (await file.stat()).size,
    async read (offset, length) {
      const buffer = Buffer.allocUnsafe(length)
      let read = 0
      while (read < length) {
        const { bytesRead } = await file.read(buffer, read, length - read, offset + read)
        if (bytesRead === 0) break
        read += bytesRead
      }
      return read === length ? buffer : buffer.subarray(0, read)
    },
    close: () => file.close()
  }
}
