/** The plant in files: GeoJSON for maps, CSV for spreadsheets, the same names in both. Pure; any text whatever yields an answer. */
import { MAX_PLANT_ROWS, MAX_ROUTE_POINTS, type PlantColumn, plantColumns } from '../../contract/plant.js'
import { type CsvCells, formatTable, parseTable } from '../../csv.js'

export type PlantCells = CsvCells<PlantColumn>
/** `line` of a CSV file, number of a GeoJSON feature. */
export interface FileRow { line: number, cells: PlantCells, route: [number, number][] | null, fault: { column: PlantColumn, code: string, message: string } | null }
export interface PlantFile { rows: FileRow[], errors: { code: string, message: string }[] }

const sort = { columns: plantColumns, required: ['kind', 'name'] as const, secret: new Set<string>(), noun: 'row', maxRows: MAX_PLANT_ROWS, maxRecordBytes: 512 * 1024 }
const failed = (code: string, message: string): PlantFile => ({ rows: [], errors: [{ code, message }] })

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isPosition = (value: unknown): value is [number, number] => Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1])

type Fault = NonNullable<FileRow['fault']>
const routeFault = (message: string): Fault => ({ column: 'route', code: 'route_wrong', message })
function checkedRoute (coordinates: unknown[]): { route: [number, number][] } | { fault: Fault } {
  if (coordinates.length < 2) return { fault: routeFault('A route has at least two points.') }
  if (coordinates.length > MAX_ROUTE_POINTS) return { fault: routeFault(`A route has at most ${MAX_ROUTE_POINTS} points: simplify it.`) }
  const wrong = coordinates.findIndex(c => !isPosition(c) || Math.abs(c[0]) > 180 || Math.abs(c[1]) > 90)
  if (wrong >= 0) return { fault: routeFault(`Point ${wrong + 1} of the route is no longitude and latitude (in this order, degrees of WGS 84).`) }
  return { route: (coordinates as [number, number][]).map(([lng, lat]) => [lng, lat]) }
}

/** `24.71 48.92, 24.72 48.93`, also inside of LINESTRING( ). */
function routeOfText (text: string): { route: [number, number][] | null } | { fault: Fault } {
  const inner = text.replace(/^\s*LINESTRING\s*\(/i, '').replace(/\)\s*$/, '').trim()
  if (inner === '') return { route: null }
  return checkedRoute(inner.split(',').map(pair => pair.trim().split(/\s+/).map(Number)))
}

function rowOfFeature (feature: unknown, line: number): FileRow {
  const none = (fault: Fault): FileRow => ({ line, cells: {}, route: null, fault })
  if (!isRecord(feature) || feature.type !== 'Feature' || !isRecord(feature.properties)) return none({ column: 'kind', code: 'feature_wrong', message: 'This is no GeoJSON Feature with properties.' })
  const cells: PlantCells = {}
  for (const column of plantColumns) {
    const value = feature.properties[column]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' && typeof value !== 'number') return none({ column, code: 'cell_wrong', message: 'Text or a number belongs here.' })
    cells[column] = String(value).trim()
  }
  const { geometry } = feature
  const row: FileRow = { line, cells, route: null, fault: null }
  if (geometry === null || geometry === undefined) return row
  if (!isRecord(geometry) || !Array.isArray(geometry.coordinates)) return { ...row, fault: routeFault('The geometry has no coordinates.') }
  if (geometry.type === 'LineString') {
    const checked = checkedRoute(geometry.coordinates)
    return 'fault' in checked ? { ...row, fault: checked.fault } : { ...row, route: checked.route }
  }
  if (geometry.type === 'Point' && isPosition(geometry.coordinates)) return { ...row, cells: { ...cells, longitude: String(geometry.coordinates[0]), latitude: String(geometry.coordinates[1]) } }
  return { ...row, fault: routeFault('Only Point and LineString are understood; draw a cable of several parts as several cables.') }
}

function readGeoJson (text: string): PlantFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (err) {
    return failed('json_syntax', `The file begins like GeoJSON and is none: ${(err as Error).message.slice(0, 120)}.`)
  }
  if (!isRecord(value) || value.type !== 'FeatureCollection' || !Array.isArray(value.features)) return failed('not_geojson', 'A GeoJSON FeatureCollection is wanted.')
  if (value.features.length > MAX_PLANT_ROWS) return failed('too_many_rows', `At most ${MAX_PLANT_ROWS.toLocaleString('en')} features fit into one import: split the file.`)
  if (value.features.length === 0) return failed('no_rows', 'There is no feature in the file.')
  return { rows: value.features.map((feature, i) => rowOfFeature(feature, i + 1)), errors: [] }
}

function readCsv (text: string): PlantFile {
  const { rows, errors } = parseTable(text, sort)
  return {
    errors,
    rows: rows.map(({ line, cells }) => {
      const route = routeOfText(cells.route ?? '')
      return 'fault' in route ? { line, cells, route: null, fault: route.fault } : { line, cells, route: route.route, fault: null }
    })
  }
}

export const readPlantFile = (text: string): PlantFile => /^\uFEFF?\s*[{[]/.test(text) ? readGeoJson(text.replace(/^\uFEFF/, '')) : readCsv(text)

export type ExportRow = { cells: PlantCells, route: [number, number][] | null }
const short = (n: number) => Number(n.toFixed(7))
export const writePlantCsv = (rows: readonly ExportRow[]) =>
  formatTable(rows.map(({ cells, route }) => ({ ...cells, route: (route ?? []).map(([lng, lat]) => `${short(lng)} ${short(lat)}`).join(', ') })), sort)

const numeric = new Set<PlantColumn>(['positions', 'strands', 'strands_per_tube', 'length_m', 'route_ratio', 'loss_db'])
export function writeGeoJson (rows: readonly ExportRow[]): string {
  const features = rows.map(({ cells: { latitude, longitude, ...cells }, route }) => ({
    type: 'Feature',
    properties: Object.fromEntries(Object.entries(cells).filter(([, v]) => v !== '').map(([name, value]) => [name, numeric.has(name as PlantColumn) ? Number(value) : value])),
    geometry: route ? { type: 'LineString', coordinates: route } : latitude && longitude ? { type: 'Point', coordinates: [Number(longitude), Number(latitude)] } : null
  }))
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`
}
