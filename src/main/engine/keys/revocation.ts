/** What is known of revoked certificates: kept in memory, read again when a list was imported. */
import { setImmediate } from 'node:timers/promises';
import { toHex } from '../../../shared/tlv/index.ts';
import { serialText } from '../../rsp/index.ts';
import type { Revocation, RevocationLookup } from '../../rsp/index.ts';
import type { EngineContext, Reader } from '../context.ts';

interface Known {
  /** By issuer (hexadecimal of its key identifier, or of what names it), then by serial number. */
  readonly revoked: ReadonlyMap<string, ReadonlyMap<string, Revocation>>;
  /** How many each issuer's lists revoked, by its key identifier: of a CI with those it listed for others. */
  readonly counts: ReadonlyMap<string, number>;
  /** nextUpdate of the list of each CI. */
  readonly ciLists: ReadonlyMap<string, number>;
}

interface Cache { version: number; loadedVersion: number; known: Known; loading: Promise<void> | undefined }
const caches = new WeakMap<object, Cache>();

function cacheOf(ctx: Pick<EngineContext, 'db'>): Cache {
  let cache = caches.get(ctx.db);
  if (!cache) {
    cache = { version: 1, loadedVersion: 0, known: { revoked: new Map(), counts: new Map(), ciLists: new Map() }, loading: undefined };
    caches.set(ctx.db, cache);
  }
  return cache;
}

/** Call after a list was imported. */
export function revocationChanged(ctx: Pick<EngineContext, 'db'>): void {
  cacheOf(ctx).version++;
}

/** Rows read in one go, so that others get their turn in between. */
const CHUNK = 10_000;

async function read(reader: Reader): Promise<Known> {
  const revoked = new Map<string, Map<string, Revocation>>();
  const ciLists = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const list of await reader.selectFrom('crls').select(['issuer_key_id', 'role', 'next_update']).execute()) {
    if (list.role === 'ci') ciLists.set(toHex(list.issuer_key_id), list.next_update);
  }
  // One issuer after the other: a key of two columns compared as a pair would scan the table.
  let issuer = await reader.selectFrom('revoked_certificates').select('issuer_key_id').orderBy('issuer_key_id').limit(1).executeTakeFirst();
  while (issuer) {
    const { issuer_key_id: keyId } = issuer;
    const serials = new Map<string, Revocation>();
    const own = toHex(keyId);
    for (let after = ''; ; ) {
      const rows = await reader.selectFrom('revoked_certificates').select(['serial', 'revoked_at', 'reason', 'list_key_id']).where('issuer_key_id', '=', keyId).where('serial', '>', after)
        .orderBy('serial').limit(CHUNK).execute();
      for (const { serial, revoked_at, reason, list_key_id } of rows) {
        serials.set(serial, { at: revoked_at, ...(reason === null ? {} : { reason }) });
        const lister = list_key_id === null ? own : toHex(list_key_id);
        counts.set(lister, (counts.get(lister) ?? 0) + 1);
      }
      if (rows.length < CHUNK) break;
      after = rows.at(-1)!.serial;
      await setImmediate();
    }
    revoked.set(own, serials);
    issuer = await reader.selectFrom('revoked_certificates').select('issuer_key_id').where('issuer_key_id', '>', keyId).orderBy('issuer_key_id').limit(1).executeTakeFirst();
  }
  return { revoked, counts, ciLists };
}

async function refresh(ctx: Pick<EngineContext, 'reader'>, cache: Cache): Promise<void> {
  while (cache.loadedVersion !== cache.version) {
    const { version } = cache;
    cache.known = await read(ctx.reader);
    cache.loadedVersion = version;
  }
}

export type RevocationContext = Pick<EngineContext, 'db' | 'reader' | 'settings'>;

async function knownOf(ctx: RevocationContext): Promise<Known> {
  const cache = cacheOf(ctx);
  if (cache.loadedVersion !== cache.version) {
    cache.loading ??= refresh(ctx, cache).finally(() => {
      cache.loading = undefined;
    });
    await cache.loading;
  }
  return cache.known;
}

/** How many certificates an issuer's lists revoked altogether, also those the newest no longer names. */
export async function revokedInForce(ctx: RevocationContext): Promise<(issuerKeyId: Uint8Array) => number> {
  const { counts } = await knownOf(ctx);
  return (issuerKeyId) => counts.get(toHex(issuerKeyId)) ?? 0;
}

/**
 * What is revoked now, as a lookup without waiting. By the setting `revocation`, a CI without a list in force makes chains
 * under it unacceptable (SGP.22 v2.2, 4.5.2.2: a certificate shall not have been revoked, which nobody can tell then).
 */
export async function revocationOf(ctx: RevocationContext): Promise<RevocationLookup> {
  const { revoked, ciLists } = await knownOf(ctx);
  return {
    isRevoked: (issuerKeyId, serialHex) => {
      // Without any list, nothing is spent on it.
      if (revoked.size === 0) return undefined;
      return revoked.get(toHex(issuerKeyId))?.get(serialText(serialHex));
    },
    missing: (ciKeyId, at) => {
      if (ctx.settings().revocation !== 'required') return undefined;
      const nextUpdate = ciLists.get(toHex(ciKeyId));
      if (nextUpdate === undefined) return 'no revocation list of the CI is known here, and the settings require one';
      return at.getTime() > nextUpdate ? `the revocation list of the CI should have been renewed by ${new Date(nextUpdate).toISOString().slice(0, 10)}, and the settings require one in force` : undefined;
    },
  };
}
