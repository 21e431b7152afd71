/** The server's faults in the reader's language: by the fault's name where it has one, else by what the schema says. */
import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { ApiError } from '../api.js'
import { uk } from '../i18n/uk/index.js'
import { errorText } from '../ui/feedback.js'
import { fieldErrors } from '../ui/form.js'

type FaultCode = keyof typeof uk.fault
const isFaultCode = (code: string): code is FaultCode => Object.hasOwn(uk.fault, code)
/** Null for a fault without a text of its own. */
export const faultText = (code: string): string | null => isFaultCode(code) ? i18next.t(`fault.${code}`) : null

const schemaFaults: Array<[pattern: RegExp, code: FaultCode]> = [
  [/required/, 'required'], [/taken/, 'taken'], [/(fewer|less) than \d+ char/, 'too_short'], [/more than \d+ char/, 'too_long'], [/[<>]=? ?-?\d/, 'out_of_range'], [/fewer than \d+ item/, 'required']
]
const fieldText = (code: string, message: string) =>
  faultText(code) ?? i18next.t(`fault.${schemaFaults.find(([pattern]) => pattern.test(message))?.[1] ?? 'unknown_value'}`)

/** The same error with its sentences in the reader's language; anything else unchanged. */
export function translated (error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  const fields = error.fields.map(({ field, message, code }, i) => ({ field, message: fieldText(code ?? (i === 0 ? error.code : ''), message) }))
  return new ApiError(error.kind, error.status, error.code, faultText(error.code) ?? error.message, fields)
}

/** A form's faults beside their fields; `other` is the error to show as a whole when no field of the form can carry it. */
export function formFaults (error: unknown, known: readonly string[]): { fields: Record<string, string>, other: unknown } {
  if (error === null || error === undefined) return { fields: {}, other: null }
  const own = translated(error)
  const { fields, rest } = fieldErrors(own, known)
  return { fields, other: Object.keys(fields).length === 0 || rest.length > 0 ? own : null }
}

/** The cause in one sentence. */
export const causeOf = (error: unknown) => (error instanceof ApiError ? faultText(error.code) : null) ?? errorText(error)
/** Tells a failed act where no form is open. */
export const tellFault = (error: unknown) => { notifications.show({ title: i18next.t('error.title'), message: causeOf(error), color: 'red.8', autoClose: 10_000 }) }
