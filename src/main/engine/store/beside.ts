/** Files of threads stand beside the built engine. */
import { basename, dirname, join } from 'node:path';

/** The file beside the engine that runs; undefined when that runs from its sources. */
export function besideEngine(program: string | undefined, file: string): string | undefined {
  return program !== undefined && basename(program) === 'engine.cjs' ? join(dirname(program), file) : undefined;
}
