import { describe, expect, it } from 'vitest'
import { readConfig } from './config.js'

describe('configuration', () => {
  it('has defaults for everything', () => {
    expect(readConfig({})).toMatchObject({ host: '0.0.0.0', port: 8080, databaseUrl: null, publicUrl: null, tls: null, proxies: 0, embeddedAgent: true, metricsToken: null, logLevel: 'info' })
  })

  it('reads numbers and booleans from text, and an empty variable is none', () => {
    expect(readConfig({ KALANCHA_PORT: '0', KALANCHA_EMBEDDED_AGENT: 'false', KALANCHA_PUBLIC_URL: '', KALANCHA_PROXIES: '2' })).toMatchObject({ port: 0, embeddedAgent: false, publicUrl: null, proxies: 2 })
  })

  it.each([
    ['KALANCHA_PORT', '65536'], ['KALANCHA_PORT', 'http'], ['KALANCHA_PROXIES', '-1'], ['KALANCHA_PUBLIC_URL', 'wall.example'], ['KALANCHA_PUBLIC_URL', 'https://wall.example/path'],
    ['KALANCHA_DATABASE_URL', 'mysql://x'], ['KALANCHA_METRICS_TOKEN', 'short'], ['KALANCHA_CREDENTIAL_KEY', 'abc'], ['KALANCHA_EMBEDDED_AGENT', 'perhaps'], ['KALANCHA_TLS_CERT', '/only/one']
  ])('refuses %s=%s and names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(name)
  })

  it('does not repeat a secret in its complaint', () => {
    expect(() => readConfig({ KALANCHA_CREDENTIAL_KEY: 'hunter2' })).toThrow(/^(?!.*hunter2)/)
  })
})
