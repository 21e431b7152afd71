/** Every screen in both languages, on a wall and on a phone: no word missing, none of the other language, nothing sticking out, no error in the console. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Agent } from '../../server/contract/agent-link.js'
import type { Language } from '../../server/contract/common.js'
import type { Device, Site } from '../../server/contract/inventory.js'
import { System } from './system.js'
import { until } from './program.js'
import { addresses, misspoken, overhang, settled, sizes } from './walk.js'
import { Wall } from './wall.js'

const languages: readonly Language[] = ['uk', 'en']
/** Before anybody is signed in. */
const front = ['/sign-in', '/setup', '/invitation']

describe('every screen', () => {
  let system: System
  let wall: Wall
  let data: string[]
  let ids: string[]
  const console: string[] = []

  beforeAll(async () => {
    system = await System.start()
    // Something to look at on the alarm screens, and a device that nobody polls.
    await system.client.call('POST', '/devices', { kind: 'host', name: 'Metro sign', address: '192.0.2.9', siteId: null, groupId: null, agentId: null, parentId: null, parentPort: null, host: { check: { method: 'icmp' } } })
    await system.fault('cut', 'C03')
    wall = await Wall.open(system.origin, system.login, system.password)
    wall.page.on('console', message => { if (message.type() === 'error') console.push(`${message.text()} ${message.location().url}`) })
    const { items: devices } = await system.client.call<{ items: Device[] }>('GET', '/devices?limit=200')
    const sites = await system.client.call<Site[]>('GET', '/sites')
    const agents = await system.client.call<Agent[]>('GET', '/agents')
    data = [...devices.flatMap(d => [d.name, d.groupName ?? '']), ...sites.flatMap(s => [s.name, s.address]), ...agents.map(a => a.name), 'Усе місто', 'Центр і вокзал', 'Адміністратор', 'Kalancha', 'Вежа-720', 'Вежа-Оберт'].filter(name => name !== '')
    ids = [system.id('C03'), system.id('S2'), devices.find(d => d.name === 'Metro sign')!.id]
    await until('the alarm of the cut', 30_000, async () => (await system.alarms()).length > 0)
  })
  afterAll(async () => {
    await wall?.close()
    await system?.stop()
  })

  it.each(languages)('speaks one language (%s) and keeps to its window', async language => {
    const { page } = wall
    await system.client.call('PUT', '/me/preferences', { language })
    const paths = addresses({ '/devices': ids, '/admin/devices': ids }).filter(path => !front.includes(path))
    const faults: string[] = []
    for (const path of [...paths, '/admin/devices/new?kind=switch', '/no-such-page']) {
      await page.setViewportSize(sizes[0])
      await page.goto(system.origin + path)
      for (const size of sizes) {
        await page.setViewportSize(size)
        await settled(page)
        expect(await page.locator('html').getAttribute('lang')).toBe(language)
        faults.push(...[...await misspoken(page, language, data), ...await overhang(page)].map(fault => `${path} at ${size.width}: ${fault}`))
      }
    }
    expect([...faults, ...console.splice(0), ...wall.faults]).toEqual([])
  })

  it('so do the pages before signing in', async () => {
    const { page } = wall
    await system.client.call('PUT', '/me/preferences', { language: 'uk' })
    const faults: string[] = []
    for (const language of languages) {
      for (const path of front.slice(1)) {
        await page.goto(system.origin + path)
        await page.getByText(language === 'uk' ? 'Українська' : 'English', { exact: true }).click()
        for (const size of sizes) {
          await page.setViewportSize(size)
          await settled(page)
          faults.push(...[...await misspoken(page, language, data), ...await overhang(page)].map(fault => `${path} at ${size.width}: ${fault}`))
        }
      }
    }
    expect([...faults, ...console.splice(0)]).toEqual([])
  })
})
