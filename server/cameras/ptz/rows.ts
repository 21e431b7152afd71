/** What is kept of a head that turns. */
import { eq, isNotNull } from 'drizzle-orm'
import type { PtzAbilities, PtzPreset, PtzTour } from '../../contract/ptz.js'
import type { Reader, Writer } from '../../store/store.js'

export interface PtzRow { deviceId: string, abilities: PtzAbilities | null, presets: PtzPreset[], names: Record<string, string>, tours: PtzTour[], runningTourId: string | null, foundAt: number }

const unasked = (deviceId: string): PtzRow => ({ deviceId, abilities: null, presets: [], names: {}, tours: [], runningTourId: null, foundAt: 0 })

export async function readPtz (db: Reader, deviceId: string): Promise<PtzRow> {
  const [row] = await db.select().from(db.t.cameraPtz).where(eq(db.t.cameraPtz.deviceId, deviceId))
  return row ?? unasked(deviceId)
}

/** Changes one row, made where there is none. */
export async function changePtz (tx: Writer, deviceId: string, change: (row: PtzRow) => Partial<PtzRow>): Promise<PtzRow> {
  const before = await readPtz(tx, deviceId)
  const after = { ...before, ...change(before) }
  await tx.insert(tx.t.cameraPtz).values(after).onConflictDoUpdate({ target: tx.t.cameraPtz.deviceId, set: after })
  return after
}

export const runningTours = async (db: Reader): Promise<PtzRow[]> => db.select().from(db.t.cameraPtz).where(isNotNull(db.t.cameraPtz.runningTourId))

/** By the names that people gave, where they gave one. */
export const namedPresets = ({ presets, names }: Pick<PtzRow, 'presets' | 'names'>): PtzPreset[] => presets.map(p => ({ token: p.token, name: names[p.token] || p.name || p.token }))
