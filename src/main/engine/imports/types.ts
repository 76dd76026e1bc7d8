import type { z } from 'zod';
import type { importCounts } from '../../../shared/contract/imports.ts';

export type ImportCounts = z.infer<typeof importCounts>;
