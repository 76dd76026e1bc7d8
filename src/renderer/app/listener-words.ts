import type { z } from 'zod';
import type { listenerStatus } from '../../shared/contract/workspace.ts';

/** What a listener is called, short. */
export const listenerNames: Readonly<Record<z.infer<typeof listenerStatus>['kind'], string>> = { es9plus: 'ES9+', es2plus: 'ES2+', console: 'Console' };
