/** A difference between two traces, a place and an event, in words for who goes there. */
import i18next from 'i18next'
import type { PlacedDifference, Placement, SorEvent } from '../../../../server/contract/otdr.js'
import { dbText, kmText, lengthText } from '../units.js'

/** "between M-7 and M-8", "at M-8", "on cable K-1". */
export function placeText ({ between: [from, to], cableName, beyond }: Placement) {
  if (beyond) return i18next.t('otdr.place.beyond', { place: to || cableName })
  if (from && from === to) return i18next.t('otdr.place.at', { place: from })
  return from && to ? i18next.t('otdr.place.between', { from, to }) : i18next.t('otdr.place.cable', { cable: cableName })
}
export const errorText = ({ errorM }: Placement) => `± ${lengthText(Math.max(1, errorM))}`

export function differenceText (d: PlacedDifference) {
  const what = i18next.t(`otdr.difference.${d.kind}`, { at: kmText(d.distanceM), db: d.changeDb === null ? '' : dbText(Math.abs(d.changeDb), d.kind === 'new_reflection' ? 0 : 1), was: d.wasDistanceM === null ? '' : kmText(d.wasDistanceM) })
  return d.place ? `${what}, ${placeText(d.place)}` : what
}
/** What somebody must go and look at; the others are only worth knowing. */
export const isBad = ({ kind }: PlacedDifference) => kind === 'ends_early' || kind === 'new_loss' || kind === 'more_loss'

export const eventKindText = (e: SorEvent) => i18next.t(e.end ? 'otdr.eventKind.end' : e.kind === null ? 'otdr.eventKind.unknown' : `otdr.eventKind.${e.kind}`)
