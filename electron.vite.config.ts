import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

// Native modules and packages that start files of their own stay outside the bundles. Everything else is bundled to
// CommonJS: Electron before 28 loads no ESM main, a sandboxed preload never does, and the engine's ESM-only libraries
// then load in every host alike.
const external = ['electron', 'better-sqlite3', 'pkcs11js', 'piscina', 'fastify', '@fastify/static', 'pino', 'pdfkit', /^node:/];

// The launcher builds into a folder beside and moves it into place.
const out = process.env['MVNE_DESK_BUILD'] ?? resolve(import.meta.dirname, 'out');

const here = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  main: {
    build: {
      outDir: resolve(out, 'main'),
      target: 'node18.15',
      externalizeDeps: false,
      sourcemap: true,
      rolldownOptions: {
        external,
        input: {
          desktop: here('src/main/desktop.ts'),
          cli: here('src/main/cli.ts'),
          engine: here('src/main/engine.ts'),
          vault: here('src/main/vault.ts'),
          'backup-worker': here('src/main/engine/store/backup-worker.ts'),
          'checkpoint-worker': here('src/main/engine/store/checkpoint-worker.ts'),
          'preparation-worker': here('src/main/vault/preparation-worker.ts'),
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(out, 'preload'),
      target: 'node18.15',
      externalizeDeps: false,
      rolldownOptions: {
        external: ['electron'],
        input: { index: here('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    base: './',
    plugins: [react()],
    build: {
      outDir: resolve(out, 'renderer'),
      target: 'chrome114',
      minify: 'oxc',
      // Inlined data: URLs would need a wider content security policy for fonts.
      assetsInlineLimit: 0,
      rolldownOptions: { input: { index: here('src/renderer/index.html') } },
    },
  },
});
