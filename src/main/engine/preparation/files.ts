/** Files of a batch, each written page by page. */
import { sql } from 'kysely';
import type { EngineContext } from '../context.ts';
import type { JobRecord } from '../jobs/index.ts';
import { templateById } from '../types/index.ts';
import { digestFile } from './digest-file.ts';
import { artefactPath, growFile, safeName } from './outputs-folder.ts';
import type { PreparationRecord } from './records.ts';
import { outputFile } from './output-file.ts';
import { sheetFile } from './sheets.ts';
import type { SheetOptions } from './sheets.ts';
import { ticketFile } from './ticket.ts';

export type FileSpec =
  | { readonly what: 'digests' | 'ticket'; readonly title?: string }
  | { readonly what: 'output'; readonly recipient: string; readonly title?: string }
  | ({ readonly what: 'labels' | 'vouchers'; readonly title?: string } & SheetOptions);

/** Profiles of one page. */
export const pageSize = 2_000;

export interface MadeFile {
  readonly id: string;
  readonly kind: 'output' | 'labels' | 'vouchers' | 'digests' | 'ticket' | 'report';
  readonly name: string;
  readonly title: string;
  readonly mediaType: string;
  readonly recipientId?: string;
  readonly protection?: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: Uint8Array;
}

export interface OpenFile {
  /** Writes the profiles after `after`; fewer than a page means that they were the last. */
  page(after: number): Promise<{ count: number; last: number }>;
  finish(): Promise<MadeFile>;
  drop(): Promise<void>;
}

/** A profile of the batch as files see it. */
export interface FileRow {
  readonly id: number;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn: string | null;
  readonly eid: string | null;
  readonly stock_state: string;
  readonly order_state: string;
  readonly order_id: string | null;
  readonly package_digest: Uint8Array | null;
  readonly prepared_at: number | null;
  readonly template_id: number;
  readonly slots: Uint8Array | null;
  readonly matching_id: string | null;
  readonly smdp_address: string | null;
  /** 1 when the order asks for a confirmation code. */
  readonly confirmed: number | null;
  /** When its order ended; null while it is open, and without one. */
  readonly closed_at: number | null;
}

/** What a kind of file does with its rows. Octets it gives out are zeroed once they are written. */
export interface FileMaker {
  readonly kind: MadeFile['kind'];
  readonly title: string;
  /** Without path and id; made safe here. */
  readonly name: string;
  /** A second file of this name and batch gets a number. */
  readonly numbered?: boolean;
  readonly mediaType: string;
  readonly recipientId?: string;
  readonly protection?: string;
  /** Profiles that are in the file, where that is not all of the batch. */
  inIt?(): number;
  head(): Promise<Uint8Array> | Uint8Array;
  rows(rows: readonly FileRow[]): Promise<Uint8Array> | Uint8Array;
  foot(rows: number): Promise<Uint8Array> | Uint8Array;
  /** When it is not finished. */
  drop?(): Promise<void> | void;
}

export interface FileFacts {
  readonly batch: PreparationRecord;
  readonly type: string;
  readonly template: { readonly name: string; readonly version: number; readonly digest: Uint8Array; readonly algorithm: string };
}

export async function factsOf(ctx: EngineContext, batch: PreparationRecord): Promise<FileFacts> {
  const type = await ctx.reader.selectFrom('profile_types').select('name').where('id', '=', batch.type_id).executeTakeFirstOrThrow();
  const template = (await templateById(ctx.reader, batch.template_id))!;
  return { batch, type: type.name, template: { name: template.name, version: template.version, digest: template.digest, algorithm: template.algorithm } };
}

async function makerOf(ctx: EngineContext, facts: FileFacts, spec: FileSpec, job: { readonly id: string }): Promise<FileMaker> {
  switch (spec.what) {
    case 'digests': return digestFile(facts);
    case 'ticket': return ticketFile(ctx, facts, job.id);
    case 'output': return outputFile(ctx, facts, spec.recipient);
    default: return sheetFile(ctx, facts, spec);
  }
}

/** Files that were swept count as well: their record stands in the list under that name. */
async function nameFor(ctx: EngineContext, batch: string, maker: FileMaker): Promise<string> {
  const name = safeName(maker.name);
  if (maker.numbered !== true) return name;
  const taken = new Set((await ctx.reader.selectFrom('artefacts').select('name').where('preparation_id', '=', batch).where('kind', '=', maker.kind).execute()).map((one) => one.name));
  const [, stem = name, end = ''] = /^(.*?)(\.[a-z]+)?$/.exec(name) ?? [];
  for (let n = 2, free = name; ; n++) {
    if (!taken.has(free)) return free;
    free = `${stem}-${n}${end}`;
  }
}

export async function openFile(ctx: EngineContext, batch: PreparationRecord, spec: FileSpec, job: Pick<JobRecord<unknown, unknown>, 'id'>): Promise<OpenFile> {
  const maker = await makerOf(ctx, await factsOf(ctx, batch), spec, job);
  const id = `out_${Buffer.from(ctx.random(8)).toString('hex')}`;
  const name = await nameFor(ctx, batch.id, maker);
  const file = await growFile(ctx, id);
  let rows = 0;
  const add = async (octets: Uint8Array): Promise<void> => {
    await file.add(octets);
    octets.fill(0);
  };
  try {
    await add(await maker.head());
  } catch (error) {
    await file.drop();
    throw error;
  }
  return {
    async page(after) {
      const found: FileRow[] = await ctx.reader.selectFrom('profiles').leftJoin('orders', 'orders.id', 'profiles.order_id')
        .select(['profiles.id', 'iccid', 'imsi', 'msisdn', 'profiles.eid', 'stock_state', 'order_state', 'order_id', 'package_digest', 'prepared_at', 'template_id', 'slots', 'matching_id', 'smdp_address', 'closed_at'])
        .select(sql<number | null>`confirmation is not null`.as('confirmed'))
        .where('batch_id', '=', batch.batch_id).where('profiles.id', '>', after).orderBy('profiles.id').limit(pageSize).execute();
      if (found.length > 0) await add(await maker.rows(found));
      rows += found.length;
      return { count: found.length, last: found[found.length - 1]?.id ?? after };
    },
    async finish() {
      await add(await maker.foot(rows));
      const sha256 = await file.finish(artefactPath(ctx, { id, name }));
      return {
        id, kind: maker.kind, name, title: maker.title, mediaType: maker.mediaType, rows: maker.inIt?.() ?? rows, bytes: file.bytes, sha256,
        ...(maker.recipientId === undefined ? {} : { recipientId: maker.recipientId }), ...(maker.protection === undefined ? {} : { protection: maker.protection }),
      };
    },
    async drop() {
      await maker.drop?.();
      await file.drop();
    },
  };
}
