/** Lengths and decibels as people of the trade say them, in the reader's language. */
import i18next from 'i18next'
import { decimals } from '../ui/numbers.js'

/** 3.42 km, or 340 m below one. */
export const lengthText = (metres: number) => Math.abs(metres) < 1000 ? i18next.t('plantUnit.m', { value: decimals(metres, 0) }) : i18next.t('plantUnit.km', { value: decimals(metres / 1000, Math.abs(metres) < 10_000 ? 3 : 2) })
export const kmText = (metres: number) => i18next.t('plantUnit.km', { value: decimals(metres / 1000, 3) })
export const dbText = (db: number, digits = 2) => i18next.t('plantUnit.db', { value: decimals(db, digits) })
