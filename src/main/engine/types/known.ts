import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from './records.ts';
import { typeByName } from './records.ts';

/** The type a caller named. Throws {@link DeskProblem} `TYPE_UNKNOWN`. */
export async function knownType(ctx: Pick<EngineContext, 'reader'>, name: string): Promise<TypeRecord> {
  const type = await typeByName(ctx.reader, name);
  if (!type) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type named ${name.slice(0, 64)}.`, { field: 'type', hint: 'Create the type first, or look at the list of types.' });
  return type;
}
