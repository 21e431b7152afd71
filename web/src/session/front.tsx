/** The frame of every screen before sign-in: the name, the language, one form. */
import { Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../server/contract/common.js'
import { chooseLanguage, currentLanguage, languages } from '../i18n/index.js'

export function LanguageSwitch ({ onChange }: { onChange?: (language: Language) => void }) {
  const { t } = useTranslation()
  return (
    <SegmentedControl size='sm' aria-label={t('language.label')} value={currentLanguage()} data={languages.map(value => ({ value, label: t(`language.${value}`) }))}
      onChange={value => { chooseLanguage(value as Language); onChange?.(value as Language) }} />
  )
}

export function Front ({ title, intro, children }: { title: string, intro?: string, children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <Stack align='center' justify='center' mih='100dvh' p='md' component='main' gap='lg'>
      <Stack gap={2} align='center'>
        <Text fz={34} fw={650} lh={1.1}>{t('app.name')}</Text>
        <Text className='quiet' ta='center'>{t('app.tagline')}</Text>
      </Stack>
      <Paper withBorder p='lg' w='100%' maw={420} bg='var(--panel)'>
        <Text component='h1' fz={20} fw={600} m={0} mb={intro ? 4 : 'md'}>{title}</Text>
        {intro && <Text size='sm' className='quiet' mb='md'>{intro}</Text>}
        {children}
      </Paper>
      <LanguageSwitch />
    </Stack>
  )
}
