/** Light in the town's fibres: read from simulated switches over SNMP, shown on their pages, dimmed, told, and limited by a person. */
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Hardware } from '../../server/contract/hardware.js'
import { until } from './program.js'
import { System } from './system.js'
import { Wall } from './wall.js'

/** Pictures for the documentation, where somebody asks for them. */
const pictures = process.env.KALANCHA_PICTURES

describe('light in the fibres', () => {
  let system: System
  let wall: Wall
  const hardware = (id: string) => system.client.call<Hardware>('GET', `/devices/${system.id(id)}/hardware`)
  const light = async (id: string, port: string) => (await hardware(id)).modules.find(m => m.port === port)
  const picture = async (name: string, size = { width: 1920, height: 1080 }) => {
    if (!pictures || !existsSync(pictures)) return
    await wall.page.setViewportSize(size)
    await wall.page.waitForTimeout(700)
    await wall.page.screenshot({ path: `${pictures}/${name}.png` })
    await wall.page.setViewportSize({ width: 1920, height: 1080 })
  }
  const row = (port: string) => wall.page.locator(`[data-port="${port}"]`)
  const standing = async () => (await system.alarms()).map(a => `${a.condition} ${a.subject} ${a.deviceName.split(' ')[0]}`).sort()

  beforeAll(async () => {
    system = await System.start()
    wall = await Wall.open(system.origin, system.login, system.password)
  })
  afterAll(async () => {
    await wall?.close()
    await system?.stop()
  })
  afterEach(async context => { if (context.task.result?.state === 'fail') await wall?.page.screenshot({ path: '.cache/light-story.png' }).catch(() => {}) })

  it('both forms of switch tell the light of their ports, their sensors and their power', async () => {
    await until('light of both forms', 90_000, async () => (await light('S2', 'gi1/0/11'))?.rxPowerDbm != null && (await light('S5', 'gi1/0/9'))?.rxPowerDbm != null)
    const [entity, mikrotik] = [await hardware('S2'), await hardware('S5')]
    expect(entity.modules.map(m => m.port)).toEqual(['gi1/0/9', 'gi1/0/10', 'gi1/0/11'])
    expect([...entity.modules, ...mikrotik.modules].map(m => m.rx.level)).toEqual(Array(7).fill('ok'))
    expect(entity.poe?.supplies[0]?.budgetW).toBe(120)
    expect(mikrotik.sensors.map(s => s.kind)).toEqual(expect.arrayContaining(['cpu', 'memory', 'temperature', 'fan', 'power_supply']))
    expect(await standing()).toEqual([])
  })

  it('the page of the switch shows it calmly; the module tells what it is; the page of a camera shows its port', async () => {
    const { page } = wall
    await page.goto(`${system.origin}/devices/${system.id('S5')}`)
    await row('gi1/0/9').waitFor()
    expect(await page.locator('[data-level="ok"]').count()).toBe(4)
    await row('gi1/0/9').getByRole('button').first().click()
    await page.getByText('1310 нм').first().waitFor()
    await picture('switch-optics-details')
    await page.goto(`${system.origin}/devices/${system.id('C11')}`)
    await page.getByText('Світло порту').first().waitFor()
    await page.getByRole('img', { name: /^Приймання: −\d/ }).first().waitFor()
    await picture('camera-light')
  })

  it('a fibre that takes six decibels more is told on both of its ports, and not again when it heals', async () => {
    await system.fault('dim', 'S2-S5', 6)
    await until('alarms of both ends', 120_000, async () => (await standing()).length === 2)
    expect((await standing()).map(a => a.split(' ').slice(0, 2).join(' '))).toEqual([expect.stringMatching(/^light_(alarm|warning) gi1\/0\/11$/), expect.stringMatching(/^light_(alarm|warning) gi1\/0\/9$/)].sort())
    const { page } = wall
    await page.goto(`${system.origin}/devices/${system.id('S5')}`)
    await page.locator('[data-port="gi1/0/9"]:not([data-level="ok"])').waitFor()
    await picture('switch-optics')
    await picture('switch-optics-phone', { width: 390, height: 844 })
  })

  it('a person sets limits of their own, in order only, and takes them back', async () => {
    const { page } = wall
    await row('gi1/0/9').getByRole('button').first().click()
    await page.getByRole('button', { name: 'Змінити межі' }).click()
    const dialog = page.getByRole('dialog', { name: 'Межі світла порту gi1/0/9' })
    await dialog.getByRole('checkbox', { name: 'Власні межі' }).first().check()
    const field = (name: string) => dialog.getByRole('textbox', { name }).first()
    await field('Тривога: мало').fill('-10')
    await dialog.getByText('Кожна межа має бути вищою за попередню').waitFor()
    expect(await dialog.getByRole('button', { name: 'Зберегти межі' }).isDisabled()).toBe(true)
    await picture('light-limits')
    await field('Тривога: мало').fill('-30')
    await field('Увага: мало').fill('-28')
    await dialog.getByRole('button', { name: 'Зберегти межі' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('задано людиною').first().waitFor()
    // The near end is content at once; the far end still says that the fibre is worse.
    await until('one alarm left', 30_000, async () => (await standing()).length === 1)
    await system.fault('heal', 'all')
    await until('no alarm', 120_000, async () => (await standing()).length === 0)
  })
})
