/** The picture as a joystick: drag to turn, wheel to zoom, click to go there. */
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PtzAbilities } from '../../../server/contract/ptz.js'
import type { PtzConnection } from './connection.js'
import styles from './ptz.module.css'
import { DRAG_FROM_PX, dragVelocity, pointIn } from './stick.js'

/** How long one notch of the wheel zooms, ms. */
const WHEEL_MS = 280
const WHEEL_SPEED = 0.7

/** Of the picture that lies under this element. */
function aspectUnder (element: HTMLElement): number {
  const picture = [...element.parentElement?.querySelectorAll<HTMLCanvasElement | HTMLVideoElement>('canvas, video') ?? []].find(e => !('hidden' in e.dataset))
  const [width, height] = picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture?.width ?? 0, picture?.height ?? 0]
  return width > 0 && height > 0 ? width / height : 16 / 9
}

interface Drag { id: number, x: number, y: number, toX: number, toY: number, moved: boolean }
interface Props { ptz: PtzConnection | null, abilities: PtzAbilities }

export function PtzSurface ({ ptz, abilities }: Props) {
  const { t } = useTranslation()
  const surface = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<Drag | null>(null)
  const [went, setWent] = useState<{ x: number, y: number, n: number } | null>(null)
  useWheel(surface, ptz, abilities.zoom)
  const at = (event: PointerEvent) => { const box = event.currentTarget.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height } }

  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || drag) return
    const { x, y } = at(event)
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ id: event.pointerId, x, y, toX: x, toY: y, moved: false })
  }
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    if (drag?.id !== event.pointerId) return
    const { x, y, width, height } = at(event)
    const moved = drag.moved || Math.hypot(x - drag.x, y - drag.y) >= DRAG_FROM_PX
    setDrag({ ...drag, toX: x, toY: y, moved })
    if (moved && abilities.panTilt) ptz?.hand('drag', dragVelocity(x - drag.x, y - drag.y, Math.min(width, height) * 0.4))
  }
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    if (drag?.id !== event.pointerId) return
    setDrag(null)
    ptz?.hand('drag', null)
    const { x, y, width, height } = at(event)
    const point = event.type === 'pointerup' && !drag.moved && abilities.point ? pointIn({ width, height }, aspectUnder(event.currentTarget), x, y) : null
    if (!point) return
    ptz?.go({ kind: 'point', ...point })
    setWent({ x, y, n: (went?.n ?? 0) + 1 })
  }
  return (
    <div ref={surface} className={styles.surface} data-ptz-surface role='application' aria-label={t('ptz.surface')} data-dragging={drag?.moved || undefined}
      onPointerDown={onDown} onPointerMove={onMove} onPointerUp={onUp} onPointerCancel={onUp} onLostPointerCapture={onUp} onContextMenu={e => e.preventDefault()}>
      {drag?.moved && (
        <svg className={styles.stick} aria-hidden>
          <circle cx={drag.x} cy={drag.y} r={26} />
          <line x1={drag.x} y1={drag.y} x2={drag.toX} y2={drag.toY} />
          <circle cx={drag.toX} cy={drag.toY} r={11} data-knob />
        </svg>
      )}
      {went && !drag && <span key={went.n} className={styles.went} style={{ left: went.x, top: went.y }} aria-hidden />}
    </div>
  )
}

/** React's wheel listener cannot keep the page from scrolling. */
function useWheel (surface: React.RefObject<HTMLDivElement | null>, ptz: PtzConnection | null, zooms: boolean) {
  useEffect(() => {
    const element = surface.current
    if (!element || !ptz || !zooms) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      clearTimeout(timer)
      ptz.hand('wheel', { pan: 0, tilt: 0, zoom: event.deltaY < 0 ? WHEEL_SPEED : -WHEEL_SPEED })
      timer = setTimeout(() => ptz.hand('wheel', null), WHEEL_MS)
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('wheel', onWheel)
      clearTimeout(timer)
      ptz.hand('wheel', null)
    }
  }, [surface, ptz, zooms])
}
