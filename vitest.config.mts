import { defineConfig } from 'vitest/config';

// `unit` touches no process, socket or file outside a temporary folder; `integration` starts real processes;
// `slow` is long fuzzing and crash replay, run by `npm run test:slow`.
const project = (name: string, testTimeout: number, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], testTimeout, hookTimeout: testTimeout, pool: 'forks' as const, globalSetup: 'test/support/fresh-database.ts', ...extra },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 30_000, { maxWorkers: 2 }),
      project('integration', 300_000, { fileParallelism: true, maxWorkers: 2 }),
      project('slow', 3_600_000, { fileParallelism: false }),
    ],
  },
});
