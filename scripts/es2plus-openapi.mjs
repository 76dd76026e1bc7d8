// Writes docs/es2plus.openapi.json from the schemas of ES2+: `node scripts/es2plus-openapi.mjs` (needs Node 24). A test fails when it is stale.
import { writeFileSync } from 'node:fs';
import { es2plusOpenApi } from '../src/main/engine/wire/es2plus/openapi.ts';

writeFileSync(new URL('../docs/es2plus.openapi.json', import.meta.url), `${JSON.stringify(es2plusOpenApi(), undefined, 2)}\n`);
