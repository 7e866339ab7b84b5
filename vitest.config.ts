// `unit` is everything that needs no other program and finishes in seconds; `system` uses real processes,
// cgroups, users and signals, one file at a time so that they do not fight over the machine.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'cli/**/*.test.ts', 'sim/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: ['tests/system/**', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
