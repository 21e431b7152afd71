import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

/**
 * TLS options that accept exactly one certificate, whoever issued it and whatever name it bears; without a file, none:
 * then the system's authorities decide. Read at each dial, so that a renewed certificate is taken up.
 */
export function pinnedTls ({ url, serverCertFile }: { url: string, serverCertFile?: string | null }): ConnectionOptions {
  if (!serverCertFile || !url.startsWith('https:')) return {}
  const pem = readFileSync(serverCertFile, 'utf8')
  const pinned = new X509Certificate(pem).fingerprint256
  return {
    ca: pem,
    allowPartialTrustChain: true,
    checkServerIdentity: (_host, cert) => cert.fingerprint256 === pinned ? undefined : new Error('The server shows another certificate than the pinned one')
  }
}
