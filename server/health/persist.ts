/** Writes one round of judging in the caller's transaction and tells what the walls must hear. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import { clearAlarms, countAffected, type NewAlarm, openAlarmId, raiseAlarms, scopeOfAlarm } from '../alarms/alarm-rows.js'
import type { Alarm } from '../contract/health.js'
import type { WallChange } from '../contract/wall.js'
import type { Writer } from '../store/store.js'
import type { WallScope } from '../store/wall-events.js'
import { causeKey, type Entry, type Facts } from './fleet.js'
import type { Draft, PendingAlarm, Work } from './work.js'

export interface WallItem { at: number, change: WallChange, scope: WallScope }

export const alarmItems = (alarms: Alarm[], at: number): WallItem[] => alarms.map(alarm => ({ at, change: { kind: 'alarm', alarm }, scope: scopeOfAlarm(alarm) }))

/** Mere measurements of a device are written this often. */
const MEASURED_EVERY_MS = 10_000
/** More of those wait for the next round, so that no batch takes long for what can wait. */
const MEASURED_AT_ONCE = 100
const SLICE = 100
const excluded = (column: string) => sql.raw(`excluded."${column}"`)

const scopeOf = (facts: Pick<Facts, 'kind' | 'groupId'>): WallScope => ({ isCamera: facts.kind === 'camera', groupId: facts.kind === 'camera' ? facts.groupId : null })

const measured = (d: Draft, now: number) => d.view.observedAt !== null && now - d.writtenAt >= MEASURED_EVERY_MS
export const mustWrite = (d: Draft, now: number) => d.meaningful || measured(d, now)

function toWrite (work: Work, now: number): Draft[] {
  const drafts = [...work.drafts.values()]
  return [...drafts.filter(d => d.meaningful), ...drafts.filter(d => !d.meaningful && measured(d, now)).slice(0, MEASURED_AT_ONCE)]
}

async function writeStates (tx: Writer, drafts: Draft[], now: number) {
  const { deviceStates } = tx.t
  for (let i = 0; i < drafts.length; i += SLICE) {
    const rows = drafts.slice(i, i + SLICE).map(d => {
      const { state, since, observedAt, reason, causeDeviceId, rttMs, clockOffsetMs, streams } = d.view
      d.writtenAt = now
      return { deviceId: d.facts.id, state, since, observedAt, reason, causeDeviceId, rttMs, clockOffsetMs, streams, identity: d.identity, memory: d.memory }
    })
    await tx.insert(deviceStates).values(rows).onConflictDoUpdate({
      target: deviceStates.deviceId,
      set: {
        state: excluded('state'), since: excluded('since'), observedAt: excluded('observed_at'), reason: excluded('reason'), causeDeviceId: excluded('cause_device_id'),
        rttMs: excluded('rtt_ms'), clockOffsetMs: excluded('clock_offset_ms'), streams: excluded('streams'), identity: excluded('identity'), memory: excluded('memory')
      }
    })
  }
}

async function writeHistory (tx: Writer, drafts: Draft[]) {
  const rows = drafts.flatMap(d => d.history.map(h => ({ id: newId(), deviceId: d.facts.id, ...h })))
  for (let i = 0; i < rows.length; i += SLICE) await tx.insert(tx.t.stateHistory).values(rows.slice(i, i + SLICE))
}

async function writePorts (tx: Writer, drafts: Draft[]) {
  const { ports } = tx.t
  const kept = drafts.flatMap(d => [...d.changedPorts].flatMap(([ifIndex, p]) => (p ? [{ deviceId: d.facts.id, ifIndex, name: p.port.name, port: p.port, since: p.since }] : [])))
  for (let i = 0; i < kept.length; i += SLICE) {
    await tx.insert(ports).values(kept.slice(i, i + SLICE)).onConflictDoUpdate({
      target: [ports.deviceId, ports.ifIndex], set: { name: excluded('name'), port: excluded('port'), since: excluded('since') }
    })
  }
  for (const d of drafts) {
    const gone = [...d.changedPorts].flatMap(([ifIndex, p]) => (p ? [] : [ifIndex]))
    for (let i = 0; i < gone.length; i += SLICE) await tx.delete(ports).where(and(eq(ports.deviceId, d.facts.id), inArray(ports.ifIndex, gone.slice(i, i + SLICE))))
  }
}

async function writeHardware (tx: Writer, drafts: Draft[]) {
  const { deviceHardware: t } = tx.t
  const rows = drafts.flatMap(d => (d.hardwareChanged && d.hardware ? [{ deviceId: d.facts.id, ...d.hardware }] : []))
  for (let i = 0; i < rows.length; i += SLICE) {
    await tx.insert(t).values(rows.slice(i, i + SLICE)).onConflictDoUpdate({
      target: t.deviceId, set: { at: excluded('at'), modules: excluded('modules'), sensors: excluded('sensors'), poe: excluded('poe'), light: excluded('light'), failed: excluded('failed') }
    })
  }
}

/** The key of `memory.affectedBy` that an alarm of this condition heads; other conditions have none. */
const causeOf = (deviceId: string, condition: string, subject: string) =>
  (condition === 'device_down' ? causeKey(deviceId, null) : condition === 'port_down' ? causeKey(deviceId, subject) : null)

function newAlarm (work: Work, { facts }: Entry, intent: Extract<PendingAlarm['intent'], { kind: 'raise' }>): NewAlarm {
  const cause = causeOf(facts.id, intent.condition, intent.subject)
  const { id, condition, subject, severity, failure, at } = intent
  return {
    id, sourceId: facts.id, deviceId: facts.id, deviceName: facts.name, deviceKind: facts.kind, agentId: facts.agentId, groupId: facts.groupId, siteName: facts.siteName,
    condition, subject, severity, failure, raisedAt: at, affectedCount: cause ? work.affectedBy(cause) : 0
  }
}

/** If somebody's open row is in the way, its id replaces ours in the memory. */
async function adopt (tx: Writer, work: Work, wanted: NewAlarm[], raised: Alarm[]) {
  const made = new Set(raised.map(a => a.id))
  for (const alarm of wanted) {
    if (made.has(alarm.id)) continue
    const id = await openAlarmId(tx, alarm.sourceId, alarm.condition, alarm.subject)
    const draft = work.draft(alarm.sourceId)
    const open = draft?.memory.open[`${alarm.condition}|${alarm.subject}`]
    if (draft && open && id) draft.memory = { ...draft.memory, open: { ...draft.memory.open, [`${alarm.condition}|${alarm.subject}`]: { ...open, id } } }
  }
}

/** Devices leave an alarm one by one before it clears; its history tells how many it was about. */
function rememberMost (work: Work, deviceId: string, alarm: string, count: number) {
  const draft = work.draft(deviceId)
  const open = draft?.memory.open[alarm]
  if (draft && open && count > (open.most ?? 0)) draft.memory = { ...draft.memory, open: { ...draft.memory.open, [alarm]: { ...open, most: count } } }
}

/** In the order of the intents, runs of one kind together, so that raise-clear-raise of one condition in one batch works. */
async function writeAlarms (tx: Writer, work: Work, told: Map<string, Alarm>) {
  const tell = (alarms: Alarm[]) => { for (const a of alarms) told.set(a.id, a) }
  for (let i = 0; i < work.alarms.length;) {
    const { kind } = work.alarms[i]!.intent
    let end = i
    while (end < work.alarms.length && work.alarms[end]!.intent.kind === kind) end++
    const run = work.alarms.slice(i, end)
    i = end
    if (kind === 'clear') {
      tell(await clearAlarms(tx, run.map(({ intent }) => ({ id: intent.id, at: intent.at, ...(intent.kind === 'clear' ? { affectedCount: intent.affectedCount } : {}) }))))
      continue
    }
    const wanted = run.flatMap(({ deviceId, intent }) => {
      const entry = work.peek(deviceId)
      return entry && intent.kind === 'raise' ? [newAlarm(work, entry, intent)] : []
    })
    const raised = await raiseAlarms(tx, wanted)
    if (raised.length < wanted.length) await adopt(tx, work, wanted, raised)
    tell(raised)
    for (const a of wanted) rememberMost(work, a.sourceId, `${a.condition}|${a.subject}`, a.affectedCount)
  }
  tell(await countAffected(tx, affectedCounts(work)))
}

function affectedCounts (work: Work) {
  const raisedNow = new Set(work.alarms.flatMap(({ intent }) => (intent.kind === 'raise' ? [intent.id] : [])))
  return [...work.touchedCauses].flatMap(key => {
    const cut = key.indexOf('|')
    const [deviceId, port] = [key.slice(0, cut), key.slice(cut + 1)]
    const alarm = port === '' ? 'device_down|' : `port_down|${port}`
    const id = work.peek(deviceId)?.memory.open[alarm]?.id
    if (id) rememberMost(work, deviceId, alarm, work.affectedBy(key))
    return id && !raisedNow.has(id) ? [{ id, affectedCount: work.affectedBy(key) }] : []
  })
}

/** Devices deleted since they were loaded must not break the batch of all the others. */
async function dropRemoved (tx: Writer, work: Work, drafts: Draft[]) {
  const { devices } = tx.t
  const ids = drafts.map(d => d.facts.id)
  const there = new Set<string>()
  for (let i = 0; i < ids.length; i += 500) {
    for (const row of await tx.select({ id: devices.id }).from(devices).where(inArray(devices.id, ids.slice(i, i + 500)))) there.add(row.id)
  }
  for (const id of ids) if (!there.has(id)) work.remove(id)
  return drafts.filter(d => there.has(d.facts.id))
}

/** Returns what the walls must be told, alarms before the states that they explain. */
export async function persist (tx: Writer, work: Work, now: number): Promise<WallItem[]> {
  let drafts = toWrite(work, now)
  if (drafts.length > 0) drafts = await dropRemoved(tx, work, drafts)
  const told = new Map<string, Alarm>()
  const alarmsOfRemoved = work.alarms.filter(a => work.removed.has(a.deviceId))
  if (alarmsOfRemoved.length > 0) work.alarms.splice(0, Infinity, ...work.alarms.filter(a => !work.removed.has(a.deviceId)))
  await writeAlarms(tx, work, told)
  await writeStates(tx, drafts, now)
  await writeHistory(tx, drafts)
  await writePorts(tx, drafts)
  await writeHardware(tx, drafts)
  return [
    ...alarmItems([...told.values()], now),
    ...drafts.filter(d => d.shown).map(d => ({ at: now, change: { kind: 'device_state' as const, deviceId: d.facts.id, view: d.view }, scope: scopeOf(d.facts) }))
  ]
}
