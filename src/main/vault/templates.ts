/** Compiled templates the vault knows, by digest. They hold no secret; the engine loads them again after a restart. */
import { concat, toHex, utf8Bytes } from '../../shared/tlv/index.ts';
import { parseCompiled, SaipError } from '../saip/index.ts';
import type { CompiledTemplate } from '../saip/index.ts';
import { VaultError } from '../vault-link/operations.ts';

/** A template as it is sent: `slots` is the slot table as JSON. */
export interface TemplateSource {
  readonly digest: Uint8Array;
  readonly base: Uint8Array;
  readonly slots: string;
}

export interface KnownTemplate {
  readonly compiled: CompiledTemplate;
  readonly source: TemplateSource;
}

export interface Templates {
  /** Throws {@link VaultError} TEMPLATE_DIGEST_MISMATCH or VAULT_INPUT_INVALID. */
  load(source: TemplateSource): KnownTemplate;
  /** Throws {@link VaultError} TEMPLATE_NOT_LOADED. */
  get(digest: Uint8Array): KnownTemplate;
  readonly size: number;
}

/** Least recently used ones go when there are more: 256 of the largest allowed are still within reason. */
const LIMIT = 256;

export function createTemplates(): Templates {
  const known = new Map<string, KnownTemplate>();
  const touch = (key: string, template: KnownTemplate): KnownTemplate => {
    known.delete(key);
    known.set(key, template);
    if (known.size > LIMIT) known.delete(known.keys().next().value!);
    return template;
  };
  return {
    load(source) {
      const key = toHex(source.digest);
      const present = known.get(key);
      if (present && sameSource(present.source, source)) return touch(key, present);
      const compiled = compile(source);
      // Copies: the octets that came are zeroed with their frame.
      return touch(key, { compiled, source: { digest: Uint8Array.from(source.digest), base: compiled.base, slots: source.slots } });
    },
    get(digest) {
      const key = toHex(digest);
      const template = known.get(key);
      if (!template) throw new VaultError('TEMPLATE_NOT_LOADED', 'the vault does not hold this template version yet');
      return touch(key, template);
    },
    get size() {
      return known.size;
    },
  };
}

/** The base may differ in its late slots while the digest is the same, so the digest alone does not tell. */
function sameSource(a: TemplateSource, b: TemplateSource): boolean {
  return a.slots === b.slots && Buffer.compare(a.base, b.base) === 0;
}

function compile(source: TemplateSource): CompiledTemplate {
  const table = utf8Bytes(source.slots);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, table.length);
  let compiled: CompiledTemplate;
  try {
    compiled = parseCompiled(concat(head, table, source.base));
  } catch (error) {
    if (error instanceof SaipError) throw new VaultError('VAULT_INPUT_INVALID', error.message);
    throw error;
  }
  if (Buffer.compare(compiled.digest, source.digest) !== 0) {
    throw new VaultError('TEMPLATE_DIGEST_MISMATCH', 'the template is not the version its digest names');
  }
  for (const slot of compiled.slots) {
    if (slot.at + slot.length > (slot.late ? compiled.lateBytesLength : compiled.slotBytesLength)) {
      throw new VaultError('VAULT_INPUT_INVALID', 'the template\'s slot table is inconsistent');
    }
  }
  return compiled;
}
