/** The switches of the `snmp` benchmark, in a process of their own: N sockets on loopback addresses, one model behind all. */
import { systemClock } from '../../lib/clock.js'
import { createSwitchModel } from '../../fixtures/snmp/model.js'
import { startSwitch } from '../../fixtures/snmp/switch.js'

const count = Number(process.argv[2] ?? 1)
const model = createSwitchModel({ name: 'bench', ports: 48, clock: systemClock, extras: true })
const addresses: { host: string, port: number }[] = []
for (let i = 0; i < count; i++) {
  const { host, port } = await startSwitch({ host: `127.9.${i >> 8}.${i & 0xff || 1}`, model })
  addresses.push({ host, port })
}
process.send?.({ addresses })
process.on('disconnect', () => process.exit(0))
