/** The bell in the top bar: sounds, mutes until a chosen time, and shows that it is muted. */
import { Button, Menu, Text } from '@mantine/core'
import { IconBellOff, IconBellRinging, IconVolumeOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useWall } from '../live-socket.js'
import { clockText, useNow } from '../time.js'
import { endOfShift, mutedUntil, muteUntil, useMutedUntil } from './mute.js'
import { nextSound, silentMemory } from './sound-rules.js'
import { play } from './tones.js'

export function AlarmSound () {
  const { t } = useTranslation()
  const blocked = useSounding()
  const until = useMutedUntil()
  useNow()
  const label = until ? t('sound.mutedUntil', { time: clockText(until) }) : blocked ? t('sound.blocked') : t('sound.on')
  return (
    <Menu position='bottom-end' withArrow>
      <Menu.Target>
        <Button variant={until || blocked ? 'light' : 'subtle'} color={until || blocked ? 'yellow' : 'gray'} size='compact-md' aria-label={label} title={label} px={8}
          leftSection={until ? <IconBellOff size={19} /> : blocked ? <IconVolumeOff size={19} /> : <IconBellRinging size={19} />} styles={{ section: { marginInlineEnd: until ? 6 : 0 } }}>
          {until ? clockText(until) : ''}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{label}</Menu.Label>
        {until > 0 && <Menu.Item onClick={() => muteUntil(0)}>{t('sound.unmute')}</Menu.Item>}
        <Menu.Item onClick={() => muteUntil(Date.now() + 15 * 60_000)}>{t('sound.mute')} {t('sound.for15')}</Menu.Item>
        <Menu.Item onClick={() => muteUntil(Date.now() + 3_600_000)}>{t('sound.mute')} {t('sound.for60')}</Menu.Item>
        <Menu.Item onClick={() => muteUntil(endOfShift())}>{t('sound.mute')} {t('sound.shift', { time: clockText(endOfShift()) })}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => { void play('major') }}>{t('sound.test')}</Menu.Item>
        <Text size='xs' className='quiet' px='sm' pb={6}>{t('sound.never')}</Text>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Plays what the rules say, at each change and each second; true while the browser blocks sound. */
function useSounding () {
  const alarms = useWall(w => w.alarms)
  const joined = useWall(w => w.seq !== null)
  const now = useNow()
  const memory = useRef(silentMemory)
  const [blocked, setBlocked] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the second is the tick that repeats a critical sound
  useEffect(() => {
    if (!joined) return
    const next = nextSound(memory.current, [...alarms.values()], Date.now(), mutedUntil())
    memory.current = next.memory
    if (next.play) void play(next.play).then(sounded => setBlocked(!sounded))
  }, [alarms, joined, Math.floor(now / 1000)])
  useEffect(() => {
    if (!blocked) return
    const unlock = () => { void play('warning').then(sounded => setBlocked(!sounded)) }
    addEventListener('pointerdown', unlock, { once: true })
    addEventListener('keydown', unlock, { once: true })
    return () => { removeEventListener('pointerdown', unlock); removeEventListener('keydown', unlock) }
  }, [blocked])
  return blocked
}
