import { defineConfig } from '@playwright/test';

// `console`: the window served to Debian's Chromium. `electron`: the same window in a real Electron.
export default defineConfig({
  testDir: 'test/e2e',
  timeout: 120_000,
  workers: 1,
  outputDir: process.env['E2E_OUTPUT'] ?? '.cache/e2e',
  projects: [
    { name: 'console', testMatch: 'console/**/*.spec.ts' },
    { name: 'electron', testMatch: 'electron/**/*.spec.ts' },
  ],
});
