/** What a vendor's header says of the keys of a file: under which transport key they are, or that they are in the clear. */
import { isClearIndex } from '../../../shared/contract/transport-keys.ts';
import type { ImportFieldName } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { keyFields } from './columns.ts';
import { keysOfIndex } from './transport.ts';
import type { HeaderPair } from './vendor.ts';

export interface HeaderKey {
  /** The index as it stands there; where lines differ, all of them. */
  readonly index: string;
  /** Index 0: keys are in the clear. */
  readonly clear: boolean;
  /** Registered transport keys of that index. */
  readonly keys: readonly string[];
}

export type HeaderKeys = (field: ImportFieldName | undefined) => HeaderKey | undefined;

/** Of a field that is a key: those of security domains have a line of their own, or that of K counts for them too. */
export async function headerKeys(ctx: Pick<EngineContext, 'reader'>, header: readonly HeaderPair[]): Promise<HeaderKeys> {
  const said = async (meaning: string): Promise<HeaderKey | undefined> => {
    const values = header.filter((pair) => pair.meaning === meaning && pair.value !== '').map((pair) => pair.value);
    if (values.length === 0) return undefined;
    const named = [...new Set(values.filter((value) => !isClearIndex(value)))];
    if (named.length === 0) return { index: values[0]!, clear: true, keys: [] };
    const found = await Promise.all(named.map((index) => keysOfIndex(ctx.reader, index)));
    return { index: named.join(' and '), clear: false, keys: found.flat().filter((name) => found.every((keys) => keys.includes(name))).filter((name, at, all) => all.indexOf(name) === at) };
  };
  const own = await said('transportKey');
  const ota = await said('otaTransportKey') ?? own;
  return (field) => (field === undefined || !keyFields.has(field) ? undefined : field === 'k' || field === 'opc' || field === 'op' ? own : ota);
}

/** Why a header's index is no choice of a key by itself, in words that follow the index. */
export const unchosen = ({ keys }: HeaderKey): string =>
  (keys.length === 0 ? 'and no transport key of that index is registered' : `and ${new Intl.ListFormat('en').format(keys)} ${keys.length === 1 ? 'has' : 'have'} that index here`);
