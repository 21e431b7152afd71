/** Looks at a screen as a stickler would: words that are no words, the other language, what sticks out at the side. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { projectRoot } from '../../lib/project-root.js'
import type { Language } from '../../server/contract/common.js'
import { en } from '../src/i18n/en/index.js'
import { uk } from '../src/i18n/uk/index.js'
import { until } from './program.js'

export const sizes = [{ width: 1920, height: 1080 }, { width: 390, height: 844 }] as const

type Tree = { [key: string]: string | Tree }
const leaves = (tree: Tree): string[] => Object.values(tree).flatMap(value => typeof value === 'string' ? [value] : leaves(value))
const words = { uk: new Set(leaves(uk)), en: new Set(leaves(en)) }
const rooms = new Set(Object.keys(en))
/** Shown as they are, under the mouse, beside their names. */
const actions = new Set(Object.keys(en.auditAction))
const cyrillic = /[\u0400-\u04ff]/

/** Every address of the application, from its own table; `ids` names what stands for a parameter, by the path before it. */
export function addresses (ids: Record<string, readonly string[]>): string[] {
  const source = readFileSync(join(projectRoot(), 'web/src/routes.tsx'), 'utf8')
  const found = [...source.matchAll(/getParentRoute: \(\) => (\w+), path: '([^']+)'/g)].map(([, parent, path]) => `${parent === 'admin' ? '/admin' : ''}${path === '/' && parent === 'admin' ? '' : path}`)
  if (found.length < 15) throw new Error(`Only ${found.length} addresses were read from routes.tsx`)
  return found.flatMap(path => {
    const at = path.indexOf('/$')
    if (at < 0) return [path]
    const some = ids[path.slice(0, at)]
    if (!some) throw new Error(`The walk knows nothing to show at ${path}`)
    return some.map(id => path.slice(0, at + 1) + id)
  })
}

/** What can be read on the screen, hidden names of controls included. Runs in the page. */
const READ = `(() => {
  const texts = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) if (!node.parentElement.closest('script, style, noscript')) texts.push(node.data)
  for (const e of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) for (const name of ['aria-label', 'title', 'placeholder', 'alt']) if (e.hasAttribute(name)) texts.push(e.getAttribute(name))
  return texts.map(text => text.replaceAll(/\\s+/g, ' ').trim()).filter(text => text !== '')
})()`

/** What sticks out at the side: elements that end right of the window and lie in no box that scrolls or cuts. Runs in the page. */
const OVERHANG = `(() => {
  const root = document.documentElement
  if (root.scrollWidth <= innerWidth) return []
  const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  return ['the page is ' + root.scrollWidth + ' wide: ' + out.slice(0, 4).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30)).join(' | ')]
})()`

/** Faults of the texts on the screen. `data` are names that people gave. */
export async function misspoken (page: Page, language: Language, data: readonly string[]): Promise<string[]> {
  const faults = new Set<string>()
  const other = language === 'en' ? words.uk : words.en
  const known = [...data, 'Українська'].sort((a, b) => b.length - a.length)
  for (const text of await page.evaluate(READ) as string[]) {
    for (const token of text.split(/[\s,;:()«»]+/)) if (/^[a-z]\w*(\.\w+)+$/i.test(token) && rooms.has(token.split('.')[0]!) && !actions.has(token.replaceAll('.', '_')) && !data.includes(token)) faults.add(`a key without a text: ${token}`)
    if (/\{\{|undefined|\[object|NaN/.test(text)) faults.add(`no text for people: ${text}`)
    const own = known.reduce((rest, name) => rest.replaceAll(name, ''), text)
    if (language === 'en' && cyrillic.test(own)) faults.add(`Cyrillic in English: ${text}`)
    else if (!words[language].has(text) && other.has(text) && !data.includes(text)) faults.add(`of the other language: ${text}`)
  }
  return [...faults]
}

export const overhang = async (page: Page) => await page.evaluate(OVERHANG) as string[]

/** Waits until nothing is loading on the screen any more. */
export async function settled (page: Page) {
  await page.waitForLoadState('load')
  await until('the screen to have loaded', 15_000, async () => await page.evaluate(`document.getElementById('root').innerText.trim() !== '' && document.querySelector('.mantine-Skeleton-root, [data-loading=true]') === null`))
}
