import type { Agent, EnrolmentToken } from '../../server/contract/agent-link.js'
import type { Device, ImportPreview, Site } from '../../server/contract/inventory.js'
import type { TownPlan } from '../../fixtures/town/plan.js'
import type { DemoClient } from './client.js'
import { townCsv } from './town-csv.js'

const HARDWARE_EVERY_S = 30
const SECOND_AGENT = 'Заріччя'
type Until = <T>(what: string, timeoutMs: number, look: () => Promise<T | null>) => Promise<T>

/**
 * Enters sites, and gives the second agent's enrolment token. `finish` imports the devices once that agent is there (devices name
 * their agent), and saves a layout of 16. Does nothing when the town was entered before.
 */
export async function enterTown (client: DemoClient, plan: TownPlan, { entered, until }: { entered: boolean, until: Until }) {
  if (entered) return { token: null, finish: null }
  for (const site of plan.sites) await client.call<Site>('POST', '/sites', site)
  const { token } = await client.call<EnrolmentToken>('POST', '/agents/tokens', { name: SECOND_AGENT })
  return {
    token,
    async finish () {
      const agents = await until('both agents', 30_000, async () => {
        const online = (await client.call<Agent[]>('GET', '/agents')).filter(a => a.status === 'online')
        return online.length >= 2 ? online : null
      })
      const csv = townCsv(plan, { 1: agents.find(a => a.embedded)!.name, 2: SECOND_AGENT })
      const preview = await client.call<ImportPreview>('POST', '/devices/import/preview', { csv, createMissing: true })
      if (preview.invalid > 0 || preview.errors.length > 0) throw new Error(`The town's own file does not import: ${JSON.stringify([preview.errors, preview.rows.filter(r => r.errors.length > 0)])}`)
      await client.call('POST', '/devices/import', { csv, createMissing: true })
      // Faults of the fibre shall be seen while somebody watches.
      const { items: switches } = await client.call<{ items: Device[] }>('GET', '/devices?kind=switch&limit=100')
      for (const s of switches) await client.call('PATCH', `/devices/${s.id}`, { switch: { ...s.switch, hardwareIntervalS: HARDWARE_EVERY_S } })
      const { items } = await client.call<{ items: Device[] }>('GET', '/devices?kind=camera&limit=100')
      const byAddress = new Map(items.map(d => [d.address, d.id]))
      const cells = plan.cameras.map(c => byAddress.get(c.address) ?? null)
      await client.call('POST', '/layouts', { name: 'Усе місто', shared: true, grid: 16, cells })
      await client.call('POST', '/layouts', { name: 'Центр і вокзал', shared: true, grid: 9, cells: cells.slice(0, 9) })
    }
  }
}
