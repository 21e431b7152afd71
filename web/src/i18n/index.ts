/** Languages of the screens: Ukrainian first. The choice is kept in the browser so that the sign-in page already speaks it. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language } from '../../../server/contract/common.js'
import { en } from './en/index.js'
import { uk } from './uk/index.js'

declare module 'i18next' {
  interface CustomTypeOptions { defaultNS: 'translation', resources: { translation: typeof uk }, returnNull: false }
}

const STORED = 'kalancha.language'
export const languages: readonly Language[] = ['uk', 'en']
const isLanguage = (value: unknown): value is Language => languages.includes(value as Language)

export async function startI18n () {
  const stored = localStorage.getItem(STORED)
  const lng = isLanguage(stored) ? stored : 'uk'
  await i18next.use(initReactI18next).init({
    lng, fallbackLng: 'uk', supportedLngs: [...languages], resources: { uk: { translation: uk }, en: { translation: en } },
    interpolation: { escapeValue: false }
  })
  document.documentElement.lang = lng
}

export const currentLanguage = (): Language => isLanguage(i18next.language) ? i18next.language : 'uk'

export function chooseLanguage (language: Language) {
  localStorage.setItem(STORED, language)
  document.documentElement.lang = language
  if (i18next.language !== language) void i18next.changeLanguage(language)
}
