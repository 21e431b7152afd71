/** Are the cameras as they should be: the table, approved firmware, and the trial of factory logins. */
import { Readable } from 'node:stream'
import Type from 'typebox'
import type { Compliance } from '../cameras/compliance/compliance.js'
import { Id } from '../contract/common.js'
import { CameraCompliance, ComplianceFilter, CompliancePage, ComplianceQuery, ComplianceSettings, FirmwareList, FirmwareWrite, LoginCheckRequest, LoginCheckStarted } from '../contract/compliance.js'
import { actorOf, type App } from './route.js'

const read = { access: { permission: 'compliance.read' } } as const
const logins = { access: { permission: 'login_check.write' } } as const
const tags = ['compliance']

/** `app` carries the prefix /api/v1. */
export function complianceRoutes (app: App, compliance: Compliance) {
  app.get('/compliance', { config: read, schema: { tags, summary: 'Every camera that you may see with every check: filtered, sorted, in pages, with counts', querystring: ComplianceQuery, response: { 200: CompliancePage } } },
    request => compliance.list(actorOf(request), request.query))

  app.get('/compliance/export.csv', { config: read, schema: { tags, summary: 'The same for a spreadsheet', querystring: ComplianceFilter } }, async (request, reply) => {
    const lines = await compliance.exportCsv(actorOf(request), request.query)
    return reply.header('content-type', 'text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="compliance.csv"').header('cache-control', 'no-store').send(Readable.from(lines))
  })

  app.get('/compliance/firmware', { config: read, schema: { tags, summary: 'Firmware that cameras have, and what was approved', response: { 200: FirmwareList } } },
    request => compliance.firmware(actorOf(request)))
  app.put('/compliance/firmware', { config: { access: { permission: 'firmware.approve' } }, schema: { tags, summary: 'Approve a version for a maker\'s model, or withdraw that', body: FirmwareWrite, response: { 200: FirmwareList } } },
    request => compliance.approve(actorOf(request), request.body))

  app.get('/compliance/settings', { config: read, schema: { tags, summary: 'Whether factory logins may be tried', response: { 200: ComplianceSettings } } },
    request => compliance.settings(actorOf(request)))
  app.put('/compliance/settings', { config: logins, schema: { tags, summary: 'Switch the trial of factory logins', body: ComplianceSettings, response: { 200: ComplianceSettings } } },
    request => compliance.changeSettings(actorOf(request), request.body))
  app.post('/compliance/login-checks', { config: logins, schema: { tags, summary: 'Try factory logins at these cameras, one an hour each', body: LoginCheckRequest, response: { 202: LoginCheckStarted } } },
    async (request, reply) => reply.code(202).send(await compliance.checkLogins(actorOf(request), request.body.deviceIds)))

  app.get('/devices/:id/compliance', { config: read, schema: { tags, summary: 'One camera\'s checks, with how it is set', params: Type.Object({ id: Id }), response: { 200: CameraCompliance } } },
    request => compliance.camera(actorOf(request), request.params.id))
}
