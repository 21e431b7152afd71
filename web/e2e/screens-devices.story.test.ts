/** Devices and what asks them: SNMPv3 by form, a second agent from its token to its end, searches and tests called off, ten thousand rows. The tests are chapters of one story. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../server/contract/inventory.js'
import { ADMIN, Centre } from './centre.js'
import { Program, until } from './program.js'

const snmpd = spawnSync('snmpd', ['-v']).status === 0
if (!snmpd) console.log('screens-devices.story: without snmpd (Debian package snmpd) its chapter is left out')
const KEYS = { auth: 'auth-secret-of-the-ring', priv: 'priv-secret-of-the-ring', wrong: 'some-other-privacy-key' }
const ROWS = 10_000

async function freeUdpPort () {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

describe('devices and what asks them', () => {
  let centre: Centre
  let page: Page
  let daemon: ChildProcess | null = null
  let agent: Program | null = null
  /** Takes connections and says nothing. */
  let mute: Server
  const seen = (text: string | RegExp, where: Page | Locator = page) => where.getByText(text).filter({ visible: true }).first().waitFor()
  const field = (name: string | RegExp) => page.getByRole('textbox', { name })
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
  const choose = async (label: string, option: string | RegExp) => {
    await page.getByRole('combobox', { name: label }).click()
    await page.getByRole('option', { name: option }).click()
  }
  const device = async (name: string) => (await centre.client.call<{ items: Device[] }>('GET', `/devices?q=${encodeURIComponent(name)}&limit=10`)).items.find(d => d.name === name)
  const steps = async () => Object.fromEntries(await page.locator('[data-step]').evaluateAll(list => list.map(e => [e.getAttribute('data-step'), e.getAttribute('data-status')])))
  const verdict = async (ok: boolean) => { await page.locator(`[data-test-verdict=${ok}]`).waitFor(); return steps() }

  beforeAll(async () => {
    centre = await Centre.start()
    page = await centre.person(ADMIN.login, ADMIN.password)
    mute = createServer(() => {}).listen(0, '127.0.0.1')
    await once(mute, 'listening')
  })
  afterAll(async () => {
    daemon?.kill()
    await agent?.kill()
    await centre?.stop()
    mute?.close()
  })
  let broken = false
  beforeEach(context => { if (broken) context.skip('an earlier chapter failed') })
  afterEach(async context => {
    if (context.task.result?.state !== 'fail') return
    broken = true
    await centre?.picture(page, 'devices-story')
  })

  it.skipIf(!snmpd)('a switch with SNMPv3 is tested step by step, entered, polled, and its credential replaced without ever being shown', async () => {
    const port = await freeUdpPort()
    const folder = join(centre.dataDir, 'snmpd')
    mkdirSync(folder)
    writeFileSync(join(folder, 'snmpd.conf'), ['sysName ring-seven', `createUser watch SHA-256 "${KEYS.auth}" AES "${KEYS.priv}"`, 'rouser watch priv', 'master no'].join('\n'))
    daemon = spawn('snmpd', ['-f', '-Lo', '-C', '-c', join(folder, 'snmpd.conf'), '-p', join(folder, 'pid'), `udp:127.0.0.1:${port}`], { env: { ...process.env, SNMP_PERSISTENT_DIR: folder }, stdio: 'ignore' })
    await page.goto(`${centre.origin}/admin/devices/new?kind=switch`)
    await field('Назва').fill('Кільце 7')
    await field('Адреса').fill('127.0.0.1')
    await page.getByText('v3', { exact: true }).click()
    await field('Порт SNMP').fill(String(port))
    await field('Опитувати кожні, с').fill('5')
    await field('Користувач SNMPv3').fill('watch')
    await page.getByLabel('Ключ автентифікації').fill(KEYS.auth)
    expect(await page.getByRole('combobox', { name: 'Протокол автентифікації' }).inputValue()).toBe('SHA-256')
    expect(await page.getByRole('combobox', { name: 'Протокол шифрування' }).inputValue()).toBe('AES-128')
    await page.getByLabel('Ключ шифрування').fill(KEYS.wrong)
    await press('Перевірити')
    expect(await verdict(false)).toMatchObject({ address: 'ok', authentication: 'failed' })
    expect(await page.locator('[data-step=authentication]').textContent()).toMatch(/Неправильний логін або пароль пристрою[\s\S]*privacy key/)
    await page.getByLabel('Ключ шифрування').fill(KEYS.priv)
    await press('Перевірити ще раз')
    const passed = await verdict(true)
    expect(Object.keys(passed)).toEqual(expect.arrayContaining(['address', 'snmp_version', 'authentication', 'system', 'ports']))
    expect(Object.values(passed).filter(status => status !== 'ok' && status !== 'warning')).toEqual([])
    await seen('ring-seven')
    await press('Додати пристрій')
    await page.getByRole('row', { name: /Кільце 7/ }).waitFor()
    await until('the switch to be up', 30_000, async () => (await device('Кільце 7'))?.state.state === 'up')
    const { id } = (await device('Кільце 7'))!
    await page.goto(`${centre.origin}/devices/${id}`)
    await seen('lo', page.getByRole('table').or(page.getByRole('grid')).first())

    await page.goto(`${centre.origin}/admin/devices/${id}`)
    await seen('Збережено для користувача «watch»')
    expect(await page.content()).not.toContain('secret-of-the-ring')
    await press('Замінити')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Користувач SNMPv3' }).fill('watch')
    expect(await dialog.locator('input[type=password]').evaluateAll(list => (list as unknown as { value: string }[]).map(e => e.value))).toEqual(['', ''])
    await dialog.getByLabel('Ключ автентифікації').fill(KEYS.auth)
    await dialog.getByLabel('Ключ шифрування').fill(KEYS.wrong)
    await dialog.getByRole('button', { name: 'Зберегти' }).click()
    await seen('Замінено')
    await until('the refused key to show', 40_000, async () => (await device('Кільце 7'))?.state.reason?.code === 'authentication_failed')
    await press('Замінити')
    await dialog.getByRole('textbox', { name: 'Користувач SNMPv3' }).fill('watch')
    await dialog.getByLabel('Ключ автентифікації').fill(KEYS.auth)
    await dialog.getByLabel('Ключ шифрування').fill(KEYS.priv)
    await dialog.getByRole('button', { name: 'Зберегти' }).click()
    await until('the switch to be up again', 40_000, async () => (await device('Кільце 7'))?.state.state === 'up')
  })

  it('a second agent comes by its token, is seen, is revoked; its devices are unknown for that reason and it is refused', async () => {
    await page.goto(`${centre.origin}/admin/agents`)
    await press('Додати агента')
    await page.getByRole('dialog').getByRole('textbox').fill('Вокзал')
    await press('Створити ключ')
    await page.locator('[data-once]').nth(1).waitFor()
    const blocks = await page.locator('[data-once]').allTextContents()
    const token = blocks.at(-1)!.trim()
    expect(blocks[0]).toContain(centre.origin)
    agent = new Program('agent', 'agents/main.js', ['--server', centre.origin, '--data', join(centre.dataDir, 'agent-2')], {})
    agent.start({ KALANCHA_AGENT_TOKEN: token })
    await press('Готово')
    const item = page.locator('[data-agent="Вокзал"]')
    await item.getByText('на зв’язку').waitFor()

    const { id: agentId } = (await centre.client.call<{ id: string, name: string }[]>('GET', '/agents')).find(a => a.name === 'Вокзал')!
    const host = { kind: 'host', name: 'Табло перону', address: '127.0.0.1', siteId: null, groupId: null, agentId, parentId: null, parentPort: null, host: { check: { method: 'tcp', port: (mute.address() as { port: number }).port }, intervalS: 5 } }
    const { id } = await centre.client.call<Device>('POST', '/devices', host)
    // The same private address behind another agent is another device.
    await centre.client.call('POST', '/devices', { ...host, name: 'Без агента', agentId: null })
    await until('it to be up', 20_000, async () => (await device('Табло перону'))?.state.state === 'up')
    await item.getByRole('button', { name: 'Відкликати' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Відкликати' }).click()
    await item.getByText(/Відкликано /).waitFor()
    await page.goto(`${centre.origin}/devices/${id}`)
    await seen('Невідомо')
    await seen('Його агента відкликано')
    await until('the agent to be told', 20_000, async () => /revoked/i.test(agent!.said.join('\n')))
    await agent.kill()
    agent.start()
    await until('the agent to be refused again', 20_000, async () => (agent!.said.join('\n').match(/revoked/gi) ?? []).length > 1)
    await page.goto(`${centre.origin}/devices/${(await device('Без агента'))!.id}`)
    await seen('Жоден агент його не опитує')
    await seen('Тут причина', page.getByRole('listitem').filter({ hasText: 'Без агента' }).last())
  })

  it('a running connection test and a running search are called off', async () => {
    await page.goto(`${centre.origin}/admin/devices/new?kind=camera`)
    await field('Назва').fill('Німа')
    await field('Адреса').fill('127.0.0.1')
    await page.getByText('Лише RTSP').click()
    await field('Порт RTSP').fill(String((mute.address() as { port: number }).port))
    await field('Шлях основного потоку').fill('/main')
    await press('Перевірити')
    await page.locator('[data-step=address]').waitFor()
    await press('Скасувати')
    await seen('Перевірку скасовано')
    await press('Перевірити ще раз')
    await page.locator('[data-step=address]').waitFor()
    await press('Скасувати')

    await page.goto(`${centre.origin}/admin/discovery`)
    await field('Мережа').fill('127.77.0.0/20')
    await press('Дозволити')
    await choose('У мережі', '127.77.0.0/20')
    await press('Порти і швидкість')
    await field('Спроб за секунду').fill('400')
    await press('Шукати')
    await page.locator('[data-search=running]').getByText(/Перевірено [1-9]\d* з 4094/).waitFor()
    await press('Скасувати')
    await page.locator('[data-search=cancelled]').waitFor()
    await page.getByRole('button', { name: 'Шукати' }).waitFor()
  })

  it(`${ROWS} rows are looked at without the screen standing still, refused as a whole for one fault, then entered`, async () => {
    await page.goto(`${centre.origin}/admin/import`)
    const [template] = await Promise.all([page.waitForEvent('download'), press('Зразок файлу')])
    const first = readFileSync(await template.path(), 'utf8').split(/\r?\n/)[0]!
    expect(first).toContain('kind')
    const rows = Array.from({ length: ROWS }, (_, i) => `host;Лічильник ${i};Місто ${i % 40};198.18.${i >> 8}.${i & 255};tcp;22;no`)
    const file = (lines: string[]) => ({ name: 'town.csv', mimeType: 'text/csv', buffer: Buffer.from(['kind;name;site;address;check;check_port;enabled', ...lines].join('\r\n')) })
    const before = await centre.client.call<{ total: number }>('GET', '/devices?limit=1')
    const faulty = rows.map((row, i) => i === 17 ? row.replace('198.18.0.17', '198.18.0.300') : i === 9_998 ? rows[5]! : row)
    await page.evaluate(`window.still = 0; { let at = performance.now(); const look = () => { const now = performance.now(); window.still = Math.max(window.still, now - at); at = now; requestAnimationFrame(look) }; requestAnimationFrame(look) }`)
    await page.locator('input[type=file]').setInputFiles(file(faulty))
    await seen(/10\D?000 рядків, з помилками: 2/)
    expect(await page.getByRole('grid').getByRole('row').count()).toBeLessThan(80)
    await page.getByRole('grid').focus()
    await page.keyboard.press('End')
    await page.getByRole('row', { name: /Лічильник 9999/ }).waitFor()
    await page.getByRole('switch', { name: 'Лише з помилками' }).click()
    await page.getByRole('row', { name: /Лічильник 17 [\s\S]*|Не адреса IPv4/ }).first().waitFor()
    expect(await page.getByRole('grid').getByRole('row').allTextContents()).toHaveLength(3)
    await seen(/address: Не адреса IPv4/)
    expect(await page.getByRole('button', { name: /^Імпортувати/ }).isDisabled()).toBe(true)
    await press('Інший файл')

    await page.locator('input[type=file]').setInputFiles(file(rows))
    await seen(/10\D?000 рядків, помилок немає/)
    // Somebody enters one of them meanwhile: nothing at all is written, and the row is named.
    const { id: theirs } = await centre.client.call<Device>('POST', '/devices', { kind: 'host', name: 'Хтось інший', address: '198.18.3.7', siteId: null, groupId: null, agentId: (await centre.client.call<{ id: string, status: string }[]>('GET', '/agents')).find(a => a.status !== 'revoked')!.id, parentId: null, parentPort: null, host: { check: { method: 'tcp', port: 22 } } })
    await press(/^Імпортувати/)
    await seen('Записуємо: усе або нічого…')
    await seen(/10\D?000 рядків, з помилками: 1/)
    expect((await centre.client.call<{ total: number }>('GET', '/devices?limit=1')).total).toBe(before.total + 1)
    await centre.client.call('DELETE', `/devices/${theirs}`)
    await press('Інший файл')
    await page.locator('input[type=file]').setInputFiles(file(rows))
    await press(/^Імпортувати/)
    await seen(/Імпортовано 10\D?000 пристроїв/)
    console.log(JSON.stringify({ rows: ROWS, longestStillMs: Math.round(await page.evaluate('window.still') as number) }))

    const [exported] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Експорт CSV' }).click()])
    const text = readFileSync(await exported.path(), 'utf8')
    expect(text.split('\n').filter(line => line.includes('Лічильник'))).toHaveLength(ROWS)
    expect(text).not.toContain('secret-of-the-ring')
    expect(centre.faults).toEqual([])
  })
})
