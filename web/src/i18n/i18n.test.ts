import { describe, expect, it } from 'vitest'
import { complianceChecks, complianceReasons, complianceStatuses } from '../../../server/contract/compliance.js'
import { cameraEventTypes, failureCodes, conditions, deviceStates, severities } from '../../../server/contract/health.js'
import { differenceKinds, sorWarningCodes } from '../../../server/contract/otdr.js'
import { roles } from '../../../server/contract/people.js'
import { gapCauses } from '../../../server/contract/recording.js'
import { en } from './en/index.js'
import { uk } from './uk/index.js'

type Tree = { [key: string]: string | Tree }
function leaves (tree: Tree, path = ''): Array<[string, string]> {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`))
}
const plural = /_(zero|one|two|few|many|other)$/
const formsOf = (all: Array<[string, string]>) => {
  const forms = new Map<string, string[]>()
  for (const [key] of all) {
    const form = plural.exec(key)
    if (form) forms.set(key.replace(plural, ''), [...forms.get(key.replace(plural, '')) ?? [], form[1]!])
  }
  // `too_many` is a name that only ends like a plural: a counted text has the form `other`.
  return new Map([...forms].filter(([, list]) => list.includes('other')))
}
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(m => m[1]).sort()

describe('both languages', () => {
  const inUk = leaves(uk)
  const inEn = leaves(en)
  it('have the same keys, plural forms aside', () => {
    const names = (all: Array<[string, string]>) => [...new Set(all.map(([key]) => key.replace(plural, '')))].sort()
    expect(names(inEn)).toEqual(names(inUk))
  })
  it.each([['uk', inUk], ['en', inEn]] as const)('%s has every plural form that its language needs', (language, all) => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()
    for (const [key, forms] of formsOf(all)) expect([key, forms.toSorted()]).toEqual([key, needed])
  })
  it('use the same placeholders', () => {
    const english = new Map(inEn)
    for (const [key, text] of inUk) {
      const other = english.get(key) ?? english.get(key.replace(plural, '_other'))
      expect([key, placeholders(other ?? '')]).toEqual([key, placeholders(text)])
    }
  })
  it('leave nothing blank but marks', () => {
    for (const [key, text] of [...inUk, ...inEn]) if (!key.startsWith('stateMark.')) expect([key, text.trim() !== '']).toEqual([key, true])
  })
  it('name every code of the wire', () => {
    for (const texts of [uk, en]) {
      expect(Object.keys(texts.failure).sort()).toEqual([...failureCodes].sort())
      expect(Object.keys(texts.condition).sort()).toEqual([...conditions].sort())
      expect(Object.keys(texts.severity).sort()).toEqual([...severities].sort())
      expect(Object.keys(texts.state)).toEqual(expect.arrayContaining([...deviceStates]))
      expect(Object.keys(texts.gapCause).sort()).toEqual([...gapCauses].sort())
      expect(Object.keys(texts.eventType).sort()).toEqual([...cameraEventTypes].sort())
      expect(Object.keys(texts.complianceCheck)).toEqual([...complianceChecks])
      expect(Object.keys(texts.complianceShort)).toEqual([...complianceChecks])
      expect(Object.keys(texts.complianceStatus)).toEqual([...complianceStatuses])
      expect(Object.keys(texts.complianceReason).sort()).toEqual([...complianceReasons].sort())
      expect(Object.keys(texts.otdr.difference).sort()).toEqual([...differenceKinds].sort())
      expect(Object.keys(texts.otdr.warning).sort()).toEqual([...sorWarningCodes].sort())
      expect(Object.keys(texts.role).sort()).toEqual([...roles].sort())
    }
  })
})
