/** Objects of SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863) and ENTITY-MIB (RFC 6933) that the poller reads. */
export const system = {
  sysDescr: '1.3.6.1.2.1.1.1.0', sysObjectId: '1.3.6.1.2.1.1.2.0', sysUpTime: '1.3.6.1.2.1.1.3.0', sysName: '1.3.6.1.2.1.1.5.0'
} as const

const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'
export const interfaces = {
  ifDescr: `${ifEntry}.2`, ifType: `${ifEntry}.3`, ifSpeed: `${ifEntry}.5`, ifPhysAddress: `${ifEntry}.6`,
  ifAdminStatus: `${ifEntry}.7`, ifOperStatus: `${ifEntry}.8`, ifInOctets: `${ifEntry}.10`, ifInDiscards: `${ifEntry}.13`,
  ifInErrors: `${ifEntry}.14`, ifOutOctets: `${ifEntry}.16`, ifOutDiscards: `${ifEntry}.19`, ifOutErrors: `${ifEntry}.20`,
  ifName: `${ifXEntry}.1`, ifHCInOctets: `${ifXEntry}.6`, ifHCOutOctets: `${ifXEntry}.10`, ifHighSpeed: `${ifXEntry}.15`,
  ifAlias: `${ifXEntry}.18`, ifCounterDiscontinuityTime: `${ifXEntry}.19`
} as const
export type InterfaceColumn = keyof typeof interfaces

const physical = '1.3.6.1.2.1.47.1.1.1.1'
export const entity = {
  class: `${physical}.5`, firmware: `${physical}.9`, software: `${physical}.10`, serial: `${physical}.11`, maker: `${physical}.12`, model: `${physical}.13`
} as const

/** IANA private enterprise numbers, for devices without an ENTITY-MIB. */
const makers: Readonly<Record<string, string>> = {
  9: 'Cisco', 11: 'HP', 25: 'HP', 171: 'D-Link', 674: 'Dell', 890: 'Zyxel', 1588: 'Brocade', 1916: 'Extreme', 2011: 'Huawei', 2636: 'Juniper',
  3320: 'BDCOM', 3955: 'Linksys', 4526: 'Netgear', 8072: 'Net-SNMP', 11863: 'TP-Link', 14988: 'MikroTik', 25506: 'H3C', 35265: 'Eltex',
  40418: 'SNR', 41112: 'Ubiquiti'
}
/** The enterprise's name from a sysObjectID, empty when it is not in the list. */
export const makerOf = (sysObjectId: string) => makers[/^\.?1\.3\.6\.1\.4\.1\.(\d+)/.exec(sysObjectId)?.[1] ?? ''] ?? ''
