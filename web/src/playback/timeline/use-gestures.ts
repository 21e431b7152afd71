/** Mouse, touch and wheel over the timeline: press goes there, drag moves it, on the ruler it scrubs, with Shift it marks a clip, two fingers zoom. */
import { type PointerEvent, type RefObject, useEffect, useRef } from 'react'
import { RULER_PX } from './draw.js'
import { panned, spanOf, timeAt, type View, zoomed } from './view.js'

export interface GestureHandlers {
  view: View
  now: () => number
  setView: (view: View) => void
  press: (at: number, y: number) => void
  scrub: (at: number, done: boolean) => void
  select: (from: number, to: number) => void
  hover: (at: { x: number, y: number } | null) => void
}
const MOVED_PX = 4
interface Drag { how: 'press' | 'pan' | 'scrub' | 'select', startX: number, startY: number, view: View, at: number }

function placeIn (element: HTMLElement, event: { clientX: number, clientY: number }) {
  const box = element.getBoundingClientRect()
  return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width }
}

export function useGestures (element: RefObject<HTMLElement | null>, handlers: GestureHandlers) {
  const latest = useRef(handlers)
  useEffect(() => { latest.current = handlers })
  const fingers = useRef(new Map<number, { x: number, y: number }>())
  const drag = useRef<Drag | null>(null)
  const pinch = useRef<{ distance: number, middle: number, view: View } | null>(null)

  useEffect(() => {
    const target = element.current
    if (!target) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const { view, now, setView } = latest.current
      const { x, width } = placeIn(target, event)
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) setView(panned(view, sideways / width * spanOf(view), now()))
      else setView(zoomed(view, timeAt(view, width, x), 2 ** (Math.max(-60, Math.min(60, event.deltaY)) / 120), now()))
    }
    // React's own wheel listeners are passive: the page would scroll as well.
    target.addEventListener('wheel', onWheel, { passive: false })
    return () => target.removeEventListener('wheel', onWheel)
  }, [element])

  const spread = () => {
    const [a, b] = [...fingers.current.values()]
    return a && b ? { distance: Math.max(20, Math.abs(a.x - b.x)), middle: (a.x + b.x) / 2 } : null
  }
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return
    const { x, y, width } = placeIn(element.current!, event)
    event.currentTarget.setPointerCapture(event.pointerId)
    fingers.current.set(event.pointerId, { x, y })
    const { view, scrub } = latest.current
    const two = spread()
    if (two) { pinch.current = { ...two, view }; drag.current = null; return }
    const at = timeAt(view, width, x)
    const how = y < RULER_PX ? 'scrub' : event.shiftKey ? 'select' : 'press'
    drag.current = { how, startX: x, startY: y, view, at }
    if (how === 'scrub') scrub(at, false)
  }
  const onPointerMove = (event: PointerEvent) => {
    const { x, y, width } = placeIn(element.current!, event)
    const { view, now, setView, scrub, select, hover } = latest.current
    if (fingers.current.has(event.pointerId)) fingers.current.set(event.pointerId, { x, y })
    const two = pinch.current && spread()
    if (pinch.current && two) {
      const { view: from, distance, middle } = pinch.current
      const next = zoomed(from, timeAt(from, width, middle), distance / two.distance, now())
      setView(panned(next, (middle - two.middle) / width * spanOf(next), now()))
      return
    }
    const d = drag.current
    if (event.pointerType === 'mouse' || d?.how === 'scrub') hover({ x, y })
    if (!d) return
    if (d.how === 'press' && Math.abs(x - d.startX) > MOVED_PX) d.how = 'pan'
    if (d.how === 'pan') setView(panned(d.view, (d.startX - x) / width * spanOf(d.view), now()))
    else if (d.how === 'scrub') scrub(timeAt(view, width, x), false)
    else if (d.how === 'select') select(d.at, timeAt(view, width, x))
  }
  const onPointerUp = (event: PointerEvent) => {
    const { x, y, width } = placeIn(element.current!, event)
    fingers.current.delete(event.pointerId)
    if (pinch.current) { if (fingers.current.size === 0) pinch.current = null; drag.current = null; return }
    const d = drag.current
    drag.current = null
    if (event.type === 'pointercancel' || !d) return
    const { view, press, scrub } = latest.current
    if (d.how === 'scrub') { scrub(timeAt(view, width, x), true); if (event.pointerType !== 'mouse') latest.current.hover(null) }
    if (d.how === 'press' || (d.how === 'select' && Math.abs(x - d.startX) <= MOVED_PX)) press(timeAt(view, width, x), y)
  }
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onPointerLeave: () => { if (!drag.current) latest.current.hover(null) } }
}
