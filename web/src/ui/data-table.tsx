// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transforms, which table elements do not allow
/** A table for every list of records: sorted by its heads, virtual from the first row to the ten-thousandth, driven by arrows and Enter. */
import { Text, UnstyledButton } from '@mantine/core'
import { type ColumnDef, flexRender, getCoreRowModel, getSortedRowModel, type Header, type Row, type RowData, type SortingState, useReactTable } from '@tanstack/react-table'
import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './data-table.module.css'

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Width as CSS grid track, for example `120px` or `minmax(140px, 2fr)`. */
    track?: string
    align?: 'right'
  }
}

export interface DataTableProps<T> {
  rows: readonly T[]
  columns: Array<ColumnDef<T>>
  rowId: (row: T) => string
  label: string
  onOpen?: (row: T) => void
  /** Drawn instead of cells on a screen narrower than 640 px, in three lines at most. */
  card?: (row: T) => ReactNode
  empty?: ReactNode
  initialSort?: SortingState
  /** CSS height of the scrolling body; it grows with its parent by default. */
  height?: string
  /** Below this width, px, the table scrolls sideways rather than squeeze its columns. */
  minWidth?: number
}
const ROW = 40
const CARD = 84

export function DataTable<T> (props: DataTableProps<T>) {
  const { rows, columns, rowId, label, onOpen, card, empty, height = '100%', minWidth = 900 } = props
  const [sorting, setSorting] = useState<SortingState>(props.initialSort ?? [])
  const [active, setActive] = useState(0)
  const scroll = useRef<HTMLDivElement>(null)
  const narrow = useMediaQuery('(max-width: 640px)', undefined, { getInitialValueInEffect: false })
  const asCards = card !== undefined && narrow
  const table = useReactTable({
    data: rows as T[], columns, state: { sorting }, onSortingChange: setSorting, getRowId: rowId, getCoreRowModel: getCoreRowModel(), getSortedRowModel: getSortedRowModel()
  })
  const sorted = table.getRowModel().rows
  const virtual = useVirtualizer({ count: sorted.length, getScrollElement: () => scroll.current, estimateSize: () => asCards ? CARD : ROW, overscan: 12 })
  // The virtualiser keeps the sizes that it was told first; a phone that is turned changes them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change of the row's height is the reason
  useEffect(() => { virtual.measure() }, [asCards, virtual])
  const tracks = columns.map(c => c.meta?.track ?? 'minmax(90px, 1fr)').join(' ')
  const chosen = Math.min(active, sorted.length - 1)

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity }[event.key]
    if (event.target !== event.currentTarget) return
    if (event.key === 'Enter' && onOpen && sorted[chosen]) onOpen(sorted[chosen].original)
    if (step === undefined || sorted.length === 0) return
    event.preventDefault()
    const next = Math.max(0, Math.min(sorted.length - 1, chosen + step))
    setActive(next)
    virtual.scrollToIndex(next)
  }
  const line = (row: Row<T>, index: number, start: number) => {
    const open = () => { setActive(index); onOpen?.(row.original) }
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the table itself takes the keys and names the chosen row
      <div key={row.id} id={`${label}-${row.id}`} role='row' tabIndex={-1} aria-rowindex={index + 2} aria-selected={index === chosen} className={styles.row} data-active={index === chosen || undefined} data-open={onOpen ? true : undefined}
        style={{ transform: `translateY(${start}px)`, height: asCards ? CARD : ROW, gridTemplateColumns: asCards ? '1fr' : tracks }} onClick={open}>
        {asCards
          ? <div role='gridcell' tabIndex={-1} className={styles.card}>{card(row.original)}</div>
          : row.getVisibleCells().map(cell => <div key={cell.id} role='gridcell' tabIndex={-1} className={styles.cell} data-align={cell.column.columnDef.meta?.align}>{flexRender(cell.column.columnDef.cell, cell.getContext())}</div>)}
      </div>
    )
  }
  return (
    <div className={styles.frame} style={{ height }}>
      <div ref={scroll} className={styles.scroll} role='grid' aria-label={label} aria-rowcount={sorted.length + 1} tabIndex={0} aria-activedescendant={sorted[chosen] ? `${label}-${sorted[chosen].id}` : undefined} onKeyDown={onKeyDown}>
        {!asCards && <div role='row' tabIndex={-1} className={styles.head} style={{ gridTemplateColumns: tracks, minWidth }}>{table.getFlatHeaders().map(h => <Head key={h.id} header={h} />)}</div>}
        {sorted.length === 0 ? empty : <div className={styles.body} style={{ height: virtual.getTotalSize(), minWidth: asCards ? 0 : minWidth }}>{virtual.getVirtualItems().map(v => line(sorted[v.index]!, v.index, v.start))}</div>}
      </div>
    </div>
  )
}

function Head<T> ({ header }: { header: Header<T, unknown> }) {
  const { t } = useTranslation()
  const order = header.column.getIsSorted()
  const text = flexRender(header.column.columnDef.header, header.getContext())
  const align = header.column.columnDef.meta?.align
  if (!header.column.getCanSort()) return <div role='columnheader' tabIndex={-1} className={styles.cell} data-align={align}><Text size='xs'>{text}</Text></div>
  return (
    <div role='columnheader' tabIndex={-1} className={styles.cell} data-align={align} aria-sort={order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none'}>
      <UnstyledButton className={styles.sort} onClick={header.column.getToggleSortingHandler()} aria-label={t('table.sortBy', { column: String(header.column.columnDef.header) })}>{text}<span aria-hidden>{order === 'asc' ? ' ↑' : order === 'desc' ? ' ↓' : ''}</span></UnstyledButton>
    </div>
  )
}
