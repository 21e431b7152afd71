/** Keys that work on every screen, and the page that tells all keys. */
import { Kbd, Modal, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { toggleMute } from '../alarms/mute.js'
import { isTyping, keyAction } from './keymap.js'

export function GlobalKeys () {
  const navigate = useNavigate()
  const [help, { toggle, close }] = useDisclosure(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const action = keyAction(event, isTyping(event.target))
      if (action?.do === 'alarms') void navigate({ to: '/alarms' })
      else if (action?.do === 'wall') void navigate({ to: '/' })
      else if (action?.do === 'mute') toggleMute()
      else if (action?.do === 'help') toggle()
      else if (action?.do === 'fullscreen') void toggleFullscreen()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [navigate, toggle])
  return <Help opened={help} onClose={close} />
}

export async function toggleFullscreen () {
  if (document.fullscreenElement) await document.exitFullscreen()
  else await document.documentElement.requestFullscreen().catch(() => {})
}

function Help ({ opened, onClose }: { opened: boolean, onClose: () => void }) {
  const { t } = useTranslation()
  const space = t('keys.space')
  const groups: Array<[title: string, keys: Array<[keys: string[], text: string]>]> = [
    [t('keys.everywhere'), [[['W'], t('keys.wall')], [['A'], t('keys.alarms')], [['M'], t('keys.mute')], [['F'], t('keys.fullscreen')], [['?'], t('keys.help')]]],
    [t('keys.pageWall'), [[['←', '↑', '↓', '→'], t('keys.arrows')], [['Enter'], t('keys.focus')], [['Esc'], t('keys.back')], [['1', '…', '5'], t('keys.grid')], [['/'], t('keys.search')], [['S'], t('keys.sound')], [['R'], t('playKeys.wallBack30')], [['P'], t('ptzKeys.open')], [['Del'], t('keys.delete')], [[space], t('keys.grab')]]],
    [t('ptzKeys.page'), [[['←', '↑', '↓', '→'], t('ptzKeys.turn')], [['+', '−'], t('ptzKeys.zoom')], [['1', '…', '9'], t('ptzKeys.preset')], [['H'], t('ptzKeys.home')], [['Esc'], t('ptzKeys.leave')]]],
    [t('playKeys.page'), [
      [[space, 'K'], t('playKeys.play')], [['J', 'K', 'L'], t('playKeys.shuttle')], [[',', '.'], t('playKeys.frame')], [['←', '→'], t('playKeys.seconds')], [['[', ']'], t('playKeys.speed')], [['N'], t('playKeys.jump')], [['P'], t('playKeys.gap')],
      [['G'], t('playKeys.goTo')], [['S'], t('playKeys.sound')], [['+', '−'], t('playKeys.zoom')], [['↑', '↓'], t('playKeys.camera')], [['Enter'], t('playKeys.enlarge')], [['Z'], t('playKeys.digital')], [['Ctrl', '←', '→'], t('playKeys.pan')], [['B'], t('playKeys.bookmark')],
      [['I', 'O'], t('playKeys.inOut')], [['E'], t('playKeys.clip')], [['H'], t('playKeys.lock')], [['C'], t('playKeys.panel')], [['/'], t('playKeys.add')], [['Esc'], t('playKeys.back')]
    ]],
    [t('keys.pageList'), [[['↑', '↓'], t('keys.listMove')], [['Enter'], t('keys.open')], [[space], t('keys.acknowledge')], [['/'], t('action.search')]]]
  ]
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} size='lg'>
      <Stack gap='md'>
        {groups.map(([title, keys]) => (
          <div key={title}>
            <Text fw={600} size='sm' mb={4}>{title}</Text>
            <Table verticalSpacing={4}><Table.Tbody>{keys.map(([names, text]) => <Table.Tr key={text}><Table.Td w={150}>{names.map(n => <Kbd key={n} mr={4}>{n}</Kbd>)}</Table.Td><Table.Td>{text}</Table.Td></Table.Tr>)}</Table.Tbody></Table>
          </div>
        ))}
      </Stack>
    </Modal>
  )
}
