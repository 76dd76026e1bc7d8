import type { PackageRequirements } from '../../saip/index.ts';
import { packageRequirements, SaipError } from '../../saip/index.ts';
import type { EngineContext } from '../context.ts';
import { prepared } from '../store/index.ts';

const derOf = prepared((db, p: { id: number }) => db.selectFrom('templates').select('der').where('id', '=', p.id));

/** Templates never change; what is kept of each is a few names. */
const known = new Map<string, PackageRequirements | undefined>();
const KEEP = 500;

/** What the package of a template asks of an eUICC; undefined when the template is gone or cannot be read. */
export async function templateRequirements(ctx: Pick<EngineContext, 'reader' | 'paths'>, templateId: number): Promise<PackageRequirements | undefined> {
  const key = `${ctx.paths.root}\n${templateId}`;
  if (known.has(key)) return known.get(key);
  const row = await derOf.one(ctx.reader, { id: templateId });
  if (!row) return undefined;
  const read = readable(row.der);
  known.set(key, read);
  if (known.size > KEEP) known.delete(known.keys().next().value!);
  return read;
}

function readable(der: Uint8Array): PackageRequirements | undefined {
  try {
    return packageRequirements(der);
  } catch (error) {
    if (error instanceof SaipError) return undefined;
    throw error;
  }
}
