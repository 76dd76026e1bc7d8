import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

// Pictures of the window for docs/screens: `npm run screens`. Not part of `npm test`.
export default defineConfig({
  ...base,
  timeout: 900_000,
  projects: [{ name: 'screens', testMatch: 'screens/**/*.spec.ts' }],
});
