import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { pinnedTls } from './pinned-tls.js'

const MAX_ANSWER_BYTES = 64 * 1024

/** One small JSON request to the server: a deadline, a cap, no redirects, the pinned certificate. A body that is no JSON is null. */
export function postJson ({ url, json, serverCertFile, deadlineMs = 10_000 }: { url: URL, json: unknown, serverCertFile?: string | null, deadlineMs?: number }): Promise<{ status: number, body: unknown }> {
  const text = JSON.stringify(json)
  const options = {
    method: 'POST', agent: false as const, signal: AbortSignal.timeout(deadlineMs), ...pinnedTls({ url: url.href, serverCertFile }),
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, response => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error('The answer is too large'))
        else chunks.push(chunk)
      })
      response.on('end', () => {
        let body: unknown = null
        try { body = JSON.parse(Buffer.concat(chunks).toString()) } catch { /* a proxy's error page */ }
        resolve({ status: response.statusCode ?? 0, body })
      })
    })
    request.on('error', reject)
    request.end(text)
  })
}
