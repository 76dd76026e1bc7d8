import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

// A day of an operator with a million profiles, in one piece: `npm run test:scale`. Not part of `npm test`.
export default defineConfig({
  ...base,
  timeout: 4 * 3_600_000,
  workers: 1,
  use: { ...base.use, screenshot: 'only-on-failure' },
  projects: [{ name: 'scale', testMatch: 'e2e/scale/**/*.spec.ts' }],
});
