/** Adding and changing brands. Everything here stands in the transaction of the call, its files read before. */
import type { Updateable } from 'kysely';
import type { z } from 'zod';
import { defaultProgressPoints } from '../../../shared/contract/brands.ts';
import type { brands, ProgressPoint } from '../../../shared/contract/brands.ts';
import { fromHex } from '../../../shared/tlv/index.ts';
import type { EngineContext, Environment, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { checkCallbackUrl } from '../outgoing/index.ts';
import { entitlementsChanged } from '../numbers/index.ts';
import type { Database } from '../store/schema.ts';
import { typeByName } from '../types/index.ts';
import { demandFree, readCredential } from './credentials.ts';
import type { CredentialFile } from './credentials.ts';
import { brandById, brandByName } from './records.ts';
import type { BrandRecord, NewCredential } from './records.ts';
import { overlaps, parseRanges } from './rules.ts';
import type { Decided } from './rules.ts';

export type NewBrand = z.output<typeof brands.add.input>;
export type BrandChange = z.output<typeof brands.change.input>;
type Grants = Omit<BrandChange, 'name' | 'state' | 'addClientCa' | 'addClientCertificate' | 'removeCredential'>;

/** Certificates out of the files of a call. */
export interface ReadFiles {
  readonly credentials: readonly { readonly credential: NewCredential; readonly field: CredentialFile }[];
  readonly callbackCa?: Uint8Array;
}

/** Takes the files of a call and judges them, outside the transaction. */
export function readFiles(ctx: EngineContext, handles: Partial<Record<CredentialFile, string | undefined>>): ReadFiles {
  const now = ctx.clock.now();
  const credentials: { credential: NewCredential; field: CredentialFile }[] = [];
  for (const [field, kind] of [['clientCa', 'ca'], ['clientCertificate', 'certificate'], ['addClientCa', 'ca'], ['addClientCertificate', 'certificate']] as const) {
    const handle = handles[field];
    if (handle !== undefined) credentials.push({ credential: readCredential(ctx.uploads.take(handle), kind, field, now), field });
  }
  // Any certificate will do: a receiver may show one it signed itself.
  const callbackCa = handles.callbackCa === undefined ? undefined : readCredential(ctx.uploads.take(handles.callbackCa), 'certificate', 'callbackCa', now).der;
  return { credentials, ...(callbackCa ? { callbackCa } : {}) };
}

function demand<T>(decided: Decided<T>, field: string): T {
  if (!decided.ok) throw new DeskProblem(decided.code, decided.message, { field });
  return decided.value;
}

async function demandBrand(tx: Tx, name: string): Promise<BrandRecord> {
  const brand = await brandByName(tx, name);
  if (!brand) throw new DeskProblem('BRAND_UNKNOWN', `There is no brand named ${name}.`, { field: 'name' });
  return brand;
}

/** Throws {@link DeskProblem} `BRAND_EXISTS` and what {@link changeBrand} throws. */
export async function addBrand(tx: Tx, ctx: EngineContext, input: NewBrand, files: ReadFiles): Promise<BrandRecord> {
  const others = await tx.selectFrom('brands').select('name').execute();
  // One name in two spellings would be told apart by nobody.
  const like = others.find((one) => one.name.toLowerCase() === input.name.toLowerCase());
  if (like) throw new DeskProblem('BRAND_EXISTS', `There is a brand named ${like.name} already.`, { field: 'name', hint: 'Change it, or choose another name.' });
  const { id } = await tx.insertInto('brands').values({ name: input.name, created_at: ctx.clock.now(), all_types: input.types === undefined ? 1 : 0 }).returning('id').executeTakeFirstOrThrow();
  await grant(tx, ctx, id, input, files);
  await addCredentials(tx, id, files);
  return (await brandById(tx, id))!;
}

/**
 * Throws {@link DeskProblem} `BRAND_UNKNOWN`, `TYPE_UNKNOWN`, `RANGE_INVALID`, `RANGE_TAKEN`, `CALLBACK_INVALID`,
 * `IDENTITY_UNKNOWN`, `CREDENTIAL_TAKEN`, `CREDENTIAL_UNKNOWN`, `CREDENTIAL_LAST`.
 */
export async function changeBrand(tx: Tx, ctx: EngineContext, input: BrandChange, files: ReadFiles): Promise<BrandRecord> {
  const brand = await demandBrand(tx, input.name);
  if (input.state !== undefined) await tx.updateTable('brands').set({ state: input.state }).where('id', '=', brand.id).execute();
  await grant(tx, ctx, brand.id, input, files);
  // Added before one is removed: a brand's certificate is replaced in one step.
  await addCredentials(tx, brand.id, files);
  if (input.removeCredential !== undefined) await removeCredential(tx, brand, input.removeCredential);
  return (await brandById(tx, brand.id))!;
}

async function addCredentials(tx: Tx, brandId: number, files: ReadFiles): Promise<void> {
  for (const { credential, field } of files.credentials) {
    // The brand's own, stored as the other kind: it becomes what it is called now.
    await tx.deleteFrom('brand_credentials').where('brand_id', '=', brandId).where('sha256', '=', credential.sha256).where('kind', '!=', credential.kind).execute();
    await demandFree(tx, credential, field);
    await tx.insertInto('brand_credentials').values({ ...credential, brand_id: brandId }).execute();
  }
}

async function removeCredential(tx: Tx, brand: BrandRecord, sha256: string): Promise<void> {
  const own = await tx.selectFrom('brand_credentials').select(['id', 'sha256']).where('brand_id', '=', brand.id).execute();
  const wanted = Buffer.from(fromHex(sha256));
  const found = own.find((one) => wanted.equals(one.sha256));
  if (!found) throw new DeskProblem('CREDENTIAL_UNKNOWN', `The brand ${brand.name} has no certificate with this SHA-256.`, { field: 'removeCredential' });
  if (own.length === 1) throw new DeskProblem('CREDENTIAL_LAST', `This is the only certificate the brand ${brand.name} is recognised by.`, { field: 'removeCredential', hint: 'Add the new one first, or suspend the brand.' });
  await tx.deleteFrom('brand_credentials').where('id', '=', found.id).execute();
}

async function grant(tx: Tx, ctx: EngineContext, brandId: number, input: Grants, files: ReadFiles): Promise<void> {
  if (input.types !== undefined) await grantTypes(tx, brandId, input.types);
  if (input.iccids !== undefined) await grantIccids(tx, ctx, brandId, input.iccids);
  const columns: Updateable<Database['brands']> = {
    ...(input.openOrders === undefined ? {} : { open_orders: input.openOrders }), ...(input.ordersPerDay === undefined ? {} : { orders_per_day: input.ordersPerDay }),
    ...await callbackColumns(tx, ctx.environment, brandId, input, files),
  };
  if (Object.keys(columns).length > 0) await tx.updateTable('brands').set(columns).where('id', '=', brandId).execute();
}

async function grantTypes(tx: Tx, brandId: number, names: readonly string[]): Promise<void> {
  const all = names.includes('*');
  if (all && names.length > 1) throw new DeskProblem('INPUT_INVALID', 'The star means every type and stands alone.', { field: 'types' });
  const ids = new Set<number>();
  for (const name of all ? [] : names) {
    const type = await typeByName(tx, name);
    if (!type) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type "${name}".`, { field: 'types' });
    ids.add(type.id);
  }
  await tx.updateTable('brands').set({ all_types: all ? 1 : 0 }).where('id', '=', brandId).execute();
  await tx.deleteFrom('brand_types').where('brand_id', '=', brandId).execute();
  for (const typeId of ids) await tx.insertInto('brand_types').values({ brand_id: brandId, type_id: typeId }).execute();
}

async function grantIccids(tx: Tx, ctx: EngineContext, brandId: number, texts: readonly string[]): Promise<void> {
  const ranges = demand(parseRanges(texts), 'iccids');
  const others = await tx.selectFrom('brand_iccids as i').innerJoin('brands as b', 'b.id', 'i.brand_id').select(['i.first', 'i.last', 'b.name']).where('i.brand_id', '!=', brandId).execute();
  for (const range of ranges) {
    const taken = others.find((other) => overlaps(range, other));
    if (taken) throw new DeskProblem('RANGE_TAKEN', `ICCIDs from ${range.first} to ${range.last} lie in the range ${taken.first}-${taken.last} of the brand ${taken.name}.`, { field: 'iccids', hint: 'An ICCID belongs to one brand: take it out of that range first.' });
  }
  await tx.deleteFrom('brand_iccids').where('brand_id', '=', brandId).execute();
  for (const range of ranges) await tx.insertInto('brand_iccids').values({ brand_id: brandId, ...range }).execute();
  await entitlementsChanged(tx, ctx, ranges);
}

async function callbackColumns(tx: Tx, environment: Environment, brandId: number, input: Grants, files: ReadFiles): Promise<Updateable<Database['brands']>> {
  const { callbackUrl, callbackIdentity, callbackPoints, callbackResult } = input;
  const columns: Updateable<Database['brands']> = {};
  if (callbackUrl === null) Object.assign(columns, { callback_url: null, callback_ca: null, callback_identity: null });
  else if (callbackUrl !== undefined) columns.callback_url = demandUrl(callbackUrl, environment);
  if (files.callbackCa) columns.callback_ca = files.callbackCa;
  if (typeof callbackIdentity === 'string') {
    const found = await tx.selectFrom('certificates').select('id').where('identity', '=', callbackIdentity).where('role', '=', 'tls').where('active', '=', 1).limit(1).executeTakeFirst();
    if (!found) throw new DeskProblem('IDENTITY_UNKNOWN', `There is no identity "${callbackIdentity}" with a TLS certificate.`, { field: 'callbackIdentity' });
  }
  if (callbackIdentity !== undefined) columns.callback_identity = callbackIdentity;
  if (callbackPoints !== undefined) columns.callback_points = JSON.stringify(await mergedPoints(tx, brandId, callbackPoints));
  if (callbackResult !== undefined) columns.callback_result = callbackResult;
  return columns;
}

function demandUrl(text: string, environment: Environment): string {
  const checked = checkCallbackUrl(text.trim(), environment);
  if (!checked.ok) throw new DeskProblem('CALLBACK_INVALID', checked.why, { field: 'callbackUrl' });
  return checked.url.href;
}

/** Only what differs from the default is stored. A number stands for one point: the receiver tells them apart by it. */
async function mergedPoints(tx: Tx, brandId: number, changes: Partial<Record<ProgressPoint, number | null | undefined>>): Promise<Partial<Record<ProgressPoint, number | null>>> {
  const stored = JSON.parse((await brandById(tx, brandId))!.callback_points) as Partial<Record<ProgressPoint, number | null>>;
  const points = { ...defaultProgressPoints, ...stored, ...changes } as Record<ProgressPoint, number | null>;
  const used = Object.values(points).filter((value) => value !== null);
  if (new Set(used).size < used.length) throw new DeskProblem('CALLBACK_INVALID', 'Two progress points would be sent with the same number.', { field: 'callbackPoints' });
  return Object.fromEntries(Object.entries(points).filter(([point, value]) => value !== defaultProgressPoints[point as ProgressPoint]));
}
