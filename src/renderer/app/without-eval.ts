/** zod would probe `new Function` when the first schema is built, which the content security policy forbids and reports. */
import { z } from 'zod';

z.config({ jitless: true });
