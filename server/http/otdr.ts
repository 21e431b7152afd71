/** OTDR traces of strands. */
import Type from 'typebox'
import { Id, PageOf } from '../contract/common.js'
import { CurveQuery, OtdrChange, OtdrCurve, OtdrQuery, OtdrTrace, OtdrTraceRow, OtdrUpload } from '../contract/otdr.js'
import type { OtdrTraces } from '../network/otdr/traces.js'
import { actorOf, type App, IMPORT_BODY_LIMIT_BYTES } from './route.js'

const ById = Type.Object({ id: Id })
const tags = ['otdr']
const read = { access: { permission: 'plant.read' } } as const
const write = { access: { permission: 'plant.write' } } as const

/** `app` carries the prefix /api/v1. */
export function otdrRoutes (app: App, traces: OtdrTraces) {
  app.get('/otdr/traces', { config: read, schema: { tags, summary: 'Traces, newest first, also of one cable or strand', querystring: OtdrQuery, response: { 200: PageOf(OtdrTraceRow) } } }, request => traces.list(actorOf(request), request.query))
  app.post('/otdr/traces', { config: write, bodyLimit: IMPORT_BODY_LIMIT_BYTES, schema: { tags, summary: 'Upload a .sor file of a strand end', body: OtdrUpload, response: { 201: OtdrTrace } } },
    async (request, reply) => reply.code(201).send(await traces.upload(actorOf(request), request.body)))
  app.get('/otdr/traces/:id', { config: read, schema: { tags, summary: 'What the file says, where its events are, what differs from the reference', params: ById, response: { 200: OtdrTrace } } }, request => traces.get(actorOf(request), request.params.id))
  app.patch('/otdr/traces/:id', { config: write, schema: { tags, summary: 'Change the launch fibre or the note, make it the reference', params: ById, body: OtdrChange, response: { 200: OtdrTrace } } }, request => traces.change(actorOf(request), request.params.id, request.body))
  app.delete('/otdr/traces/:id', { config: write, schema: { tags, summary: 'Delete a trace', params: ById, response: { 204: Type.Null() } } }, async (request, reply) => {
    await traces.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
  app.get('/otdr/traces/:id/curve', { config: read, schema: { tags, summary: 'The curve, or a part of it, thinned for a screen', params: ById, querystring: CurveQuery, response: { 200: OtdrCurve } } }, request => traces.curve(actorOf(request), request.params.id, request.query))
  app.get('/otdr/traces/:id/original.sor', { config: read, schema: { tags, summary: 'The file as it came', params: ById, produces: ['application/octet-stream'] } }, async (request, reply) => {
    const { fileName, bytes } = await traces.original(actorOf(request), request.params.id)
    return reply.type('application/octet-stream').header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`).header('cache-control', 'no-store').send(bytes)
  })
}
