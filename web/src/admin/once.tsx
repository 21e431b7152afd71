/** A secret that the server shows one time: to be copied now, gone afterwards. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconEyeOff } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fullTime } from '../time.js'
import styles from './admin.module.css'

/** Without a secure context (plain http in a local network) browsers have no clipboard API, but still the older command. */
async function copyText (text: string, shown: HTMLElement | null) {
  if (navigator.clipboard && isSecureContext) {
    try { await navigator.clipboard.writeText(text); return true } catch { /* not permitted: the older way may be */ }
  }
  if (!shown) return false
  const selection = getSelection()
  const range = document.createRange()
  range.selectNodeContents(shown)
  selection?.removeAllRanges()
  selection?.addRange(range)
  return document.execCommand('copy')
}

function CopyBlock ({ text, label }: { text: string, label: string }) {
  const { t } = useTranslation()
  const shown = useRef<HTMLDivElement>(null)
  const [copied, setCopied] = useState<boolean | null>(null)
  const copy = () => { void copyText(text, shown.current).then(setCopied) }
  return (
    <Stack gap={6}>
      <Group justify='space-between' gap='xs'>
        <Text size='sm' fw={600}>{label}</Text>
        <Button size='xs' variant={copied ? 'default' : 'filled'} leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />} onClick={copy} data-autofocus>{copied ? t('action.copied') : t('action.copy')}</Button>
      </Group>
      <div ref={shown} className={styles.secret} data-once>{text}</div>
      {copied === false && <Text size='xs' className='quiet'>{t('once.copyByHand')}</Text>}
    </Stack>
  )
}

export function OnceDialog ({ title, hint, expiresAt, blocks, onClose }: { title: string, hint: string, expiresAt: number, blocks: Array<{ label: string, text: string }>, onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={onClose} title={title} size='lg' closeOnClickOutside={false}>
      <Stack gap='md'>
        <Text size='sm'>{hint}</Text>
        {blocks.map(b => <CopyBlock key={b.label} label={b.label} text={b.text} />)}
        <Alert variant='outline' color='gray' icon={<IconEyeOff />}><Text size='sm'>{t('once.warning', { time: fullTime(expiresAt) })}</Text></Alert>
        <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('once.done')}</Button></Group>
      </Stack>
    </Modal>
  )
}
