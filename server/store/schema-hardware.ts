/** Tables of the *facts* database about what switches are made of. */
import type { LightLimits, OpticalModule, Poe, PortLight, Sensor } from '../contract/hardware.js'
import type { Columns } from './columns.js'

type DeviceIdOf = Parameters<ReturnType<Columns['text']>['references']>[0]

export function defineHardwareTables (c: Columns, deviceId: DeviceIdOf) {
  /** Modules, sensors and power of a switch as last read, with how their light stands against its limits. */
  const deviceHardware = c.table('device_hardware', {
    deviceId: c.text('device_id').primaryKey().references(deviceId, { onDelete: 'cascade' }),
    at: c.int('at').notNull(),
    modules: c.json<OpticalModule[]>('modules').notNull(),
    sensors: c.json<Sensor[]>('sensors').notNull(),
    poe: c.json<Poe | null>('poe'),
    /** By port: what two readings in a row said. */
    light: c.json<Record<string, PortLight>>('light').notNull(),
    /** Sensors that their device calls failed, with the number of readings in a row. */
    failed: c.json<Record<string, number>>('failed').notNull()
  })

  /** dBm; what people set for a port, by its name, goes before what its module says. */
  const lightLimits = c.table('light_limits', {
    deviceId: c.text('device_id').notNull().references(deviceId, { onDelete: 'cascade' }),
    port: c.text('port').notNull(),
    rx: c.json<LightLimits | null>('rx'),
    tx: c.json<LightLimits | null>('tx'),
    updatedAt: c.int('updated_at').notNull(),
    updatedBy: c.text('updated_by').notNull()
  }, t => [c.primaryKey({ columns: [t.deviceId, t.port] })])

  return { deviceHardware, lightLimits }
}
