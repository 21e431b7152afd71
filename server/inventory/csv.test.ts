import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Device, type DeviceCreate, importColumns, MAX_IMPORT_ROWS } from '../contract/inventory.js'
import { formatCsv, parseCsv } from './csv.js'
import { cellsOf, draftOf } from './csv-device.js'
import { normalizeAddress } from './device-rules.js'
import { checkRows, type Known, previewOf, readFile } from './import-rules.js'

const nothing: Known = { sites: new Map(), groups: new Map(), agents: new Map(), devices: [], everyGroup: true }
const preview = (csv: string, known = nothing, createMissing = true) => previewOf(checkRows(readFile(csv), known, createMissing))
const faultsOf = (csv: string, known?: Known) => preview(csv, known).rows.map(row => row.errors.map(e => `${e.column}:${e.code}`))

describe('the text', () => {
  it('is read with a BOM, semicolons, CRLF, quotes and lines inside a cell, and keeps the lines of the file', () => {
    const { rows, errors } = parseCsv('\uFEFFKind; Name ;address;note\r\nhost;"A ""b""; c";192.0.2.1;"one\r\ntwo"\r\n\r\n;;;\r\nhost;D;192.0.2.2;\r\n')
    expect(errors).toEqual([])
    expect(rows).toEqual([
      { line: 2, cells: { kind: 'host', name: 'A "b"; c', address: '192.0.2.1', note: 'one\ntwo' } },
      { line: 6, cells: { kind: 'host', name: 'D', address: '192.0.2.2', note: '' } }
    ])
  })
  it.each([['comma', 'kind,name,address\nhost,a,192.0.2.1'], ['tab', 'kind\tname\taddress\nhost\ta\t192.0.2.1'], ['old Mac', 'kind,name,address\rhost,a,192.0.2.1\r'],
    ['sep=', 'sep=;\r\nkind;name;address\r\nhost;a;192.0.2.1'], ['quoted header', '"kind","name","address"\n"host","a","192.0.2.1"']])('takes %s', (_, csv) => {
    expect(parseCsv(csv).rows.map(row => row.cells)).toEqual([{ kind: 'host', name: 'a', address: '192.0.2.1' }])
  })
  it.each([
    ['', 'empty_file'], ['\uFEFF \n', 'empty_file'], ['a,b\n1,2', 'no_header'], ['host,a,192.0.2.1', 'no_header'], ['kind,name,address', 'no_rows'], ['kind,name\nhost,a', 'missing_column'],
    ['kind,name,address,colour\nhost,a,192.0.2.1,red', 'unknown_column'], ['kind,name,name,address\nhost,a,b,192.0.2.1', 'duplicate_column'],
    ['kind,name,address\nhost,"a,192.0.2.1', 'csv_syntax'], ['kind,name,address\nhost,"a"b,192.0.2.1', 'csv_syntax'], [`kind,name,address\nhost,${'a'.repeat(70_000)},192.0.2.1`, 'csv_syntax'],
    ['kind,name,address\nhost,a,b,192.0.2.1', 'too_many_cells']
  ])('refuses %j as a whole', (csv, code) => {
    const { rows, errors } = parseCsv(csv)
    expect(rows).toEqual([])
    expect(errors.map(e => e.code)).toContain(code)
  })
  it('refuses more rows than fit and names the limit', () => {
    const row = (n: number) => `host,h${n},10.${n >> 16}.${(n >> 8) & 255}.${n & 255}\n`
    const of = (n: number) => `kind,name,address\n${Array.from({ length: n }, (_, i) => row(i)).join('')}`
    expect(parseCsv(of(MAX_IMPORT_ROWS)).rows).toHaveLength(MAX_IMPORT_ROWS)
    expect(parseCsv(of(MAX_IMPORT_ROWS + 1)).errors).toEqual([expect.objectContaining({ code: 'too_many_rows', message: expect.stringContaining('10,000') })])
  })
  it('never throws, whatever the text', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(...importColumns, ',', ';', '\t', '"', '\n', '\r\n', '\r', "'", '=1+1', 'camera', 'switch', '192.0.2.1', '\uFEFF', 'sep=;\n', '\0', '\uD800'))
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }).map(p => p.join('')), fc.boolean(), (body, header) => {
      const answer = preview(header ? `kind,name,address,parent,community\n${body}` : body)
      expect(answer.total).toBe(answer.rows.length)
    }), { numRuns: 2000 })
  })
})

describe('a row', () => {
  const header = 'kind,name,address,parent,onvif_port,rtsp_port,main_path,snmp_version,community,snmp_user,snmp_auth_key,snmp_priv_key,check,check_port,username,password,group'
  const faults = (cells: Record<string, string>) => faultsOf(`${header}\n${header.split(',').map(c => cells[c] ?? '').join(',')}`)[0]
  const camera = { kind: 'camera', name: 'c', address: '192.0.2.1', main_path: '/a' }
  const asSwitch = { kind: 'switch', name: 's', address: '192.0.2.1' }
  const host = { kind: 'host', name: 'h', address: '192.0.2.1' }
  it.each([
    [{ ...camera, kind: 'tree' }, ['kind:unknown_value']], [{ ...camera, kind: '' }, ['kind:required']], [{ ...camera, name: '' }, ['name:required']],
    [{ ...camera, address: '' }, ['address:required']], [{ ...camera, address: '192.0.2.300' }, ['address:address_invalid']], [{ ...camera, address: '192.0.2.1:554' }, ['address:address_invalid']],
    [{ ...camera, rtsp_port: '0' }, ['rtsp_port:out_of_range']], [{ ...camera, rtsp_port: '65536' }, ['rtsp_port:out_of_range']], [{ ...camera, onvif_port: '8e1' }, ['onvif_port:out_of_range']],
    [{ ...camera, main_path: 'rtsp://x/a' }, ['main_path:path_invalid']], [{ ...camera, main_path: '' }, ['main_path:camera_unusable']], [{ ...camera, main_path: '', onvif_port: '80' }, []],
    [{ ...camera, username: 'a' }, ['password:credential_incomplete']], [{ ...camera, community: 'public' }, ['community:not_for_this_device']],
    [{ ...asSwitch, snmp_version: '4' }, ['snmp_version:unknown_value']], [{ ...asSwitch, community: 'public' }, []], [{ ...asSwitch, snmp_version: '3', community: 'public' }, ['community:not_for_this_device']],
    [{ ...asSwitch, snmp_version: '3', snmp_user: 'u', snmp_auth_key: 'short' }, ['snmp_auth_key:too_short']], [{ ...asSwitch, snmp_version: '3', snmp_user: 'u', snmp_priv_key: 'longenough' }, ['snmp_auth:credential_incomplete', 'snmp_auth_key:credential_incomplete']],
    [{ ...asSwitch, snmp_version: '3', snmp_user: 'u', snmp_auth_key: 'longenough', snmp_priv_key: 'longenough' }, []],
    [{ ...host, check: 'tcp' }, ['check_port:required']], [{ ...host, check: 'https' }, []], [{ ...host, group: 'g' }, ['group:group_only_for_cameras']], [{ ...host, parent: 'nobody' }, ['parent:parent_not_found']]
  ])('%j has the faults %j', (cells, expected) => { expect(faults(cells)).toEqual(expected) })

  it('is the same device as another of the file or of the database', () => {
    const known: Known = { ...nothing, devices: [
      { id: '1', kind: 'switch', name: 'Core', address: '192.0.2.9', identityKey: 'switch:192.0.2.9:161', agentId: null, shown: true },
      { id: '2', kind: 'camera', name: 'Hidden', address: '192.0.2.8', identityKey: 'camera:192.0.2.8:554:/a', agentId: null, shown: false }] }
    const csv = 'kind,name,address,main_path\nswitch,a,192.0.2.1,\nswitch,b,192.0.2.1,\nswitch,c,192.0.2.9,\ncamera,d,192.0.2.8,/a\ncamera,e,CAM.Example.,/a\ncamera,f,cam.example,/a\ncamera,g,cam.example,/b'
    const rows = preview(csv, known).rows
    expect(rows.map(r => r.errors.map(e => e.code))).toEqual([[], ['duplicate_in_file'], ['device_exists'], ['device_exists'], [], ['duplicate_in_file'], []])
    expect(rows[1]!.errors[0]!.message).toContain('line 2')
    expect(rows[2]!.errors[0]!.message).toContain('Core')
    expect(rows[3]!.errors[0]!.message).not.toContain('Hidden')
  })
  it('may have the same private address behind another agent, and stands behind the switch of its own agent', () => {
    const known: Known = { ...nothing, agents: new Map([['north', 'n'], ['south', 's']]), devices: [
      { id: '1', kind: 'switch', name: 'Core', address: '10.0.0.1', identityKey: 'switch:10.0.0.1:161', agentId: 'n', shown: true },
      { id: '2', kind: 'switch', name: 'Core', address: '10.0.0.1', identityKey: 'switch:10.0.0.1:161', agentId: 's', shown: true }] }
    const csv = 'kind,name,address,agent,parent\nswitch,a,10.0.0.1,north,\nswitch,b,10.0.0.1,,\nswitch,c,10.0.0.2,north,Core\nswitch,d,10.0.0.2,south,10.0.0.1\nswitch,e,10.0.0.2,south,\nswitch,f,10.0.0.3,,Core'
    const { rows } = checkRows(readFile(csv), known, true)
    expect(rows.map(row => row.faults.map(f => f.code))).toEqual([['device_exists'], [], [], [], ['duplicate_in_file'], ['parent_ambiguous']])
    expect(rows.slice(2, 4).map(row => row.parent)).toMatchObject([{ id: '1' }, { id: '2' }])
  })
  it('may stand behind any switch or host of the file, never behind itself', () => {
    const csv = (parents: string[]) => `kind,name,address,parent\n${parents.map((p, i) => `switch,s${i},192.0.2.${i + 1},${p}`).join('\n')}`
    expect(faultsOf(csv(['s2', 's0', '']))).toEqual([[], [], []])
    expect(faultsOf(csv(['s0']))).toEqual([['parent:parent_loop']])
    expect(faultsOf(csv(['s1', 's2', 's1', 's0']))).toEqual([[], ['parent:parent_loop'], ['parent:parent_loop'], []])
    expect(faultsOf('kind,name,address,parent\nswitch,x,192.0.2.1,\nhost,x,192.0.2.2,\nswitch,a,192.0.2.3,x\nswitch,b,192.0.2.4,192.0.2.2')).toEqual([[], [], ['parent:parent_ambiguous'], []])
  })
  it('goes to the only agent when the file has no column for agents', () => {
    const known = { ...nothing, agents: new Map([['one', 'id-1']]) }
    const agentOf = (csv: string) => checkRows(readFile(csv), known, true).rows[0]!.agentId
    expect(agentOf('kind,name,address\nhost,a,192.0.2.1')).toBe('id-1')
    expect(agentOf('kind,name,address,agent\nhost,a,192.0.2.1,')).toBe(null)
    expect(faultsOf('kind,name,address,agent\nhost,a,192.0.2.1,two', known)).toEqual([['agent:agent_not_found']])
  })
})

describe('what goes out', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'ї', 'Z', '=', '+', '-', '@', "'", '"', ',', ';', ' ', '1', '＝', '𝒳'), minLength: 1, maxLength: 12 }).map(s => s.trim()).filter(s => s !== '')
  const path = fc.string({ unit: fc.constantFrom('a', '/', '?', '=', '"', ',', '&'), maxLength: 12 }).map(s => `/${s}`)
  const port = fc.integer({ min: 1, max: 65535 })
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const settings = fc.oneof(
    fc.record({ kind: fc.constant('camera' as const), camera: fc.record({
      onvif: fc.option(fc.record({ port, tls: optional(fc.boolean()), certificateSha256: optional(fc.constant('0f'.repeat(32))) })),
      rtsp: fc.record({ port, mainPath: path, subPath: fc.option(path) }), pull: fc.constantFrom('always' as const, 'on_demand' as const), client: optional(fc.constantFrom('auto' as const, 'ffmpeg' as const)) }) }),
    fc.record({ kind: fc.constant('switch' as const), switch: fc.record({ snmpVersion: fc.constantFrom('1' as const, '2c' as const, '3' as const), port, bulk: optional(fc.boolean()), intervalS: optional(fc.integer({ min: 5, max: 3600 })) }) }),
    fc.record({ kind: fc.constant('host' as const), host: fc.record({ intervalS: optional(fc.integer({ min: 5, max: 3600 })), check: fc.oneof(
      fc.record({ method: fc.constant('icmp' as const) }), fc.record({ method: fc.constant('tcp' as const), port }),
      fc.record({ method: fc.constant('http' as const), port, tls: fc.boolean(), path, statuses: fc.array(fc.integer({ min: 100, max: 599 }), { maxLength: 20 }) })) }) }))
  const device = fc.record({ name: word, note: fc.oneof(word, fc.constant('one\ntwo'), fc.constant('')), siteName: fc.option(word), groupName: fc.option(word), enabled: fc.boolean(), parent: fc.option(word), parentPort: fc.option(word), host: fc.ipV4(), settings })
    .filter(d => normalizeAddress(d.host) !== null)

  it('comes in again as it was', () => {
    fc.assert(fc.property(fc.array(device, { minLength: 1, maxLength: 8 }), devices => {
      const rows = devices.map(({ settings: own, host, parent, groupName, ...d }) => ({
        parent: parent ?? '', device: { ...d, ...own, groupName: own.kind === 'camera' ? groupName : null, address: host, agentName: null } as unknown as Device }))
      const { rows: back, errors } = parseCsv(formatCsv(rows.map(row => cellsOf(row.device, row.parent))))
      expect(errors).toEqual([])
      for (const [i, { cells }] of back.entries()) {
        const { device: given, parent } = rows[i]!
        const { draft, faults } = draftOf(cells)
        expect(faults).toEqual([])
        expect(draft).toMatchObject({ enabled: given.enabled, site: given.siteName ?? '', group: given.groupName ?? '', parent })
        const { kind, name, address, note } = given
        const plain = JSON.parse(JSON.stringify({ kind, name, address, note, parentPort: parent === '' ? null : given.parentPort, camera: given.camera, switch: given.switch, host: given.host })) as DeviceCreate
        expect(JSON.parse(JSON.stringify(draft!.device))).toEqual({ ...plain, siteId: null, groupId: null, agentId: null, parentId: null })
      }
    }), { numRuns: 300 })
  })
  it('is no formula to a spreadsheet', () => {
    const evil = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', "'=1", '＝1+1']
    const csv = formatCsv(evil.map((name, i) => cellsOf({ kind: 'host', name, address: `192.0.2.${i}`, note: '', enabled: true, host: { check: { method: 'icmp' } } } as unknown as Device, '')))
    const cells = csv.slice(1).split('\r\n').slice(1, -1).map(line => line.split(',')[1]!.replace(/^"/, ''))
    for (const cell of cells) expect(cell).toMatch(/^'/)
    expect(parseCsv(csv).rows.map(row => row.cells.name)).toEqual(evil)
  })
  it('begins with a BOM and holds no secret', () => {
    const csv = formatCsv([{ kind: 'switch', name: 's', address: '192.0.2.1', community: 'hush', password: 'hush', snmp_auth_key: 'hush', snmp_priv_key: 'hush' }])
    expect(csv.startsWith('\uFEFFkind,name,')).toBe(true)
    expect(csv).not.toContain('hush')
  })
})
