import { SegmentedControl, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../server/contract/inventory.js'
import { portsQuery, seriesQuery } from '../queries.js'
import { EmptyPanel, Loaded, Panel } from '../ui/feedback.js'
import { Plot } from './plot.js'
import { bitRate, frameRate, millis } from './units.js'

const HOUR = 3_600_000
interface Drawn { title: string, names: string[], labels: string[], text: (value: number) => string }

/** Recent measurements: response time, and what matters for the kind of device. */
export function PlotsPanel ({ device }: { device: Device }) {
  const { t } = useTranslation()
  const [span, setSpan] = useState(HOUR)
  const [port, setPort] = useState<string | null>(null)
  const ports = useQuery({ ...portsQuery(device.id), enabled: device.kind === 'switch' })
  const names = ports.data?.map(p => p.name) ?? []
  const chosen = port ?? ports.data?.find(p => p.oper === 'up')?.name ?? names[0] ?? null
  const rtt: Drawn = { title: t('plot.rtt'), names: ['rtt_ms'], labels: [t('plot.rtt')], text: millis }
  const camera: Drawn[] = [
    { title: t('plot.fps'), names: ['fps.sub', 'fps.main'], labels: [t('device.subStream'), t('device.mainStream')], text: frameRate },
    { title: t('plot.bitrate'), names: ['bitrate_bps.sub', 'bitrate_bps.main'], labels: [t('device.subStream'), t('device.mainStream')], text: bitRate }]
  const traffic: Drawn[] = chosen ? [{ title: t('plot.traffic', { port: chosen }), names: [`in_bps.${chosen}`, `out_bps.${chosen}`], labels: [t('plot.in'), t('plot.out')], text: bitRate }] : []
  const drawn = [...device.kind === 'camera' ? camera : device.kind === 'switch' ? traffic : [], rtt]
  const spans = [[HOUR, t('plot.hour')], [6 * HOUR, t('plot.sixHours')], [24 * HOUR, t('plot.day')], [168 * HOUR, t('plot.week')]] as const
  return (
    <Panel title={t('device.plots')} aside={<SegmentedControl size='xs' aria-label={t('plot.range')} value={String(span)} onChange={v => setSpan(Number(v))} data={spans.map(([value, label]) => ({ value: String(value), label }))} />}>
      <Stack gap='md'>
        {names.length > 0 && <Select size='xs' maw={260} label={t('plot.choosePort')} data={[...new Set(names)]} value={chosen} onChange={setPort} searchable />}
        {drawn.map(d => <SeriesPlot key={d.title} deviceId={device.id} span={span} drawn={d} />)}
      </Stack>
    </Panel>
  )
}

function SeriesPlot ({ deviceId, span, drawn }: { deviceId: string, span: number, drawn: Drawn }) {
  const { t } = useTranslation()
  const series = useQuery(seriesQuery(deviceId, drawn.names, span))
  return (
    <div>
      <div className='quiet' style={{ fontSize: 13.5 }}>{drawn.title}</div>
      <Loaded query={series} rows={3}>
        {data => {
          const lines = drawn.names.map((name, i) => ({ label: drawn.labels[i] ?? name, points: data.series.find(s => s.name === name)?.points ?? [] })).filter(l => l.points.some(p => p[1] !== null))
          return lines.length === 0 ? <EmptyPanel title={t('device.noSeries')} /> : <Plot lines={lines} label={drawn.title} text={drawn.text} spanMs={span} />
        }}
      </Loaded>
    </div>
  )
}
