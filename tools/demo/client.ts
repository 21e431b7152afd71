/** A signed-in HTTP client for the demonstration: the same API that the browser uses. */
export class DemoClient {
  private cookie = ''
  constructor (private readonly origin: string) {}

  /** For a WebSocket of the same person. */
  get headers () { return { origin: this.origin, cookie: this.cookie } }

  /** @throws Error naming the route, the status and the problem's detail. */
  async call<T> (method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { origin: this.origin, 'sec-fetch-site': 'same-origin', ...(this.cookie ? { cookie: this.cookie } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body)
    })
    const set = response.headers.getSetCookie().map(c => c.split(';')[0]!).filter(c => !c.endsWith('='))
    if (set.length > 0) this.cookie = set.join('; ')
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`)
    return (text ? JSON.parse(text) : undefined) as T
  }
}
