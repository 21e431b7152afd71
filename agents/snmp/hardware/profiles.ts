/** The profiles of agents/snmp/profiles, checked when read, and the one for a device. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { projectRoot } from '../../../lib/project-root.js'
import { Profile } from './profile.js'

/** @throws Error that names the file and the field. */
export function parseProfile (file: string, text: string): Profile {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (err) {
    throw new Error(`${file}: ${(err as Error).message}`)
  }
  if (Value.Check(Profile, read)) return read
  const [first] = Value.Errors(Profile, read)
  throw new Error(`${file}: ${first?.instancePath || '/'} ${first?.message ?? 'is not understood'}`)
}

export const profilesFolder = () => join(projectRoot(), 'agents/snmp/profiles')

let read: { vendors: Profile[], everyone: Profile } | null = null
function all () {
  if (read) return read
  const folder = profilesFolder()
  const profiles = readdirSync(folder).filter(file => file.endsWith('.json')).sort().map(file => parseProfile(file, readFileSync(join(folder, file), 'utf8')))
  const everyone = profiles.find(p => p.sysObjectIds.length === 0)
  if (!everyone) throw new Error(`${folder} has no profile for every device`)
  read = { vendors: profiles.filter(p => p !== everyone), everyone }
  return read
}

const matches = (own: string, prefix: string) => own === prefix || own.startsWith(`${prefix}.`)

/** What the maker's profile says, and of that for every device what it does not replace or do without. */
export function profileFor (sysObjectId: string | null): Profile {
  const { vendors, everyone } = all()
  let best: { profile: Profile, length: number } | null = null
  for (const profile of sysObjectId === null ? [] : vendors) {
    for (const prefix of profile.sysObjectIds) if (matches(sysObjectId!, prefix) && prefix.length > (best?.length ?? 0)) best = { profile, length: prefix.length }
  }
  if (!best) return everyone
  const { profile } = best
  const keeps = (part: 'sensors' | 'poe' | 'entitySensors') => !profile.without?.includes(part)
  const kinds = new Set(profile.sensors?.map(s => s.kind))
  return {
    ...profile,
    sensors: [...profile.sensors ?? [], ...keeps('sensors') ? everyone.sensors?.filter(s => !kinds.has(s.kind)) ?? [] : []],
    ...(profile.entitySensors ?? (keeps('entitySensors') && everyone.entitySensors)) && { entitySensors: profile.entitySensors ?? everyone.entitySensors },
    ...keeps('poe') && { poe: { ...everyone.poe, port: 'auto' as const, ...profile.poe } }
  }
}
