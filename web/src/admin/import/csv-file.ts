/** The bytes of a CSV file as text. Spreadsheets of this country save UTF-8, UTF-16 or Windows-1251, and say which only sometimes. Pure. */
export type CsvEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1251'

/** Bytes that a file may have: the server takes 8,000,000 characters. */
export const MAX_CSV_BYTES = 16_000_000
export const MAX_CSV_CHARS = 8_000_000

/** A byte order mark counts first; text that is no UTF-8 can only be the code page. */
export function decodeCsv (bytes: Uint8Array): { text: string, encoding: CsvEncoding } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), encoding: 'utf-16le' }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), encoding: 'utf-16be' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' }
  } catch {
    return { text: new TextDecoder('windows-1251').decode(bytes), encoding: 'windows-1251' }
  }
}

/** A file to begin with: one device of each kind, columns as the server names them. The BOM makes Excel read it as UTF-8. */
export const csvTemplate = `\uFEFFkind,name,site,group,address,agent,parent,parent_port,onvif_port,rtsp_port,main_path,sub_path,username,password,snmp_version,snmp_port,community,check,check_port,check_path,note
switch,Ядро,Ситуаційний центр,,192.0.2.1,,,,,,,,,,2c,161,community,,,,
camera,Головний вхід,Ситуаційний центр,Адмінбудівлі,192.0.2.10,,Ядро,gi1/0/1,80,554,,,admin,password,,,,,,,ONVIF
camera,Площа,Площа Ринок,Центр міста,192.0.2.11,,Ядро,gi1/0/2,,554,/main,/sub,admin,password,,,,,,,RTSP
host,Табло,Вокзал,,192.0.2.20,,Ядро,gi1/0/3,,,,,,,,,,http,80,/,
`
