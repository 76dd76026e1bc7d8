/** What a batch would take: resolves a plan against type, brand, import and ranges, and says where its numbers come from. */
import type { PlanPart, PreparationPlan } from '../../../shared/contract/preparation.ts';
import { brandByName } from '../brands/index.ts';
import type { BrandRecord } from '../brands/index.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { numbersAt } from '../numbers/index.ts';
import { templateById, typeByName } from '../types/index.ts';
import type { TemplateRecord, TypeRecord } from '../types/index.ts';
import type { NumberWish } from './reservations.ts';
import { numbersLeft, planNumbers } from './reservations.ts';
import { countWaiting, owedStock, planStock } from './waiting.ts';
import type { StockWish } from './waiting.ts';

export interface Resolved {
  readonly plan: PreparationPlan;
  readonly type: TypeRecord;
  readonly template: Omit<TemplateRecord, 'der'>;
  readonly brand?: BrandRecord;
  readonly importId?: number;
  readonly stock: StockWish;
  readonly numbers: NumberWish;
  /** Of a draft: its own name is not taken. */
  readonly draftId?: string;
}

/** Throws `TYPE_UNKNOWN`, `RANGE_UNKNOWN`, `IMPORT_UNKNOWN`, `BRAND_UNKNOWN`, `RECIPIENT_UNKNOWN`. */
export async function resolvePlan(db: Reader | Tx, plan: PreparationPlan, draftId?: string): Promise<Resolved> {
  const type = await typeByName(db, plan.type);
  if (!type) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type named ${plan.type.slice(0, 80)}.`, { field: 'type' });
  const template = (await templateById(db, type.template_id))!;
  const brand = plan.brand === undefined ? undefined : await brandByName(db, plan.brand);
  if (plan.brand !== undefined && !brand) throw new DeskProblem('BRAND_UNKNOWN', `There is no brand named ${plan.brand.slice(0, 80)}.`, { field: 'brand' });
  if (plan.range !== undefined) {
    const range = await db.selectFrom('ranges').select('type_id').where('id', '=', plan.range).executeTakeFirst();
    if (!range || range.type_id !== type.id) throw new DeskProblem('RANGE_UNKNOWN', `There is no number range ${plan.range} of ${type.name}.`, { field: 'range' });
  }
  const importId = plan.import === undefined ? undefined : await importNamed(db, plan.import);
  for (const id of plan.outputs) {
    const found = await db.selectFrom('recipients').select('state').where('id', '=', id).executeTakeFirst();
    if (found?.state !== 'active') throw new DeskProblem('RECIPIENT_UNKNOWN', `There is no active recipient ${id}.`, { field: 'outputs' });
  }
  return {
    plan, type, template, ...(brand ? { brand } : {}), ...(importId === undefined ? {} : { importId }), ...(draftId === undefined ? {} : { draftId }),
    stock: { typeId: type.id, importId }, numbers: { typeId: type.id, rangeId: plan.range, brandId: brand?.id },
  };
}

async function importNamed(db: Reader | Tx, text: string): Promise<number> {
  const id = /^(?:I-)?(\d{1,12})$/.exec(text)?.[1];
  const found = id === undefined ? undefined : await db.selectFrom('imports').select('id').where('id', '=', Number(id)).executeTakeFirst();
  if (!found) throw new DeskProblem('IMPORT_UNKNOWN', `There is no import ${text.slice(0, 40)}.`, { field: 'import', hint: 'Name it as its profiles do: I-7.' });
  return found.id;
}

export interface Supply {
  /** Available for this plan, whatever its count. */
  readonly stock: number;
  readonly ranges: number;
  readonly fromStock: number;
  readonly fromRanges: number;
  /** Waiting profiles other batches come first for. */
  readonly owed: number;
}

/** The stock comes first, unless only ranges are wanted; what other unfinished batches owe is not counted. */
export async function supplyOf(db: Reader | Tx, resolved: Pick<Resolved, 'plan' | 'stock' | 'numbers'>): Promise<Supply> {
  const { plan } = resolved;
  const owed = plan.source === 'ranges' ? 0 : await owedStock(db, resolved.stock);
  const stock = plan.source === 'ranges' ? 0 : Math.max(0, await countWaiting(db, resolved.stock) - owed);
  const ranges = plan.source === 'stock' ? 0 : await numbersLeft(db, resolved.numbers);
  const fromStock = Math.min(plan.count, stock);
  return { stock, ranges, owed, fromStock, fromRanges: Math.min(plan.count - fromStock, ranges) };
}

export async function partsOf(db: Reader | Tx, resolved: Resolved, supply: Supply): Promise<PlanPart[]> {
  const stock = await planStock(db, resolved.stock, supply.owed, supply.fromStock);
  const names = new Map((stock.length === 0 ? [] : await db.selectFrom('imports').select(['id', 'file_name']).where('id', 'in', stock.map((one) => one.importId ?? -1)).execute()).map((one) => [one.id, one.file_name]));
  const runs = await planNumbers(db, resolved.numbers, supply.fromRanges);
  return [
    ...stock.map((one): PlanPart => ({
      source: 'stock', count: one.count, first: one.first, last: one.last, ...(one.importId === null ? {} : { id: `I-${one.importId}` }),
      title: one.importId === null ? 'Imported stock' : `Import ${names.get(one.importId) ?? `I-${one.importId}`}`,
    })),
    ...runs.map((run): PlanPart => ({
      source: 'range', id: run.range.id, count: run.count, first: numbersAt(run.range, run.first), last: numbersAt(run.range, run.first + run.count - 1),
      title: run.freeBlock === undefined ? `Range from ${numbersAt(run.range, 0).iccid}` : `Range from ${numbersAt(run.range, 0).iccid}, numbers an ended batch left`,
    })),
  ];
}

/** The name a batch gets when none is given: type, day, and a number where that is taken. */
export async function referenceFor(ctx: Pick<EngineContext, 'clock'>, db: Reader | Tx, type: string): Promise<string> {
  const base = `${type.slice(0, 48)} ${new Date(ctx.clock.now()).toISOString().slice(0, 10)}`;
  const taken = new Set((await db.selectFrom('preparations').select('reference').where('reference', 'like', `${base.replace(/[%_]/g, '_')}%`).execute()).map((one) => one.reference));
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base} #${n}`)) return `${base} #${n}`;
}
