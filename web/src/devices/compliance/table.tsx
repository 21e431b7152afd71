// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transforms, which table elements do not allow
/** A row a camera, a column a check, from the first to the ten-thousandth: the server sorts, pages come as one scrolls. Arrows move, and a line below says what the cell means. */
import { UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ComplianceRow, complianceChecks } from '../../../../server/contract/compliance.js'
import { CheckMark } from './check-mark.js'
import styles from './compliance.module.css'
import type { ComplianceSearch } from './data.js'
import { sentence, shortText } from './words.js'

interface TableProps {
  rows: readonly ComplianceRow[]
  total: number
  search: ComplianceSearch
  set: (change: ComplianceSearch) => void
  onOpen: (row: ComplianceRow) => void
  /** The end of what is loaded comes near. */
  onMore: () => void
  empty: ReactNode
}
const ROW = 40
const CARD = 84
const NEAR = 40

export function ComplianceTable ({ rows, total, search, set, onOpen, onMore, empty }: TableProps) {
  const { t } = useTranslation()
  const scroll = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState({ row: 0, check: 0 })
  const narrow = useMediaQuery('(max-width: 640px)', undefined, { getInitialValueInEffect: false })
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => narrow ? CARD : ROW, overscan: 12 })
  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => { if (rows.length < total && lastShown >= rows.length - NEAR) onMore() }, [lastShown, rows.length, total, onMore])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change of the row's height is the reason
  useEffect(() => { virtual.measure() }, [narrow, virtual])
  const at = Math.min(active.row, rows.length - 1)
  const chosen = rows[at]
  const check = complianceChecks[active.check]!

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || !chosen) return
    const down = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity }[event.key]
    const aside = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (event.key === 'Enter') onOpen(chosen)
    if (down === undefined && aside === undefined) return
    event.preventDefault()
    const next = { row: Math.max(0, Math.min(rows.length - 1, at + (down ?? 0))), check: Math.max(0, Math.min(complianceChecks.length - 1, active.check + (aside ?? 0))) }
    setActive(next)
    virtual.scrollToIndex(next.row)
  }
  const sortBy = (sort: string) => set(search.sort === sort ? { descending: search.descending ? undefined : true } : { sort, descending: undefined })
  const head = (sort: string, short: string, name = short) => {
    const order = (search.sort ?? 'failed') === sort ? search.descending ? 'descending' as const : 'ascending' as const : 'none' as const
    return <div key={sort} role='columnheader' tabIndex={-1} className={styles.cell} aria-sort={order}><UnstyledButton className={styles.sort} title={name} aria-label={t('table.sortBy', { column: name })} onClick={() => sortBy(sort)}>{short}{order === 'none' ? '' : order === 'ascending' ? ' ↓' : ' ↑'}</UnstyledButton></div>
  }
  const cells = (row: ComplianceRow, index: number) => (
    <>
      <div role='gridcell' tabIndex={-1} className={styles.cell} title={[row.name, row.siteName, row.address].filter(Boolean).join(' · ')}>{row.name}</div>
      <div role='gridcell' tabIndex={-1} className={`${styles.cell} quiet`}>{[row.model, row.firmware].filter(Boolean).join(' · ') || '—'}</div>
      <div role='gridcell' tabIndex={-1} className={`${styles.cell} numbers`}>{row.failed > 0 ? <b>{row.failed}</b> : <span className='quiet'>0</span>}</div>
      {complianceChecks.map((c, i) => {
        const result = row.checks[c]
        const here = index === at && i === active.check
        return <div key={c} role='gridcell' tabIndex={-1} id={here ? 'compliance-cell' : undefined} data-active={here || undefined} className={`${styles.cell} ${styles.check}`} title={`${t(`complianceCheck.${c}`)}: ${sentence(c, result)}`} onMouseEnter={() => setActive({ row: index, check: i })}><CheckMark status={result.status} />{shortText(c, result)}</div>
      })}
    </>
  )
  return (
    <div className={`${styles.frame} ${narrow ? styles.cards : ''}`}>
      <div ref={scroll} className={styles.scroll} role='grid' aria-label={t('compliance.list')} aria-rowcount={total + 1} tabIndex={0} aria-activedescendant={chosen && !narrow ? 'compliance-cell' : undefined} onKeyDown={onKeyDown}>
        {!narrow && <div role='row' tabIndex={-1} className={styles.head}>{head('name', t('common.name'))}{head('model', t('compliance.model'))}{head('failed', t('compliance.failedCount'))}{complianceChecks.map(c => head(c, t(`complianceShort.${c}`), t(`complianceCheck.${c}`)))}</div>}
        {rows.length === 0 ? empty : (
          <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
            {items.map(v => {
              const row = rows[v.index]!
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the grid itself takes the keys and names the chosen row
                <div key={row.id} role='row' tabIndex={-1} aria-rowindex={v.index + 2} aria-selected={v.index === at} className={styles.row} data-active={v.index === at || undefined} style={{ transform: `translateY(${v.start}px)`, height: narrow ? CARD : ROW }} onClick={() => { setActive(a => ({ ...a, row: v.index })); onOpen(row) }}>
                  {narrow ? <div role='gridcell' tabIndex={-1} className={styles.card}><Card row={row} /></div> : cells(row, v.index)}
                </div>
              )
            })}
          </div>
        )}
      </div>
      {!narrow && <output className={styles.status}>{chosen ? <><b>{chosen.name}</b> · {t(`complianceCheck.${check}`)}: {sentence(check, chosen.checks[check])}</> : t('compliance.moves')}</output>}
    </div>
  )
}

function Card ({ row }: { row: ComplianceRow }) {
  const { t } = useTranslation()
  const failed = complianceChecks.filter(c => row.checks[c].status === 'fail')
  return (
    <>
      <div className='ellipsis'>{row.name}</div>
      <div className='ellipsis quiet' style={{ fontSize: 13 }}>{[row.siteName, row.model, row.firmware].filter(Boolean).join(' · ')}</div>
      <div className={styles.cardFaults}>{failed.length === 0 ? <span className={`${styles.fault} quiet`}><CheckMark status='pass' size={13} />{t('compliance.allGood')}</span> : failed.map(c => <span key={c} className={styles.fault}><CheckMark status='fail' size={13} />{t(`complianceShort.${c}`)} {shortText(c, row.checks[c])}</span>)}</div>
    </>
  )
}
