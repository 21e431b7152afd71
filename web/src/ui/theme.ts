import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** The one accent: what can be pressed and what is chosen. Never a state. */
const accent: MantineColorsTuple = ['#e4f4fb', '#cbe4f0', '#9ccbe0', '#6cb2d1', '#479dc4', '#3190bd', '#2189ba', '#0f76a4', '#006993', '#005b83']
/** Calm greys with a trace of blue; 8 is the page, 7 a panel. */
const dark: MantineColorsTuple = ['#d3d8dc', '#b3bac0', '#8f989f', '#6a737a', '#4a5359', '#394147', '#2a3137', '#1f252a', '#14171a', '#0e1012']

/** Mantine's values in the manner of ISA-101: grey is normal, colour means act. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 7,
  colors: { accent, dark },
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.6 } } },
    Table: { defaultProps: { verticalSpacing: 6 } }
  }
})
