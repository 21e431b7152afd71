/** Everything that can be configured, from the environment. The only reader of process.env in the server. */
import { join, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { projectRoot } from '../lib/project-root.js'

const Env = Type.Object({
  /** Folder of the database, keys and pictures. */
  KALANCHA_DATA: Type.String({ default: join(projectRoot(), 'data'), minLength: 1 }),
  KALANCHA_HOST: Type.String({ default: '0.0.0.0' }),
  KALANCHA_PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535 }),
  /** postgres://...; SQLite in KALANCHA_DATA without it. */
  KALANCHA_DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  /** Address that people type, for one-time links and the origin check; guessed from host and port without it. */
  KALANCHA_PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
  /** PEM files; with both, the server speaks HTTPS itself. */
  KALANCHA_TLS_CERT: Type.Optional(Type.String()),
  KALANCHA_TLS_KEY: Type.Optional(Type.String()),
  /** Trust X-Forwarded-For of this many proxies. */
  KALANCHA_PROXIES: Type.Integer({ default: 0, minimum: 0, maximum: 5 }),
  /** 64 hex digits; without it a key is made in KALANCHA_DATA/keys/credentials.key (mode 0600). */
  KALANCHA_CREDENTIAL_KEY: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F]{64}$' })),
  KALANCHA_EMBEDDED_AGENT: Type.Boolean({ default: true }),
  /** Token for GET /metrics; without it /metrics answers only to loopback. */
  KALANCHA_METRICS_TOKEN: Type.Optional(Type.String({ minLength: 16 })),
  KALANCHA_LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { default: 'info' })
})
type Env = Static<typeof Env>

export interface Config {
  dataDir: string
  host: string
  port: number
  databaseUrl: string | null
  publicUrl: string | null
  tls: { certFile: string, keyFile: string } | null
  proxies: number
  credentialKeyHex: string | null
  embeddedAgent: boolean
  metricsToken: string | null
  logLevel: Env['KALANCHA_LOG_LEVEL']
}

/** Throws an Error whose message names each wrong variable. */
export function readConfig (env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.keys(Env.properties).flatMap(key => env[key] ? [[key, env[key]]] : []))
  const value = Value.Convert(Env, Value.Default(Env, given))
  if (!Value.Check(Env, value)) {
    const faults = Value.Errors(Env, value).map(e => `${e.instancePath.slice(1)}: ${e.message}`)
    throw new Error(`Configuration is wrong: ${faults.join('; ')}`)
  }
  if (Boolean(value.KALANCHA_TLS_CERT) !== Boolean(value.KALANCHA_TLS_KEY)) throw new Error('Configuration is wrong: KALANCHA_TLS_CERT and KALANCHA_TLS_KEY go together')
  return {
    dataDir: resolve(value.KALANCHA_DATA),
    host: value.KALANCHA_HOST,
    port: value.KALANCHA_PORT,
    databaseUrl: value.KALANCHA_DATABASE_URL ?? null,
    publicUrl: value.KALANCHA_PUBLIC_URL ?? null,
    tls: value.KALANCHA_TLS_CERT && value.KALANCHA_TLS_KEY ? { certFile: value.KALANCHA_TLS_CERT, keyFile: value.KALANCHA_TLS_KEY } : null,
    proxies: value.KALANCHA_PROXIES,
    credentialKeyHex: value.KALANCHA_CREDENTIAL_KEY ?? null,
    embeddedAgent: value.KALANCHA_EMBEDDED_AGENT,
    metricsToken: value.KALANCHA_METRICS_TOKEN ?? null,
    logLevel: value.KALANCHA_LOG_LEVEL
  }
}
