/** The town that benchmarks watch: the demonstration's switches, and as many H.264 cameras as are asked for. */
import { planTown, portName, type TownPlan, townPassword } from '../../fixtures/town/plan.js'

/** Ports 9 to 12 join switches. */
const ACCESS_PORTS = 8

/** At most 48 cameras: eight on each of six switches, in turn. H.265 would measure the transcoder. */
export function benchPlan (seed: string, net: string, count: number): TownPlan {
  const password = townPassword(seed)
  const plan = planTown(password, net)
  if (count > plan.switches.length * ACCESS_PORTS) throw new Error(`The switches have ports for ${plan.switches.length * ACCESS_PORTS} cameras`)
  const cameras = Array.from({ length: count }, (_, i): TownPlan['cameras'][number] => {
    const at = plan.switches[i % plan.switches.length]!
    const id = `C${String(i + 1).padStart(2, '0')}`
    return {
      id, name: `Камера ${i + 1}`, site: at.site, group: 'Центр міста', address: `${net}.1.${i + 1}`, rtspPort: 8554, onvifPort: null, username: 'kalancha', password: password(id),
      codec: 'h264', audio: null, card: false, ptz: false, scene: i, agent: at.agent, switchId: at.id, port: portName(Math.floor(i / plan.switches.length) + 1)
    }
  })
  return { ...plan, cameras, hosts: [] }
}
