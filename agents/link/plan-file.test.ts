import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { openPlanFile, type PlanMessage } from './plan-file.js'

const folders: string[] = []
afterEach(() => { for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true }) })
const newKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const plan = (name: string): PlanMessage => ({ type: 'plan', revision: 7, devices: [
  { id: newId(), kind: 'host', name, address: '10.0.0.1', credential: { kind: 'password', username: 'viewer', password: 'sunflower-river' }, host: { check: { method: 'tcp', port: 80 }, intervalS: 5 } }
] })

function setUp () {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'plan-'))
  folders.push(folder)
  const owner = { folder, agentId: newId(), privateKeyPem: newKey(), log: makeLog('test', 'silent') }
  return { owner, file: join(folder, 'plan.sealed') }
}

describe('the kept plan', () => {
  it('comes back whole to the same agent, the last of those that came together', async () => {
    const { owner, file } = setUp()
    const kept = openPlanFile(owner)
    expect(kept.read()).toBeNull()
    const last = plan('last')
    kept.keep(plan('first'))
    kept.keep(last)
    await kept.close()
    expect(openPlanFile(owner).read()).toEqual(last)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(owner.folder)).toEqual(['plan.sealed'])
  })

  it('shows nothing of its secrets to a reader of the file, nor to another agent or a new key', async () => {
    const { owner, file } = setUp()
    const kept = openPlanFile(owner)
    kept.keep(plan('Пошта'))
    await kept.close()
    const bytes = readFileSync(file)
    for (const secret of ['sunflower', 'viewer', '10.0.0.1', 'Пошта']) expect(bytes.includes(secret)).toBe(false)
    expect(openPlanFile({ ...owner, privateKeyPem: newKey() }).read()).toBeNull()
    expect(openPlanFile({ ...owner, agentId: newId() }).read()).toBeNull()
  })

  it('is nothing when torn or altered anywhere, and the next one replaces it', async () => {
    const { owner, file } = setUp()
    const kept = openPlanFile(owner)
    kept.keep(plan('x'))
    await kept.close()
    const whole = readFileSync(file)
    for (let at = 0; at < whole.length; at++) {
      writeFileSync(file, whole.subarray(0, at))
      expect(kept.read(), `torn at ${at}`).toBeNull()
      const altered = Buffer.from(whole)
      altered[at]! ^= 1
      writeFileSync(file, altered)
      expect(kept.read(), `altered at ${at}`).toBeNull()
    }
    const again = plan('again')
    kept.keep(again)
    await kept.close()
    expect(kept.read()).toEqual(again)
  })

  it('is gone when removed, also one that was still to be written', async () => {
    const { owner, file } = setUp()
    const kept = openPlanFile(owner)
    kept.keep(plan('written'))
    await kept.close()
    kept.keep(plan('on its way'))
    await kept.remove()
    await kept.close()
    expect(existsSync(file)).toBe(false)
  })
})
