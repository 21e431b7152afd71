/** Sites, devices and the CSV import. Discovery and tasks are in discovery.ts. */
import Type from 'typebox'
import { Task } from '../contract/agent-link.js'
import { Id } from '../contract/common.js'
import {
  Credential, Device, DeviceCreate, DevicePage, DeviceQuery, DeviceTestRequest, DeviceUpdate, ImportPreview, ImportRequest, ImportResult, Site, SiteRemoveQuery, SiteWrite
} from '../contract/inventory.js'
import type { Inventory } from '../inventory/inventory.js'
import { actorOf, type App, IMPORT_BODY_LIMIT_BYTES } from './route.js'
import { variantErrors } from './variant-errors.js'

const ById = Type.Object({ id: Id })
const Nothing = Type.Null()

/** `app` carries the prefix /api/v1. */
export function inventoryRoutes (app: App, inventory: Inventory) {
  siteRoutes(app, inventory)
  deviceRoutes(app, inventory)
  importRoutes(app, inventory)
  connectionRoutes(app, inventory)
}

function siteRoutes (app: App, { sites }: Inventory) {
  const tags = ['sites']
  app.get('/sites', {
    config: { access: { permission: 'site.read' } }, schema: { tags, summary: 'Every site, by name', response: { 200: Type.Array(Site) } }
  }, request => sites.list(actorOf(request)))

  app.post('/sites', {
    config: { access: { permission: 'site.write' } }, schema: { tags, summary: 'Enter a site', body: SiteWrite, response: { 201: Site } }
  }, async (request, reply) => reply.code(201).send(await sites.create(actorOf(request), request.body)))

  app.get('/sites/:id', {
    config: { access: { permission: 'site.read' } }, schema: { tags, summary: 'One site', params: ById, response: { 200: Site } }
  }, request => sites.get(actorOf(request), request.params.id))

  app.put('/sites/:id', {
    config: { access: { permission: 'site.write' } }, schema: { tags, summary: 'Change a site', params: ById, body: SiteWrite, response: { 200: Site } }
  }, request => sites.update(actorOf(request), request.params.id, request.body))

  app.delete('/sites/:id', {
    config: { access: { permission: 'site.write' } },
    schema: { tags, summary: 'Remove a site; while devices are there only with moveTo, the site that they move to', params: ById, querystring: SiteRemoveQuery, response: { 204: Nothing } }
  }, async (request, reply) => {
    await sites.remove(actorOf(request), request.params.id, request.query.moveTo)
    return reply.code(204).send(null)
  })
}

function deviceRoutes (app: App, { devices }: Inventory) {
  const tags = ['devices']
  app.get('/devices', {
    config: { access: { permission: 'device.read' } }, schema: { tags, summary: 'Devices that you may see, filtered, sorted, in pages', querystring: DeviceQuery, response: { 200: DevicePage } }
  }, request => devices.list(actorOf(request), request.query))

  app.post('/devices', {
    config: { access: { permission: 'device.write' } }, validatorCompiler: variantErrors, schema: { tags, summary: 'Enter a device', body: DeviceCreate, response: { 201: Device } }
  }, async (request, reply) => reply.code(201).send(await devices.create(actorOf(request), request.body)))

  app.get('/devices/:id', {
    config: { access: { permission: 'device.read' } }, schema: { tags, summary: 'One device', params: ById, response: { 200: Device } }
  }, request => devices.get(actorOf(request), request.params.id))

  app.patch('/devices/:id', {
    config: { access: { permission: 'device.write' } }, validatorCompiler: variantErrors,
    schema: { tags, summary: 'Change, move, enable or disable a device', params: ById, body: DeviceUpdate, response: { 200: Device } }
  }, request => devices.update(actorOf(request), request.params.id, request.body))

  app.delete('/devices/:id', {
    config: { access: { permission: 'device.write' } }, schema: { tags, summary: 'Remove a device', params: ById, response: { 204: Nothing } }
  }, async (request, reply) => {
    await devices.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.put('/devices/:id/credential', {
    config: { access: { permission: 'device.credential.write' } }, validatorCompiler: variantErrors,
    schema: { tags, summary: 'Replace the credential; it can never be read again', params: ById, body: Credential, response: { 200: Device } }
  }, request => devices.replaceCredential(actorOf(request), request.params.id, request.body))

  app.delete('/devices/:id/credential', {
    config: { access: { permission: 'device.credential.write' } }, schema: { tags, summary: 'Forget the credential', params: ById, response: { 200: Device } }
  }, request => devices.removeCredential(actorOf(request), request.params.id))
}

function importRoutes (app: App, { imports }: Inventory) {
  const tags = ['devices']
  app.post('/devices/import/preview', {
    config: { access: { permission: 'device.import' } }, bodyLimit: IMPORT_BODY_LIMIT_BYTES,
    schema: { tags, summary: 'Check a CSV file row by row; writes nothing', body: ImportRequest, response: { 200: ImportPreview } }
  }, request => imports.preview(actorOf(request), request.body))

  app.post('/devices/import', {
    config: { access: { permission: 'device.import' } }, bodyLimit: IMPORT_BODY_LIMIT_BYTES,
    schema: { tags, summary: 'Enter every device of a CSV file, or none', body: ImportRequest, response: { 201: ImportResult } }
  }, async (request, reply) => reply.code(201).send(await imports.run(actorOf(request), request.body)))

  app.get('/devices/export.csv', {
    config: { access: { permission: 'device.import' } }, schema: { tags, summary: 'Devices in the columns of the import, without secrets', produces: ['text/csv'] }
  }, async (request, reply) => reply
    .type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="devices.csv"').header('cache-control', 'no-store')
    .send(await imports.exportCsv(actorOf(request))))
}

function connectionRoutes (app: App, { connectionTests, tasks }: Inventory) {
  const tags = ['devices']
  app.post('/devices/test', {
    config: { access: { permission: 'device.test' } }, validatorCompiler: variantErrors,
    schema: { tags, summary: 'Test the connection to a device before it is entered; follow the task', body: DeviceCreate, response: { 202: Task } }
  }, async (request, reply) => reply.code(202).send(await connectionTests.testUnsaved(actorOf(request), request.body)))

  app.post('/devices/:id/test', {
    config: { access: { permission: 'device.test' } }, validatorCompiler: variantErrors, preValidation: async request => { request.body ??= {} },
    schema: { tags, summary: 'Test the connection with the stored credential or the given one; follow the task', params: ById, body: DeviceTestRequest, response: { 202: Task } }
  }, async (request, reply) => reply.code(202).send(await connectionTests.testStored(actorOf(request), request.params.id, request.body)))

  app.post('/devices/:id/poll', {
    config: { access: { permission: 'device.test' } }, schema: { tags, summary: 'Poll the device now', params: ById, response: { 204: Nothing } }
  }, async (request, reply) => {
    await connectionTests.poll(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.get('/tasks/:id', {
    config: { access: { permission: 'device.test' } }, schema: { tags: ['tasks'], summary: 'Where your task stands', params: ById, response: { 200: Task } }
  }, async request => tasks.get(actorOf(request), request.params.id))

  app.delete('/tasks/:id', {
    config: { access: { permission: 'device.test' } }, schema: { tags: ['tasks'], summary: 'Cancel your task', params: ById, response: { 200: Task } }
  }, async request => tasks.cancel(actorOf(request), request.params.id))
}
