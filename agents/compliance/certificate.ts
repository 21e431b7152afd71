import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { CertificateFacts } from '../../server/contract/health.js'

/**
 * The certificate that a camera shows, good or not: an expired one must be told of, although nothing else would be sent over such a connection. Nothing is sent
 * over this one at all. Null where there is none to be had.
 */
export function readCertificate ({ address, port }: { address: string, port: number }, signal: AbortSignal, deadlineMs = 5000): Promise<CertificateFacts | null> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port, rejectUnauthorized: false, ...(isIP(address) ? {} : { servername: address }) })
    const done = (facts: CertificateFacts | null) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      socket.destroy()
      resolve(facts)
    }
    const abort = () => done(null)
    const timer = setTimeout(abort, deadlineMs)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) return abort()
    socket.once('error', abort)
    socket.once('close', abort)
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()
      const notBefore = Date.parse(shown?.validFrom ?? '')
      const notAfter = Date.parse(shown?.validTo ?? '')
      if (!shown || !(notBefore >= 0) || !(notAfter >= 0)) return done(null)
      done({ notBefore, notAfter, subject: nameIn(shown.subject), issuer: nameIn(shown.issuer), sha256: shown.fingerprint256.replaceAll(':', '').toLowerCase() })
    })
  })
}

/** The common name out of a distinguished name, or all of it on one line. */
const nameIn = (name: string) => (/^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ')).slice(0, 200)
