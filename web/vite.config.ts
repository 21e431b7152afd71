import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.KALANCHA_DEV_SERVER ?? 'http://127.0.0.1:8080'

/** Libraries that change together share a file, so that a new build leaves the browser's cache of the others alone. */
const chunks: Array<[name: string, pattern: RegExp]> = [
  ['react', /node_modules\/(react|react-dom|scheduler)\//],
  ['mantine', /node_modules\/(@mantine|@floating-ui|react-remove-scroll|react-number-format|react-transition-group)\//],
  ['tanstack', /node_modules\/@tanstack\//],
  ['i18n', /node_modules\/(i18next|react-i18next)\//],
  ['socket', /node_modules\/(socket\.io|engine\.io|@socket\.io)/],
  ['plots', /node_modules\/uplot\//],
  ['drag', /node_modules\/@dnd-kit\//]
]

export default defineConfig({
  root: here('.'),
  plugins: [react()],
  // PostCSS would search upwards for a configuration; there is none.
  css: { postcss: {} },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: server, ws: true }, '/socket.io': { target: server, ws: true } },
    fs: { allow: [here('..')] }
  },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // Small assets stay files: a data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // The contract's schemas are not used in the browser, only their types and constants.
      treeshake: { manualPureFunctions: ['Type', 'Nullable', 'PageOf', 'Str'] },
      output: { manualChunks: id => chunks.find(([, pattern]) => pattern.test(id))?.[0] }
    }
  }
})
