import { defineConfig } from '@playwright/test';

// `console`: the window served to Debian's Chromium. `electron`: the same window in a real Electron.
export default defineConfig({
  testDir: 'test/e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // Each file has a workspace and a browser of its own.
  workers: 2,
  outputDir: process.env['E2E_OUTPUT'] ?? '.cache/e2e',
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
  projects: [
    { name: 'console', testMatch: 'console/**/*.spec.ts' },
    { name: 'electron', testMatch: 'electron/**/*.spec.ts', workers: 1 },
  ],
});
