import { defineConfig } from 'vitest/config'

const include = ['server', 'agents', 'lib', 'fixtures', 'web', 'tools'].map(room => `${room}/**/*.test.{ts,tsx}`)
/** `unit` is quick and needs nothing installed but ffmpeg; `story` starts real peers and browsers, one file at a time. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include, exclude: ['**/node_modules/**', '**/dist/**', '**/*.story.test.ts'], testTimeout: 20_000, maxWorkers: 2 } },
      { test: { name: 'story', include: ['**/*.story.test.ts'], exclude: ['**/node_modules/**', '**/dist/**'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } }
    ]
  }
})
