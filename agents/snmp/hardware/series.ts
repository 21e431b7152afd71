/** The numbers of a reading with the names of their series. Pure. */
import type { Reading } from './hardware.js'

const sensorSeries = { cpu: 'cpu_percent', memory: 'memory_percent', temperature: 'temperature_c', fan: 'fan_rpm', power_supply: 'power_w', voltage: 'voltage_v', power: 'power_w' } as const
const LONGEST = 160

/** The light of a port without a link is no measure of its fibre: a gap. */
export function numbersOf ({ modules, sensors, poe }: Reading): { names: string[], values: (number | null)[] } {
  const names: string[] = []
  const values: (number | null)[] = []
  const add = (name: string, value: number | null) => {
    if (name.length > LONGEST) return
    names.push(name)
    values.push(value)
  }
  for (const m of modules) {
    const lit = m.gate === 'up'
    add(`rx_power_dbm.${m.port}`, lit ? m.rxPowerDbm : null)
    add(`tx_power_dbm.${m.port}`, lit ? m.txPowerDbm : null)
    if (m.biasMa !== null) add(`bias_ma.${m.port}`, lit ? m.biasMa : null)
    if (m.temperatureC !== null) add(`module_temperature_c.${m.port}`, m.temperatureC)
    if (m.voltageV !== null) add(`module_voltage_v.${m.port}`, m.voltageV)
  }
  for (const s of sensors) if (s.value !== null) add(`${sensorSeries[s.kind]}.${s.name}`, s.value)
  for (const supply of poe?.supplies ?? []) add(`poe_used_w.${supply.name}`, supply.usedW)
  for (const port of poe?.ports ?? []) if (port.powerW !== null) add(`poe_port_w.${port.port ?? `#${port.number}`}`, port.powerW)
  return { names, values }
}
