/** Watches the alarm list of the wall page: when a row came or went, by the wall clock, ms. */
import type { Page } from 'playwright-core'
import type { System } from './system.js'

/** `dom` when the page's own change is there, `shown` with the animation frame after it. */
export interface RowChange { alarmId: string, raised: boolean, dom: number, shown: number }

/** The page's side; runs inside the browser. */
function observe () {
  interface Node { nodeType: number, id?: string, querySelectorAll?: (selector: string) => Iterable<{ id: string }> }
  interface Mutation { addedNodes: Iterable<Node>, removedNodes: Iterable<Node> }
  const page = globalThis as unknown as {
    __alarms: { alarmId: string, raised: boolean, dom: number, shown: number }[], document: { body: object }, requestAnimationFrame: (done: () => void) => void
    MutationObserver: new (seen: (list: Mutation[]) => void) => { observe: (root: object, options: object) => void }
  }
  const drifts = Array.from({ length: 101 }, () => Date.now() - (performance.timeOrigin + performance.now())).sort((a, b) => a - b)
  const now = () => performance.timeOrigin + performance.now() + drifts[50]!
  const changes: typeof page.__alarms = []
  page.__alarms = changes
  const rowsOf = (node: Node) => node.nodeType !== 1 ? [] : [node.id ?? '', ...[...node.querySelectorAll?.('article[id^="alarm-"]') ?? []].map(row => row.id)].filter(id => id.startsWith('alarm-'))
  new page.MutationObserver(list => {
    const dom = now()
    const added = list.flatMap(m => [...m.addedNodes].flatMap(rowsOf))
    const removed = list.flatMap(m => [...m.removedNodes].flatMap(rowsOf)).filter(id => !added.includes(id))
    const fresh = [...added.map(id => ({ id, raised: true })), ...removed.map(id => ({ id, raised: false }))].map(({ id, raised }) => ({ alarmId: id.slice(6), raised, dom, shown: 0 }))
    if (fresh.length === 0) return
    page.requestAnimationFrame(() => {
      const shown = now()
      for (const change of fresh) { change.shown = shown; changes.push(change) }
    })
  }).observe(page.document.body, { childList: true, subtree: true })
}

/** The wall with four live pictures and its list of alarms beside them. */
export async function openAlarmList (page: Page, { cameraIds }: Pick<System, 'cameraIds'>) {
  const arrangement = { layoutId: null, name: '', shared: false, grid: 4, cells: cameraIds.slice(0, 4), changed: true }
  await page.evaluate(text => { (globalThis as unknown as { localStorage: { setItem: (key: string, text: string) => void } }).localStorage.setItem('kalancha.wall', text) }, JSON.stringify(arrangement))
  await page.goto(new URL('/', page.url()).href)
  await page.click('[role="toolbar"] button[aria-label="Тривоги"]')
  await page.waitForSelector('[data-show="live"]', { timeout: 30_000 })
  await page.evaluate(observe)
}

export async function rowChange (page: Page, alarmId: string, raised: boolean, timeoutMs: number): Promise<RowChange> {
  const found = await page.waitForFunction(
    ([id, up]) => (globalThis as unknown as { __alarms: RowChange[] }).__alarms.find(c => c.alarmId === id && c.raised === up) ?? null,
    [alarmId, raised] as const, { timeout: timeoutMs, polling: 50 }
  )
  return await found.jsonValue() as RowChange
}
