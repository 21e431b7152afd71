import { beforeEach, expect, it } from 'vitest'
import { verifyAudit } from '../identity/audit.js'
import { ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { actorWith, addAgent, addGroup, camera, openInventory, type TestInventory } from './inventory-fixture.js'

const admin = actorWith(['administrator'])
const file = `\uFEFFkind;name;site;group;address;agent;parent;parent_port;note;onvif_port;main_path;snmp_version;community;snmp_user;snmp_auth_key;username;password
camera;Площа 1;Ратуша;Центр;10.0.0.1;north;edge 1;Gi1/0/3;"=2+2
second";80;;;;;;viewer;hush-cam
camera;Площа 2;Ратуша;Центр;10.0.0.2;north;10.0.1.1;;;;/stream1;;;;;;
switch;edge 1;Ратуша;;10.0.1.1;north;core;;;;;2c;hush-community;;;;
switch;core;Вузол;;10.0.1.2;;;;;;;3;;poll;hush-authkey;;`

forEachStore('the CSV import', stores => {
  let store: Store
  let made: TestInventory
  beforeEach(async () => {
    store = await stores.open()
    made = openInventory(store)
  })
  const everything = async () => {
    const { devices, credentials, sites, cameraGroups, audit, wallEvents } = store.read.t
    return Promise.all([devices, credentials, sites, cameraGroups, audit, wallEvents].map(table => store.read.$count(table)))
  }

  it('shows what would happen, then enters every device in one act', async () => {
    const { inventory: { imports, devices, planFor }, announced, plans } = made
    const agentId = await addAgent(store, 'north')
    const before = await everything()
    const preview = await imports.preview(admin, { csv: file, createMissing: true })
    expect(preview).toMatchObject({ total: 4, invalid: 0, errors: [], newSites: ['Ратуша', 'Вузол'], newGroups: ['Центр'] })
    expect(preview.rows.map(r => r.line)).toEqual([2, 4, 5, 6])
    expect(await everything()).toEqual(before)

    expect(await imports.run(admin, { csv: file, createMissing: true })).toEqual({ created: 4 })
    const { items } = await devices.list(admin, {})
    const [core, edge, one, two] = items
    expect(items.map(d => d.name)).toEqual(['core', 'edge 1', 'Площа 1', 'Площа 2'])
    expect(one).toMatchObject({ siteName: 'Ратуша', groupName: 'Центр', agentName: 'north', parentId: edge!.id, parentPort: 'Gi1/0/3', note: '=2+2\nsecond', credentialUser: 'viewer', camera: { onvif: { port: 80 }, rtsp: { port: 554, mainPath: null } } })
    expect(two).toMatchObject({ parentId: edge!.id, hasCredential: false })
    expect(edge).toMatchObject({ parentId: core!.id, hasCredential: true })
    expect(core).toMatchObject({ agentId: null, credentialUser: 'poll' })
    expect((await planFor(agentId)).map(d => d.credential)).toContainEqual({ kind: 'password', username: 'viewer', password: 'hush-cam' })
    expect(announced.map(e => e.event.change.kind)).toEqual(Array(4).fill('device_changed'))
    expect(announced.map(e => e.event.seq)).toEqual([1, 2, 3, 4])
    expect(announced[0]).toMatchObject({ scope: { isCamera: true, groupId: one!.groupId }, event: { change: { device: { siteName: 'Ратуша', groupName: 'Центр', state: 'unknown' } } } })
    expect(plans).toEqual([[agentId]])
    expect(made.judged.flat().sort()).toEqual(items.map(d => d.id).sort())
    expect(await verifyAudit(store.read)).toMatchObject({ ok: true })
    const written = JSON.stringify([await store.read.select().from(store.read.t.audit), await store.read.select().from(store.read.t.devices), await store.read.select().from(store.read.t.credentials), await store.read.select().from(store.read.t.wallEvents)])
    expect(written).not.toContain('hush')
  })

  it('writes nothing at all when one row is wrong', async () => {
    const { imports } = made.inventory
    await addAgent(store, 'north')
    const before = await everything()
    for (const csv of [`${file}\ncamera;bad;;;10.0.0.300;;;;;;/x`, `${file}\nhost;twin;;;10.0.0.9;;;;;;;\nhost;twin 2;;;10.0.0.9;;;;;;;`, 'nonsense', file.replace('Gi1/0/3', 'Gi\0')]) {
      const err = await imports.run(admin, { csv, createMissing: true }).then(() => null, (e: unknown) => e)
      expect(err).toBeInstanceOf(ServiceProblem)
      expect((err as ServiceProblem).kind).toBe('invalid')
    }
    const err = await imports.run(admin, { csv: file, createMissing: false }).catch((e: unknown) => e) as ServiceProblem
    expect(err.errors.map(e => e.field)).toEqual(['/csv/2/site', '/csv/2/group', '/csv/4/site', '/csv/4/group', '/csv/5/site', '/csv/6/site'])
    expect(err.message).not.toContain('hush')
    expect(await everything()).toEqual(before)
    expect(made.announced).toEqual([])
  })

  it('enters a file that is sent twice once', async () => {
    const { imports } = made.inventory
    await addAgent(store, 'north')
    const both = await Promise.allSettled([1, 2].map(() => imports.run(admin, { csv: file, createMissing: true })))
    expect(both.map(r => r.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await store.read.$count(store.read.t.devices)).toBe(4)
  })

  it('gives back what the export wrote, without the secrets', async () => {
    const { imports, devices } = made.inventory
    await addAgent(store, 'north')
    await imports.run(admin, { csv: file, createMissing: true })
    await devices.create(admin, camera("=cmd|' /C calc'!A0", '10.0.0.77', { note: "'quoted" }))
    const exported = await imports.exportCsv(admin)
    expect(exported).not.toContain('hush')
    expect(exported).not.toMatch(/(^|,)"?=/m)
    for (const { id } of (await devices.list(admin, {})).items) await devices.remove(admin, id)
    expect(await imports.run(admin, { csv: exported, createMissing: true })).toEqual({ created: 5 })
    expect(await imports.exportCsv(admin)).toBe(exported)
  })

  it('keeps to the camera groups of the person', async () => {
    const { imports, devices } = made.inventory
    const north = await addGroup(store, 'north')
    await addGroup(store, 'south')
    await devices.create(admin, camera('Hidden one', '10.0.0.1'))
    const limited = actorWith(['administrator'], [north])
    const csv = 'kind,name,address,main_path,group\ncamera,a,10.0.0.1,/main,north\ncamera,b,10.0.0.2,/main,south\ncamera,c,10.0.0.3,/main,\ncamera,d,10.0.0.4,/main,new\ncamera,e,10.0.0.5,/main,north'
    const { rows } = await imports.preview(limited, { csv, createMissing: true })
    expect(rows.map(r => r.errors.map(e => e.code))).toEqual([['device_exists'], ['group_not_found'], ['group_required'], ['group_not_found'], []])
    expect(rows[0]!.errors[0]!.message).not.toContain('Hidden')
    expect(await imports.exportCsv(limited)).not.toContain('Hidden')
    for (const role of ['technician', 'operator', 'auditor', 'shift_lead'] as const) {
      await expect(imports.preview(actorWith([role]), { csv, createMissing: true })).rejects.toMatchObject({ kind: 'forbidden' })
      await expect(imports.run(actorWith([role]), { csv, createMissing: true })).rejects.toMatchObject({ kind: 'forbidden' })
      await expect(imports.exportCsv(actorWith([role]))).rejects.toMatchObject({ kind: 'forbidden' })
    }
  })

  it('takes ten thousand rows, and each of their faults', async () => {
    const { imports, devices } = made.inventory
    await addAgent(store, 'north')
    const rows = Array.from({ length: 9_900 }, (_, i) => `camera,Камера ${i},Площа ${i % 400},Група ${i % 12},10.${i >> 16}.${(i >> 8) & 255}.${i & 255},north,sw ${i % 100},Gi0/${i % 48},note ${i},80,/main/${i},/sub,viewer,password-${i}`)
    const switches = Array.from({ length: 100 }, (_, i) => `switch,sw ${i},Площа ${i},,10.9.0.${i},north,${i ? 'sw 0' : ''},,,,,,,`)
    const csv = ['kind,name,site,group,address,agent,parent,parent_port,note,onvif_port,main_path,sub_path,username,password', ...rows, ...switches].join('\n')
    const started = performance.now()
    expect(await imports.preview(admin, { csv, createMissing: true })).toMatchObject({ total: 10_000, invalid: 0 })
    const previewed = performance.now()
    expect(await imports.run(admin, { csv, createMissing: true })).toEqual({ created: 10_000 })
    const imported = performance.now()
    console.log(JSON.stringify({ store: store.dialect, rows: 10_000, previewMs: Math.round(previewed - started), importMs: Math.round(imported - previewed) }))
    expect((await devices.list(admin, { limit: 1 })).total).toBe(10_000)
    expect(await imports.preview(admin, { csv, createMissing: true })).toMatchObject({ total: 10_000, invalid: 10_000 })
  }, 60_000)
})
