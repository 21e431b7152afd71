/** What cameras report, from the simulated city's cameras over PullPoint to a shift lead's screen, in real processes. */
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defaultPolicy, type Timeline } from '../../server/contract/recording.js'
import type { CameraEvent, EventRule } from '../../server/contract/camera-events.js'
import { until } from './program.js'
import { System } from './system.js'
import { Wall } from './wall.js'

/** Pictures for the documentation, where somebody asks for them. */
const pictures = process.env.KALANCHA_PICTURES

describe('what cameras report', () => {
  let system: System
  let wall: Wall
  const events = async (id: string, type?: string) => (await system.client.call<{ items: CameraEvent[] }>('GET', `/camera-events?deviceId=${system.id(id)}${type ? `&type=${type}` : ''}`)).items
  const picture = async (name: string, size = { width: 1920, height: 1080 }) => {
    if (!pictures || !existsSync(pictures)) return
    await wall.page.setViewportSize(size)
    await wall.page.waitForTimeout(500)
    await wall.page.screenshot({ path: `${pictures}/${name}.png` })
  }
  const phone = { width: 390, height: 844 }
  const standing = async () => (await system.alarms()).map(a => `${a.condition} ${a.deviceId === system.id('C03') ? 'C03' : a.deviceName} ${a.subject}`)

  beforeAll(async () => {
    system = await System.start()
    wall = await Wall.open(system.origin, system.login, system.password)
  })
  afterAll(async () => {
    await wall?.close()
    await system?.stop()
  })
  afterEach(async context => { if (context.task.result?.state === 'fail') await wall?.page.screenshot({ path: '.cache/camera-events-story.png' }).catch(() => {}) })

  it('motion of each camera is told to the server with its beginning and end', async () => {
    await until('motion of both agents\' cameras, ended', 120_000, async () => (await events('C01', 'motion')).some(e => e.to !== null) && (await events('C06', 'motion')).some(e => e.to !== null))
  })

  it('a tile shows it calmly, and no alarm is made of it', async () => {
    const { page } = wall
    await until('a mark of motion', 60_000, async () => await page.getByRole('img', { name: 'Рух у кадрі' }).count() > 0)
    await picture('wall-motion')
    expect(await standing()).toEqual([])
  })

  it('a rule is made with a preview of what it would have raised', async () => {
    const { page } = wall
    await page.goto(`${system.origin}/admin/events`)
    await page.getByText('Правил ще немає').waitFor()
    await page.getByRole('button', { name: 'Додати правило' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Назва' }).fill('Хвіртка вночі')
    await dialog.getByRole('combobox', { name: 'Які події' }).or(dialog.getByRole('textbox', { name: 'Які події' })).first().click()
    await page.getByRole('option', { name: 'рух' }).click()
    await page.keyboard.press('Tab')
    await dialog.getByText(/\d+ тривог[аи]?/).first().waitFor()
    await dialog.getByRole('textbox', { name: 'Назва' }).click()
    await picture('event-rule')
    await dialog.getByRole('button', { name: 'Зберегти' }).click()
    await page.getByText('Хвіртка вночі').first().waitFor()
    const [rule] = await system.client.call<EventRule[]>('GET', '/event-rules')
    await system.client.call('PUT', `/event-rules/${rule!.id}`, { name: rule!.name, enabled: true, deviceIds: [system.id('C03')], groupIds: [], types: ['line_crossed'], schedule: [], minDurationS: 0, cooldownS: 0, clearAfterS: 5, severity: 'major', record: false, bookmark: true })
    await page.reload()
    await page.getByText('1 камера').waitFor()
    await picture('event-rules')
  })

  it('a line that is crossed raises its alarm, which clears by itself', async () => {
    await system.fault('event', 'C03', 1, 'line')
    await until('the alarm', 10_000, async () => (await standing()).includes('camera_event C03 Хвіртка вночі'))
    await until('its end', 20_000, async () => (await standing()).length === 0)
    expect((await events('C03', 'line_crossed'))[0]).toMatchObject({ source: 'SourceConfig/Gate', data: { ObjectId: '1' } })
  })

  it('tampering degrades the camera without any rule', async () => {
    await system.fault('event', 'C03', 20, 'tamper')
    await until('the alarm', 30_000, async () => (await standing()).includes('camera_tamper C03 '))
    expect(await system.state('C03')).toBe('degraded')
    await until('the end of it', 90_000, async () => { const left = await standing(); if (left.length > 0) throw new Error(left.join()); return true })
  })

  it('a storm of events is one line, and the next camera is heard meanwhile', async () => {
    await system.fault('event', 'C04', 6, 'event-storm')
    await system.fault('event', 'C03', 1, 'line')
    await until('the line', 10_000, async () => (await events('C03', 'line_crossed')).length === 2)
    await until('the storm\'s end', 60_000, async () => (await events('C04', 'other')).some(e => e.source === 'kalancha:storm' && e.to !== null))
    const told = await events('C04')
    expect(told.length).toBeLessThan(60)
    expect(Number(told.find(e => e.source === 'kalancha:storm')!.data.merged)).toBeGreaterThan(50)
  })

  it('a camera in event mode is recorded around its own events, from before they began', async () => {
    const id = system.id('C09')
    await system.client.call('PUT', `/recording/policies/camera/${id}`, { ...defaultPolicy, mode: 'event', preRollS: 5, postRollS: 5 })
    const chosenAt = Date.now()
    await until('a recording around an event, with nothing between', 150_000, async () => {
      const told = (await events('C09', 'motion')).filter(e => e.from > chosenAt + 20_000 && e.to !== null)
      const { rows } = await system.client.call<Timeline>('GET', `/timeline?deviceIds=${id}&from=${chosenAt}&to=${Date.now() + 1000}`)
      const unrecorded = rows[0]!.gaps.filter(g => g.cause === 'no_event')
      return told.some(e => rows[0]!.coverage.some(c => c.from < e.from - 2000 && c.to >= e.to! && unrecorded.some(g => g.to <= c.from + 1000)))
    })
  })

  it('the camera\'s page lists them', async () => {
    const { page } = wall
    await page.goto(`${system.origin}/devices/${system.id('C03')}`)
    await page.getByText('перетин лінії').first().waitFor()
    await page.getByText('Події камери').scrollIntoViewIfNeeded()
    await picture('camera-events')
    await page.setViewportSize(phone)
    await page.getByText('Події камери').scrollIntoViewIfNeeded()
    await picture('camera-events-phone', phone)
    await page.goto(`${system.origin}/admin/events`)
    await page.getByText('Хвіртка вночі').first().waitFor()
    await page.getByRole('button', { name: 'Змінити' }).click()
    await page.getByRole('dialog').getByText(/тривог/).first().waitFor()
    await picture('event-rule-phone', phone)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(wall.faults).toEqual([])
  })
})
