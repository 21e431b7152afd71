import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { queryClient } from './queries.js'
import { router } from './routes.js'
import { theme } from './ui/theme.js'

/** Everything a screen may rely on: colours, dialogs, messages, the cache, the address. */
export function App () {
  return (
    <MantineProvider theme={theme} forceColorScheme='dark'>
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position='top-center' limit={4} />
          <RouterProvider router={router} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
