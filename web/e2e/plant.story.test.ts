/** The passive plant and OTDR by a technician: a file with errors and without, a cable's strands, a splice undone and done, a trace against its reference and its fault on the map. The tests are chapters of one story. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OtdrTraceRow } from '../../server/contract/otdr.js'
import type { CableRow } from '../../server/contract/plant.js'
import { type WrittenTrace, writeSor } from '../../fixtures/sor/write-sor.js'
import { Centre } from './centre.js'
import { until } from './program.js'
import { misspoken, overhang, settled, sizes } from './walk.js'

const PASSWORD = 'рефлектометр у фургоні'
const step = (metres: number) => 24.7 + metres / 73_090
/** North of the parallel, as the street bends. */
const north = (metres: number) => (48.92 + Math.sin(metres / 900) * 0.004).toFixed(6)
const route = (fromM: number, toM: number) => Array.from({ length: 9 }, (_, i) => { const at = fromM + (toM - fromM) * i / 8; return `${step(at).toFixed(6)} ${north(at)}` }).join(', ')
const header = 'kind,name,site,latitude,longitude,positions,from,to,strands,strands_per_tube,colour_code,length_m,route,slack,loss_db,note'
const rows = [
  'panel,ODF-1 Центр,Ситуаційний центр,48.92,24.7,48,,,,,,,,,,шафа 3',
  `panel,ODF-2 Вокзал,,${north(6000)},${step(6000)},24,,,,,,,,,,`,
  `closure,М-7,,${north(2000)},${step(2000)},,,,,,,,,,,під мостом`,
  `closure,М-8,,${north(4000)},${step(4000)},,,,,,,,,,,`,
  `cable,K-1 Центр – М-8,,,,,ODF-1 Центр,М-8,24,12,iec,4400,"${route(0, 4000)}",2100+20@М-7,,Виділений волоконний кабель уздовж вулиці Незалежності до муфти на розі`,
  `cable,K-2 М-8 – Вокзал,,,,,М-8,ODF-2 Вокзал,12,12,tia,,"${route(4000, 6000)}",,,`,
  'joint,,,,,,Ядро|gi1/0/1,ODF-1 Центр|1|front,,,,,,,,',
  'joint,,,,,,ODF-1 Центр|1|back,K-1 Центр – М-8|1|a,,,,,,,,',
  'joint,,,,,,K-1 Центр – М-8|1|b,K-2 М-8 – Вокзал|3|a,,,,,,,0.07,',
  'joint,,,,,,K-2 М-8 – Вокзал|3|b,ODF-2 Вокзал|1|back,,,,,,,,',
  'joint,,,,,,ODF-2 Вокзал|1|front,Вокзал|gi0/24,,,,,,,,'
]
const file = (lines: readonly string[]) => ({ name: 'plant.csv', mimeType: 'text/csv', buffer: Buffer.from([header, ...lines].join('\r\n')) })
const sound: WrittenTrace['events'] = [{ distanceM: 0, lossDb: 0.4, reflectanceDb: -45 }, { distanceM: 4400, lossDb: 0.07 }, { distanceM: 6450, lossDb: 14, reflectanceDb: -16, end: true }]
const sor = (events: WrittenTrace['events'], name: string, rest: Partial<WrittenTrace> = {}) => ({ name, mimeType: 'application/octet-stream', buffer: writeSor({ format: 2, lengthM: 9000, spacingM: 0.5, events: events.map(e => ({ ...e, distanceM: e.distanceM + 500 })), ...rest }) })

describe('the plant and its traces', () => {
  let centre: Centre
  let page: Page
  const seen = (text: string | RegExp) => page.getByText(text).filter({ visible: true }).first().waitFor()
  const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click()
  const cable = async (name: string) => (await centre.client.call<CableRow[]>('GET', '/plant/cables')).find(c => c.name.startsWith(name))!

  beforeAll(async () => {
    centre = await Centre.start()
    await centre.client.call('POST', '/sites', { name: 'Ситуаційний центр', address: '', latitude: 48.9205, longitude: 24.6995, note: '' })
    const host = (name: string, kind: 'switch' | 'camera', parentId: string | null, parentPort: string | null, n: number) => centre.client.call<{ id: string }>('POST', '/devices', {
      kind, name, address: `192.0.2.${n}`, siteId: null, groupId: null, agentId: null, parentId, parentPort,
      ...kind === 'switch' ? { switch: { snmpVersion: '2c', port: 161 } } : { camera: { onvif: null, rtsp: { port: 554, mainPath: '/main', subPath: null }, pull: 'on_demand' } }
    })
    const { id: core } = await host('Ядро', 'switch', null, null, 1)
    const { id: edge } = await host('Вокзал', 'switch', core, 'gi1/0/1', 2)
    for (const [i, name] of ['Перон 1', 'Перон 2', 'Каса'].entries()) await host(name, 'camera', edge, String(i + 1), 10 + i)
    await centre.invite('tech', ['technician'], PASSWORD)
    page = await centre.person('tech', PASSWORD)
    page.on('console', message => { if (message.type() === 'error' && !/400|409/.test(message.text())) centre.faults.push(message.text()) })
  })
  afterAll(async () => { await centre?.stop() })
  let broken = false
  beforeEach(context => { if (broken) context.skip('an earlier chapter failed') })
  afterEach(async context => {
    if (context.task.result?.state !== 'fail') return
    broken = true
    await centre?.picture(page, 'plant-story')
  })

  it('a file with a faulty row enters nothing and names it, a good one enters everything; it comes out again as it went in', async () => {
    await page.goto(`${centre.origin}/network`)
    await seen('Кабелів ще немає')
    await press('Імпорт та експорт')
    await page.locator('input[type=file]').setInputFiles(file(rows.map(row => row.replace('M-8|1|b', 'x').replace('М-8|1|b', 'М-8|31|b'))))
    await seen(/з помилками: 1/)
    await seen(/Такого волокна в кабелі немає/)
    expect(await page.getByRole('button', { name: 'Імпортувати' }).isDisabled()).toBe(true)
    await page.locator('input[type=file]').setInputFiles(file(rows))
    await seen(/нових: 11; змінених: 0; з помилками: 0/)
    await press('Імпортувати')
    await seen('Додано: 11; змінено: 0')
    await page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click()
    await page.getByRole('row', { name: /K-1 Центр/ }).waitFor()
    await press('Імпорт та експорт')
    const [exported] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'GeoJSON' }).click()])
    const text = readFileSync(await exported.path(), 'utf8')
    await page.locator('input[type=file]').setInputFiles({ name: 'plant.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(text) })
    await seen(/Рядків: 11; нових: 0; змінених: 0; з помилками: 0/)
    await page.keyboard.press('Escape')
  })

  it('a strand is read from switch to switch; its splice is taken apart and joined again', async () => {
    await page.getByRole('row', { name: /K-1 Центр/ }).click()
    await seen('Шлях волокна 1')
    for (const text of ['Ядро', 'ODF-1 Центр, гніздо 1', /Зварювання · М-8 · 0,07 дБ/, 'ODF-2 Вокзал, гніздо 1', 'Перон 1', 'Каса']) await seen(text)
    await seen('камер 3, інших 1')
    await centre.picture(page, 'plant-cable')
    await press('Роз’єднати М-8')
    await page.getByRole('dialog').getByRole('button', { name: 'Роз’єднати' }).click()
    await seen('Вільний кінець: М-8')
    await page.getByRole('button', { name: 'З’єднати' }).last().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: 'Кабель' }).click()
    await page.getByRole('option', { name: /K-2/ }).click()
    await dialog.getByRole('textbox', { name: 'Номер волокна' }).fill('3')
    await dialog.getByRole('textbox', { name: 'Виміряне загасання, дБ' }).fill('0.07')
    await dialog.getByRole('button', { name: 'З’єднати' }).click()
    await seen(/Зварювання · М-8 · 0,07 дБ/)
    expect((await cable('K-1')).joinedStrands).toBe(1)
    await page.goto(`${centre.origin}/network/plant?view=nodes`)
    await page.getByRole('row', { name: /ODF-1/ }).click()
    await page.getByRole('table', { name: 'З’єднання тут' }).getByText('ODF-1 Центр, гніздо 1, тил').waitFor()
    await centre.picture(page, 'panel')
    await page.keyboard.press('Escape')
  })

  it('traces are uploaded; what is no trace is refused in words; a new loss is told, between which closures, and shown on the map', async () => {
    await page.goto(`${centre.origin}/network/otdr`)
    await seen('Рефлектограм ще немає')
    const upload = async (sent: ReturnType<typeof sor>) => {
      await press('Завантажити рефлектограму')
      const dialog = page.getByRole('dialog')
      await dialog.locator('input[type=file]').setInputFiles(sent)
      await dialog.getByRole('combobox', { name: 'Кабель' }).click()
      await page.getByRole('option', { name: /K-1/ }).click()
      await dialog.getByRole('textbox', { name: 'Пускове волокно, м' }).fill('500')
      await dialog.getByRole('button', { name: 'Завантажити рефлектограму' }).click()
    }
    await upload({ name: 'photo.sor', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\n and the rest of a picture', 'latin1') })
    await seen('Це не рефлектограма .sor')
    await page.keyboard.press('Escape')
    await upload(sor(sound, 'K-1 приймання.sor'))
    await seen('Рефлектограму збережено, вона тепер еталон')
    await page.locator('[role=application][data-loaded]').waitFor()
    await page.getByRole('link', { name: 'Рефлектограми' }).last().click()
    await upload(sor([sound[0]!, { distanceM: 3420, lossDb: 1.2, comment: 'вигин' }, ...sound.slice(1)], 'K-1 після робіт.sor', { checksum: 'wrong' }))
    await seen(/Нова втрата 1,2 дБ на 3,420 км, між М-7 і М-8/)
    await seen(/Контрольна сума не збігається/)
    await page.locator('svg [class*=fault]').waitFor()
    await page.locator('[role=application][data-loaded]').first().waitFor()
  })

  it('the cursors measure what is between them, by mouse and by key; zoom reads the part anew', async () => {
    const plot = page.locator('.u-over')
    const box = (await plot.boundingBox())!
    const readings = page.locator('dl').filter({ hasText: 'Втрата між ними' }).first()
    await plot.click({ position: { x: box.width * 0.3, y: 100 } })
    const before = await readings.textContent()
    await page.locator('[role=application]').first().focus()
    await page.keyboard.press('Shift+ArrowRight')
    await until('the cursor to move', 5000, async () => await readings.textContent() !== before)
    const [answer] = await Promise.all([page.waitForResponse(r => r.url().includes('/curve?') && r.url().includes('fromM=')), press('Збільшити')])
    expect(answer.status()).toBe(200)
    await press('Уся рефлектограма')
    const { items } = await centre.client.call<{ items: OtdrTraceRow[] }>('GET', '/otdr/traces')
    expect(items.map(r => [r.isReference, r.warnings])).toEqual([[false, 1], [true, 0]])
  })

  it('every screen of it speaks one language and keeps to its window', async () => {
    const { items } = await centre.client.call<{ items: OtdrTraceRow[] }>('GET', '/otdr/traces')
    const { id } = await cable('K-1')
    const data = ['Ситуаційний центр', 'ODF-1 Центр', 'ODF-2 Вокзал', 'М-7', 'М-8', 'K-1 Центр – М-8', 'K-2 М-8 – Вокзал', 'Ядро', 'Вокзал', 'Перон 1', 'Перон 2', 'Каса', 'шафа 3', 'під мостом', 'Виділений волоконний кабель уздовж вулиці Незалежності до муфти на розі', 'K-1 приймання.sor', 'K-1 після робіт.sor', 'вигин', 'Вузол А', 'Вузол Б', 'Іван', 'tech', 'Kalancha']
    const faults: string[] = []
    for (const language of ['uk', 'en'] as const) {
      // As the page does it, so that the person's own session asks.
      expect(await page.evaluate(`fetch('/api/v1/me/preferences', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ language: '${language}' }) }).then(r => r.status)`)).toBe(200)
      for (const [name, path] of [['cables', '/network/plant'], ['nodes', '/network/plant?view=nodes'], ['map', '/network/plant?view=map'], ['cable', `/network/plant?cable=${id}&strand=1`], ['traces', '/network/otdr'], ['trace', `/network/otdr?trace=${items[0]!.id}`]] as const) {
        await page.setViewportSize(sizes[0])
        await page.goto(centre.origin + path)
        for (const size of sizes) {
          await page.setViewportSize(size)
          await settled(page)
          if (name === 'trace') await page.locator('[role=application][data-loaded]').first().waitFor()
          if (name === 'trace') await page.locator('svg [class*=fault]').waitFor()
          if (language === 'uk') await centre.picture(page, `${name}-${size.width}`)
          faults.push(...[...await misspoken(page, language, data), ...await overhang(page)].map(fault => `${path} at ${size.width}: ${fault}`))
        }
      }
    }
    expect([...faults, ...centre.faults]).toEqual([])
  })
})
