/** Alarms below each other, drawn only where they are seen: a storm may raise thousands. It scrolls with the box that it stands in. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Alarm } from '../../../server/contract/health.js'
import styles from './alarms.module.css'

/** Guessed until a row is measured, px. */
const ROW = 84

function scrollerOf (element: HTMLElement | null): HTMLElement | null {
  for (let e = element?.parentElement ?? null; e; e = e.parentElement) if (/auto|scroll/.test(getComputedStyle(e).overflowY)) return e
  return document.scrollingElement as HTMLElement | null
}

/** `chosen` is kept in sight; `onEnd` is called when the last rows come near. */
export function AlarmList ({ alarms, row, chosen = -1, onEnd }: { alarms: readonly Alarm[], row: (alarm: Alarm) => ReactNode, chosen?: number, onEnd?: () => void }) {
  const body = useRef<HTMLDivElement>(null)
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const [above, setAbove] = useState(0)
  // What stands above the list may grow or go at any time.
  useLayoutEffect(() => {
    const found = scrollerOf(body.current)
    setScroller(found)
    if (!found || !body.current) return
    const top = Math.round(body.current.getBoundingClientRect().top - found.getBoundingClientRect().top + found.scrollTop)
    if (top !== above) setAbove(top)
  })
  const virtual = useVirtualizer({ count: alarms.length, getScrollElement: () => scroller, estimateSize: () => ROW, overscan: 6, scrollMargin: above, scrollPaddingStart: 8, scrollPaddingEnd: 8, getItemKey: i => alarms[i]!.id })
  const items = virtual.getVirtualItems()
  const atEnd = items.length > 0 && items.at(-1)!.index >= alarms.length - 5
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each end that is reached
  useEffect(() => { if (atEnd) onEnd?.() }, [atEnd, alarms.length])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what moves into sight is the choice, not each new alarm
  useEffect(() => { if (chosen >= 0) virtual.scrollToIndex(chosen, { align: 'auto' }) }, [chosen])
  return (
    <div ref={body} className={styles.body} style={{ height: virtual.getTotalSize() }}>
      {items.map(v => <div key={v.key} ref={virtual.measureElement} data-index={v.index} className={styles.place} style={{ transform: `translateY(${v.start - above}px)` }}>{row(alarms[v.index]!)}</div>)}
    </div>
  )
}
