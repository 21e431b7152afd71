/** Optical modules, sensors and power of a switch. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { Hardware, LightLimitsWrite, PortLightLimits } from '../contract/hardware.js'
import type { HardwareRoom } from '../health/hardware.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const tags = ['health']

export function hardwareRoutes (app: App, hardware: HardwareRoom) {
  app.get('/devices/:id/hardware', {
    config: { access: { permission: 'health.read' } }, schema: { tags, summary: 'Its optical modules with their light, sensors, power over Ethernet', params: ById, response: { 200: Hardware } }
  }, request => hardware.get(actorOf(request), request.params.id))

  app.put('/devices/:id/light-limits', {
    config: { access: { permission: 'light_limit.write' } }, schema: { tags, summary: 'Limits of the light of one port, before the module\'s own; null for those', params: ById, body: LightLimitsWrite, response: { 200: PortLightLimits } }
  }, request => hardware.setLimits(actorOf(request), request.params.id, request.body))
}
