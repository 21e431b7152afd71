import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './ui/global.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { startI18n } from './i18n/index.js'

await startI18n()
createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>)
