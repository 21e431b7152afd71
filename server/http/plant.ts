/** The passive plant: closures, panels, cables, joints, files. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { Cable, CableRow, CableWrite, Joint, JointWrite, PlantImportPreview, PlantImportRequest, PlantImportResult, PlantMap, PlantNode, PlantNodeWrite, StrandTrace } from '../contract/plant.js'
import type { Plant } from '../network/plant/plant.js'
import { actorOf, type App, IMPORT_BODY_LIMIT_BYTES } from './route.js'
import { variantErrors } from './variant-errors.js'

const ById = Type.Object({ id: Id })
const Nothing = Type.Null()
const tags = ['plant']
const read = { access: { permission: 'plant.read' } } as const
const write = { access: { permission: 'plant.write' } } as const

/** `app` carries the prefix /api/v1. */
export function plantRoutes (app: App, plant: Plant) {
  nodeRoutes(app, plant)
  cableRoutes(app, plant)
  fileRoutes(app, plant)
}

function nodeRoutes (app: App, { nodes, joints }: Plant) {
  app.get('/plant/nodes/:id/joints', { config: read, schema: { tags, summary: 'What is joined in this closure or at this panel', params: ById, response: { 200: Type.Array(Joint) } } }, request => joints.at(actorOf(request), request.params.id))
  app.get('/plant/nodes', { config: read, schema: { tags, summary: 'Every closure and patch panel, by name', response: { 200: Type.Array(PlantNode) } } }, request => nodes.list(actorOf(request)))
  app.post('/plant/nodes', { config: write, schema: { tags, summary: 'Enter a closure or panel', body: PlantNodeWrite, response: { 201: PlantNode } } },
    async (request, reply) => reply.code(201).send(await nodes.create(actorOf(request), request.body)))
  app.put('/plant/nodes/:id', { config: write, schema: { tags, summary: 'Change it', params: ById, body: PlantNodeWrite, response: { 200: PlantNode } } }, request => nodes.update(actorOf(request), request.params.id, request.body))
  app.delete('/plant/nodes/:id', { config: write, schema: { tags, summary: 'Remove it; refused while a cable ends or lies there', params: ById, response: { 204: Nothing } } }, async (request, reply) => {
    await nodes.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}

function cableRoutes (app: App, { cables, joints }: Plant) {
  app.get('/plant/cables', { config: read, schema: { tags, summary: 'Every cable, by name, without its route', response: { 200: Type.Array(CableRow) } } }, request => cables.list(actorOf(request)))
  app.post('/plant/cables', { config: write, schema: { tags, summary: 'Enter a cable', body: CableWrite, response: { 201: Cable } } },
    async (request, reply) => reply.code(201).send(await cables.create(actorOf(request), request.body)))
  app.get('/plant/cables/:id', { config: read, schema: { tags, summary: 'One cable with its strands and what they are joined to', params: ById, response: { 200: Cable } } }, request => cables.get(actorOf(request), request.params.id))
  app.put('/plant/cables/:id', { config: write, schema: { tags, summary: 'Change a cable', params: ById, body: CableWrite, response: { 200: Cable } } }, request => cables.update(actorOf(request), request.params.id, request.body))
  app.delete('/plant/cables/:id', { config: write, schema: { tags, summary: 'Remove a cable; refused while strands are joined or traces are kept', params: ById, response: { 204: Nothing } } }, async (request, reply) => {
    await cables.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
  app.get('/plant/cables/:id/strands/:strand/trace', {
    config: read, schema: { tags, summary: 'The whole light path of a strand, its loss budget, and who rides on it', params: Type.Object({ id: Id, strand: Type.Integer({ minimum: 1, maximum: 864 }) }), response: { 200: StrandTrace } }
  }, request => joints.trace(actorOf(request), request.params.id, request.params.strand))
  app.post('/plant/joints', { config: write, validatorCompiler: variantErrors, schema: { tags, summary: 'Join two points: a splice, a pigtail, a patch cord', body: JointWrite, response: { 201: Joint } } },
    async (request, reply) => reply.code(201).send(await joints.join(actorOf(request), request.body)))
  app.delete('/plant/joints/:id', { config: write, schema: { tags, summary: 'Take a joint off', params: ById, response: { 204: Nothing } } }, async (request, reply) => {
    await joints.take(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}

function fileRoutes (app: App, { files, map }: Plant) {
  app.get('/plant/map', { config: read, schema: { tags, summary: 'Routes, closures, panels and sites with coordinates', response: { 200: PlantMap } } }, request => map(actorOf(request)))
  app.post('/plant/import/preview', { config: write, bodyLimit: IMPORT_BODY_LIMIT_BYTES, schema: { tags, summary: 'Check a GeoJSON or CSV file row by row; writes nothing', body: PlantImportRequest, response: { 200: PlantImportPreview } } },
    request => files.preview(actorOf(request), request.body.text))
  app.post('/plant/import', { config: write, bodyLimit: IMPORT_BODY_LIMIT_BYTES, schema: { tags, summary: 'Enter and change everything in a file, or nothing', body: PlantImportRequest, response: { 201: PlantImportResult } } },
    async (request, reply) => reply.code(201).send(await files.run(actorOf(request), request.body.text)))
  for (const [format, type] of [['csv', 'text/csv; charset=utf-8'], ['geojson', 'application/geo+json']] as const) {
    app.get(`/plant/export.${format}`, { config: read, schema: { tags, summary: `The whole plant as ${format}, as the import reads it`, produces: [type] } }, async (request, reply) => reply
      .type(type).header('content-disposition', `attachment; filename="plant.${format}"`).header('cache-control', 'no-store').send(await files.exportAs(actorOf(request), format)))
  }
}
