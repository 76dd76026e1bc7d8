/** The network profiles of a type are of: its owner's, and the length of MNC its template says. */
import { presentValues, SaipError } from '../../saip/index.ts';
import type { EngineContext } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { Owner } from './metadata.ts';
import type { TypeRecord } from './records.ts';

export interface TypeNetwork {
  /** MCC and MNC of the type's owner, five or six digits; a type need not have one. */
  readonly plmn: string | undefined;
  /** Digits of the MNC as EF.AD of the template has them (3GPP TS 31.102, 4.2.18); undefined where it says nothing usable. */
  readonly mncLength: 2 | 3 | undefined;
}

const derOf = prepared((db, p: { id: number }) => db.selectFrom('templates').select('der').where('id', '=', p.id));

/** Templates never change. */
const known = new Map<string, 2 | 3 | undefined>();
const KEEP = 500;

export async function networkOf(ctx: Pick<EngineContext, 'reader' | 'paths'>, type: Pick<TypeRecord, 'owner' | 'template_id'>): Promise<TypeNetwork> {
  const key = `${ctx.paths.root}\n${type.template_id}`;
  if (!known.has(key)) {
    const row = await derOf.one(ctx.reader, { id: type.template_id });
    if (known.size >= KEEP) known.delete(known.keys().next().value!);
    known.set(key, row && mncLengthOf(row.der));
  }
  return { plmn: type.owner === null ? undefined : (JSON.parse(type.owner) as Owner).mccMnc, mncLength: known.get(key) };
}

/** Digits of the MNC by EF.AD of a package. */
export function mncLengthOf(der: Uint8Array): 2 | 3 | undefined {
  try {
    const { mncLength } = presentValues(der);
    return mncLength === 2 || mncLength === 3 ? mncLength : undefined;
  } catch (error) {
    if (error instanceof SaipError) return undefined;
    throw error;
  }
}

/** `001-01`, as operators write it. */
export const plmnText = (plmn: string): string => `${plmn.slice(0, 3)}-${plmn.slice(3)}`;
