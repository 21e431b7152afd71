/** Puts the server's word on a field beside that field. */
import { ApiError } from '../api.js'

/**
 * The faults by field name of the form: `/camera/rtsp/port` and `camera.rtsp.port` both reach `camera.rtsp.port`, or `port`
 * when the form has only that. Faults of unknown fields come back in `rest`.
 */
export function fieldErrors (error: unknown, known: readonly string[]): { fields: Record<string, string>, rest: string[] } {
  const fields: Record<string, string> = {}
  const rest: string[] = []
  if (!(error instanceof ApiError)) return { fields, rest }
  for (const { field, message } of error.fields) {
    const path = field.replace(/^(body)?[/.]/, '').replaceAll('/', '.')
    const name = [path, path.split('.').at(-1) ?? ''].find(p => known.includes(p))
    if (name) fields[name] ??= message
    else rest.push(message)
  }
  return { fields, rest }
}
