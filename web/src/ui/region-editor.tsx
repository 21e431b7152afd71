/** Draws regions over a picture: by mouse and touch, and by keyboard (rectangle, arrows, Delete). */
import { Button, Group, Text } from '@mantine/core'
import { IconArrowBackUp, IconCheck, IconSquarePlus, IconTrash } from '@tabler/icons-react'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type Drawing, type Edit, MAX_REGIONS, type Point } from './region-edit.js'
import styles from './region-editor.module.css'

interface RegionEditorProps {
  drawing: Drawing
  onEdit: (change: Edit) => void
  /** Null: drawn over an empty frame. */
  picture: string | null
  /** Width by height. */
  aspect?: number
  /** What lies inside counts, so it stays bright; otherwise it is hidden. */
  clear?: boolean
}

const STEP = 0.01
const FINE_STEP = 0.002
const arrows: Partial<Record<string, Point>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const path = (points: readonly Point[]) => points.map(([x, y]) => `${x * 1000},${y * 1000}`).join(' ')

export function RegionEditor ({ drawing, onEdit, picture, aspect, clear = false }: RegionEditorProps) {
  const { t } = useTranslation()
  const frame = useRef<HTMLDivElement>(null)
  const { regions, draft, selected } = drawing
  const at = (event: { clientX: number, clientY: number }): Point => {
    const box = frame.current!.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && draft.length > 0) onEdit({ do: 'close' })
    else if (event.key === 'Backspace' && draft.length > 0) onEdit({ do: 'back' })
    else return
    event.preventDefault()
  }
  return (
    <fieldset className={styles.editor} onKeyDown={keys} aria-label={t('regions.label')}>
      <div ref={frame} className={styles.frame} style={aspect ? { aspectRatio: aspect } : undefined}>
        {picture && <img src={picture} alt='' draggable={false} />}
        <svg className={styles.canvas} viewBox='0 0 1000 1000' preserveAspectRatio='none' aria-hidden='true' onPointerDown={event => { if (event.button === 0) onEdit({ do: 'point', at: at(event) }) }}>
          {regions.map((region, i) => <polygon key={path(region)} points={path(region)} className={styles.region} data-clear={clear || undefined} data-selected={i === selected || undefined} onPointerDown={event => { if (draft.length === 0) { event.stopPropagation(); onEdit({ do: 'select', region: i }) } }} />)}
          <polyline points={path(draft)} className={styles.draft} />
        </svg>
        {draft.map((p, i) => <span key={path([p])} className={styles.handle} data-draft style={{ left: `${p[0] * 100}%`, top: `${p[1] * 100}%`, pointerEvents: i === 0 && draft.length > 2 ? undefined : 'none' }} onPointerDown={() => onEdit({ do: 'close' })} />)}
        {/* biome-ignore lint/suspicious/noArrayIndexKey: a corner that moves is still the same corner */}
        {selected !== null && regions[selected]?.map((p, i) => <Handle key={`${selected} ${i}`} name={t('regions.corner', { region: selected + 1, number: i + 1 })} point={p} at={at} onMove={to => onEdit({ do: 'move', region: selected, point: i, at: to })} onRemove={() => onEdit({ do: 'removePoint', region: selected, point: i })} />)}
      </div>
      <Group gap='xs' mt='xs'>
        {draft.length > 0 && <Button size='xs' leftSection={<IconCheck size={15} />} disabled={draft.length < 3} onClick={() => onEdit({ do: 'close' })}>{t('regions.close')}</Button>}
        {draft.length > 0 && <Button size='xs' variant='default' leftSection={<IconArrowBackUp size={15} />} onClick={() => onEdit({ do: 'back' })}>{t('regions.back')}</Button>}
        {draft.length === 0 && <Button size='xs' variant='default' leftSection={<IconSquarePlus size={15} />} disabled={regions.length >= MAX_REGIONS} onClick={() => onEdit({ do: 'rectangle' })}>{t('regions.rectangle')}</Button>}
        {draft.length === 0 && regions.map((region, i) => <Button key={path(region)} size='xs' variant={i === selected ? 'filled' : 'default'} aria-pressed={i === selected} onClick={() => onEdit({ do: 'select', region: i === selected ? null : i })}>{i + 1}</Button>)}
        {selected !== null && <Button size='xs' variant='default' leftSection={<IconTrash size={15} />} onClick={() => onEdit({ do: 'remove', region: selected })}>{t('regions.remove', { number: selected + 1 })}</Button>}
      </Group>
      <Text size='sm' className='quiet' mt={6}>{draft.length > 0 ? t('regions.hintDraft') : selected !== null ? t('regions.hintSelected') : t('regions.hint')}</Text>
    </fieldset>
  )
}

interface HandleProps { name: string, point: Point, at: (event: PointerEvent) => Point, onMove: (to: Point) => void, onRemove: () => void }
function Handle ({ name, point: [x, y], at, onMove, onRemove }: HandleProps) {
  const keys = (event: KeyboardEvent) => {
    const step = event.shiftKey ? FINE_STEP : STEP
    const by = arrows[event.key]
    if (by) onMove([x + by[0] * step, y + by[1] * step])
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <button type='button' className={styles.handle} style={{ left: `${x * 100}%`, top: `${y * 100}%` }} aria-label={name} onKeyDown={keys}
      onPointerDown={event => { event.currentTarget.setPointerCapture(event.pointerId) }} onPointerMove={event => { if (event.currentTarget.hasPointerCapture(event.pointerId)) onMove(at(event)) }} />
  )
}
