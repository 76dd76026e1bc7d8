/** The vault and its worker bundled as the product bundles them, so that processes start as fast as the product's do. */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

export interface BuiltVault {
  readonly program: string;
  remove(): void;
}

export async function buildVault(): Promise<BuiltVault> {
  // Below node_modules, so that packages left outside the bundle are found.
  const outDir = resolve('node_modules', '.cache', `vault-test-${process.pid}`);
  await build({
    configFile: false, logLevel: 'warn', ssr: { noExternal: true, external: ['piscina'] },
    build: {
      ssr: true, outDir, emptyOutDir: true, target: 'node18.15', minify: false,
      rolldownOptions: {
        external: ['piscina', /^node:/],
        input: { vault: resolve('src/main/vault.ts'), 'preparation-worker': resolve('src/main/vault/preparation-worker.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  });
  return { program: join(outDir, 'vault.cjs'), remove: () => rmSync(outDir, { recursive: true, force: true }) };
}
