/** The vault program. */
import { runVault } from './vault/index.ts';

runVault(process.argv[1] ?? '');
