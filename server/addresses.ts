import type { Config } from './config.js'

/** Addresses that mean "every interface" and that nobody can type. */
const WILDCARDS = new Set(['0.0.0.0', '::', ''])

function listeningUrl ({ host, tls }: Config, port: number, instead: string) {
  const name = WILDCARDS.has(host) ? instead : host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${name}:${port}`
}

/** Where people reach the server that listens on `port`. */
export const publicUrlOf = (config: Config, port: number) => config.publicUrl ?? listeningUrl(config, port, 'localhost')
/** Where this machine's own agent finds it, whatever stands in front. */
export const loopbackUrlOf = (config: Config, port: number) => listeningUrl(config, port, '127.0.0.1')
