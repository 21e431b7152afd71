/** A device form at work: its values, and faults of the form and of the server beside each field. */
import i18next from 'i18next'
import { useCallback, useState } from 'react'
import { formFaults } from '../faults.js'
import { type Change, type DeviceDraft, draftFaults, draftFields } from './draft.js'

export function useDraft (initial: () => DeviceDraft, serverError: unknown) {
  const [draft, setDraft] = useState(initial)
  const [checked, setChecked] = useState(false)
  const change: Change = useCallback(partial => setDraft(now => ({ ...now, ...partial })), [])
  const own = draftFaults(draft)
  const server = formFaults(serverError, draftFields)
  const told = checked ? Object.fromEntries(Object.entries(own).map(([field, code]) => [field, i18next.t(`fault.${code}`)])) : {}
  /** False, and every fault shown, when there is something to mend first. */
  const check = () => {
    setChecked(true)
    if (Object.keys(own).length === 0) return true
    // After the faults are drawn, to the first of them.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
    return false
  }
  return { draft, change, check, faults: { ...server.fields, ...told }, other: server.other }
}
