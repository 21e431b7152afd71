/** Alarms: list, look at, acknowledge. */
import Type from 'typebox'
import type { Alarms } from '../alarms/alarms.js'
import { Id, PageOf } from '../contract/common.js'
import { Alarm, AlarmAcknowledge, AlarmQuery } from '../contract/health.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })

export function alarmRoutes (app: App, alarms: Alarms) {
  app.get('/alarms', {
    config: { access: { permission: 'alarm.read' } },
    schema: { tags: ['alarms'], summary: 'Alarms that you may see, newest first', querystring: AlarmQuery, response: { 200: PageOf(Alarm) } }
  }, request => alarms.list(actorOf(request), request.query))

  app.get('/alarms/:id', {
    config: { access: { permission: 'alarm.read' } },
    schema: { tags: ['alarms'], summary: 'One alarm', params: ById, response: { 200: Alarm } }
  }, request => alarms.get(actorOf(request), request.params.id))

  app.post('/alarms/:id/acknowledge', {
    config: { access: { permission: 'alarm.acknowledge' } },
    schema: { tags: ['alarms'], summary: 'Say that you have seen it and what you do', params: ById, body: AlarmAcknowledge, response: { 200: Alarm } }
  }, request => alarms.acknowledge(actorOf(request), request.params.id, request.body.comment))
}
