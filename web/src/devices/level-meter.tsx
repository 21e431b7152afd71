/** How much moves now beside the threshold, and the last seconds as a strip. */
import { Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { MotionLevels } from '../../../server/contract/motion.js'
import styles from './level-meter.module.css'
import { meterPlace } from './meter-scale.js'
import { decimals } from '../ui/numbers.js'

const SHOWN = 60

export function LevelMeter ({ levels, thresholdPercent }: { levels: MotionLevels | undefined, thresholdPercent: number }) {
  const { t } = useTranslation()
  const state = levels?.state ?? 'settling'
  const now = levels?.levels.at(-1)?.percent ?? 0
  const isOver = now >= thresholdPercent
  return (
    <div>
      <Group justify='space-between' gap='xs'>
        <Text size='sm'>{t('motion.level')}: <span className='numbers'>{decimals(now, 1)} %</span></Text>
        <Text size='sm' className={levels?.moving ? undefined : 'quiet'} fw={levels?.moving ? 600 : 400}>{state === 'watching' ? t(levels?.moving ? 'motion.moves' : 'motion.still') : t(`motion.state.${state}`)}</Text>
      </Group>
      <meter className={styles.spoken} aria-label={t('motion.level')} min={0} max={100} high={thresholdPercent} value={now} />
      <div className={styles.bar} aria-hidden='true' data-over={isOver || undefined}>
        <span className={styles.fill} style={{ width: `${meterPlace(now) * 100}%` }} />
        <span className={styles.mark} style={{ left: `${meterPlace(thresholdPercent) * 100}%` }} title={t('motion.threshold', { value: thresholdPercent })} />
      </div>
      <svg className={styles.strip} viewBox={`0 0 ${SHOWN} 30`} preserveAspectRatio='none' aria-hidden='true'>
        {levels?.levels.slice(-SHOWN).map(({ at, percent }, i, all) => { const height = meterPlace(percent) * 30; return <rect key={at} x={SHOWN - all.length + i} y={30 - height} width={0.9} height={height} data-over={percent >= thresholdPercent || undefined} /> })}
        <line x1={0} x2={SHOWN} y1={30 - meterPlace(thresholdPercent) * 30} y2={30 - meterPlace(thresholdPercent) * 30} />
      </svg>
    </div>
  )
}
