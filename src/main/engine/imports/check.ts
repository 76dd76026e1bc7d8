/**
 * The way of rows through validation: read in the engine, opened and sealed in the vault's workers, compared with file and stock,
 * written to staging. Batches overlap, so that engine and vault work at the same time; the engine breathes between them.
 */
import { setImmediate } from 'node:timers/promises';
import { numberKinds } from '../../../shared/contract/numbers.ts';
import type { ImportAnswer, ImportReason } from '../../vault-link/import-rows.ts';
import { readAnswers, RowWriter } from '../../vault-link/import-rows.ts';
import type { EngineContext } from '../context.ts';
import { journalAhead, refusedNumbers } from '../numbers/index.ts';
import type { InStock, Patch, StagedProblem, StagedRow } from '../store/bulk-imports.ts';
import { inOneRead, stockLookup } from '../store/bulk-imports.ts';
import { VaultError } from '../../vault-link/operations.ts';
import { secretLabel } from './values.ts';
import type { FindingName } from './findings.ts';
import type { Occurrences } from './occurrences.ts';
import { markOf, markOfFingerprint } from './occurrences.ts';
import type { Draft } from './row.ts';
import { harmless, readRow } from './row.ts';
import type { Source } from './source.ts';
import type { Validation } from './validation.ts';

/** Rows of one batch: a few milliseconds of the engine's time at a stretch. */
export const batchRows = 400;
/** Batches with the vault at one time. */
const inFlight = 4;

interface Batch {
  readonly rows: readonly number[];
  readonly drafts: readonly Draft[];
  readonly answers: Promise<ImportAnswer[]>;
}

/** Validates rows in their order. Call `rows` once per batch; `finish` waits for what is with the vault. */
export class Checker {
  readonly #ctx: EngineContext;
  readonly #source: Source;
  readonly #validation: Validation;
  readonly #again: boolean;
  readonly #batches: Batch[] = [];
  readonly #stock: ReturnType<typeof stockLookup>;
  readonly #columnOf: (field: string) => number;
  #refusals: boolean | undefined;

  /** `again`: rows were validated before and may stand anywhere among the others. */
  constructor(ctx: EngineContext, source: Source, validation: Validation, again: boolean) {
    this.#ctx = ctx;
    this.#source = source;
    this.#validation = validation;
    this.#again = again;
    this.#stock = stockLookup(ctx.sqlite);
    const columns = new Map<string, number>([...validation.plan.columns].reverse().map((one) => [one.field, one.index]));
    this.#columnOf = (field) => columns.get(field) ?? -1;
  }

  /** Reads a batch and hands it to the vault; writes the oldest one when enough are under way. Answers rows written. */
  async rows(rows: readonly number[]): Promise<number> {
    this.#batches.push(this.#read(rows));
    await setImmediate();
    return this.#batches.length >= inFlight ? this.#writeOldest() : 0;
  }

  #read(rows: readonly number[]): Batch {
    const { staging, plan, repaired } = this.#validation;
    const patches = repaired > 0 && rows.length > 0 ? byRow(staging.patches(Math.min(...rows), Math.max(...rows))) : undefined;
    const writer = new RowWriter();
    const drafts = rows.map((row) => readRow(plan, row, this.#source.cells(row), patches?.get(row) ?? none, this.#source.format.encoding, writer));
    return { rows, drafts, answers: this.#ask(writer) };
  }

  async finish(): Promise<number> {
    let written = 0;
    while (this.#batches.length > 0) written += await this.#writeOldest();
    return written;
  }

  /** Waits for the vault and drops what it answers. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#batches.splice(0).map((batch) => batch.answers));
  }

  #ask(writer: RowWriter): Promise<ImportAnswer[]> {
    const count = writer.rows;
    if (count === 0) return Promise.resolve([]);
    const asked = this.#ctx.vault.call('sealImport', { batchKey: this.#validation.batchKey, ...this.#validation.plan.vault, rows: writer.octets, count, strict: this.#ctx.environment !== 'lab' })
      .then(({ answers }) => readAnswers(answers))
      .finally(() => writer.wipe());
    // Awaited later, when the batch is written.
    asked.catch(() => undefined);
    return asked;
  }

  async #writeOldest(): Promise<number> {
    const { drafts, answers } = this.#batches[0]!;
    const answered = await answers.catch((error: unknown) => {
      // The vault comes back by itself: the rows are read once more for it, and whoever waits tries again.
      if (error instanceof VaultError && error.code === 'VAULT_UNAVAILABLE') this.#batches[0] = this.#read(this.#batches[0]!.rows);
      throw error;
    });
    const refused = await this.#refused(drafts);
    this.#batches.shift();
    const touched: Touched[] = [];
    inOneRead(this.#ctx.sqlite, () => this.#validation.staging.write(() => {
      let next = 0;
      const inStock = this.#stock.among(drafts);
      for (const draft of drafts) this.#settle(draft, draft.packed ? answered[next++] : undefined, inStock(draft.iccid, draft.imsi), refused, touched);
      for (const one of touched) this.#first(one);
    }));
    await setImmediate();
    return drafts.length;
  }

  /** Numbers that were used up; asked only where there are any. */
  async #refused(drafts: readonly Draft[]): Promise<ReadonlyMap<string, string> | undefined> {
    this.#refusals ??= await anyRefused(this.#ctx);
    if (!this.#refusals) return undefined;
    const all = new Map<string, string>();
    for (const kind of numberKinds) {
      const numbers = drafts.map((one) => one[kind]).filter((one) => one !== undefined);
      if (numbers.length === 0) continue;
      for (const [number, why] of await refusedNumbers(this.#ctx.reader, this.#ctx, kind, numbers)) all.set(`${kind} ${number}`, why);
    }
    return all;
  }

  #settle(draft: Draft, answer: ImportAnswer | undefined, inStock: InStock, refused: ReadonlyMap<string, string> | undefined, touched: Touched[]): void {
    const v = this.#validation;
    const { row, iccid, imsi } = draft;
    const problems = draft.problems;
    const columnOf = this.#columnOf;
    const add = (kind: FindingName, column: number, detail: string, found?: string): void => void problems.push({ row, kind, column, detail, found });
    for (const { reason, name } of answer?.problems ?? []) {
      if (reason === 'KEYS_SWAPPED' && problems.some((one) => one.kind === 'keys-swapped')) continue;
      // The engine said already what is wrong with K.
      if (reason === 'KEY_MISSING' && problems.some((one) => one.kind === 'key-missing' || one.column === columnOf('k'))) continue;
      add(vaultFindings[reason] ?? codeFinding(name), columnOf(name), vaultDetail(reason, secretLabel(name)));
    }
    const same = v.plan.rules.duplicates === 'skip' && inStock.iccid !== undefined && inStock.iccid === inStock.imsi;
    if (!same) {
      for (const [field, number, owner] of [['iccid', iccid, inStock.iccid], ['imsi', imsi, inStock.imsi]] as const) {
        if (number !== undefined && owner !== undefined) add('duplicate-stock', field === 'imsi' ? imsiColumn() : columnOf(field), `This ${field.toUpperCase()} is in the stock already.`, number);
      }
      if (answer?.fingerprint && this.#stock.hasKey(answer.fingerprint)) add('key-stock', columnOf('k'), '');
      if (refused) {
        for (const field of numberKinds) {
          const number = draft[field];
          const known = field !== 'msisdn' && inStock[field] !== undefined;
          const why = number === undefined || known ? undefined : refused.get(`${field} ${number}`);
          if (why !== undefined) add('refused', field === 'imsi' ? imsiColumn() : columnOf(field), why, number);
        }
      }
    }
    const skipped = same && problems.every((one) => harmless.has(one.kind));
    if (!skipped) {
      this.#occurrence(v.iccids, row, iccid, 'duplicate-file', columnOf('iccid'), touched, problems);
      this.#occurrence(v.imsis, row, imsi, 'duplicate-file', imsiColumn(), touched, problems);
      if (v.msisdns) this.#occurrence(v.msisdns, row, draft.msisdn, 'msisdn-file', columnOf('msisdn'), touched, problems);
      if (answer?.fingerprint) {
        const first = v.keys.add(row, markOfFingerprint(answer.fingerprint));
        if (first !== undefined && sameKey(v.staging.row(first)?.fingerprint, answer.fingerprint)) add('key-file', columnOf('k'), this.#inRow('K', first));
        else if (this.#again) touched.push({ occurrences: v.keys, first: row, kind: 'key-file', column: columnOf('k'), label: 'K' });
      }
    }
    const clean = problems.every((one) => one.kind !== 'key-stock' && one.kind !== 'key-file');
    for (const problem of skipped ? [] : problems) {
      v.staging.putProblem(problem);
      v.count(problem, 1);
    }
    const state = skipped ? 'skipped' : v.judged(row);
    v.staging.putRow({ row, iccid, imsi, msisdn: draft.msisdn, subscriber: clean ? answer?.sealed : undefined, fingerprint: answer?.fingerprint, state });
    v.setState(row, state);

    function imsiColumn(): number {
      const own = columnOf('imsi');
      return own >= 0 ? own : columnOf('msin');
    }
  }

  #occurrence(occurrences: Occurrences, row: number, value: string | undefined, kind: FindingName, column: number, touched: Touched[], problems: StagedProblem[]): void {
    if (value === undefined) return;
    const first = occurrences.add(row, markOf(value));
    const label = kind === 'msisdn-file' ? 'MSISDN' : occurrences === this.#validation.iccids ? 'ICCID' : 'IMSI';
    const staged = first === undefined ? undefined : this.#validation.staging.row(first);
    if (staged && (label === 'ICCID' ? staged.iccid : label === 'IMSI' ? staged.imsi : staged.msisdn) === value) {
      problems.push({ row, kind, column, detail: this.#inRow(label, first!), found: value });
    } else if (this.#again) touched.push({ occurrences, first: row, kind, column, label });
  }

  #inRow = (label: string, first: number): string => `The same ${label} stands in line ${this.#source.line(first)}.`;

  /** A row that came in front of others of the same value: they are the doubles now. */
  #first({ occurrences, first, kind, column, label }: Touched): void {
    const { staging } = this.#validation;
    const value = staging.row(first);
    for (const other of occurrences.others(first)) {
      if (other > first && value && sameValue(label, value, staging.row(other))) markDouble(this.#validation, { row: other, kind, column, detail: this.#inRow(label, first), found: undefined });
    }
  }
}

/** Whether two rows hold the same value; a hash may lie. */
export function sameValue(label: string, a: StagedRow, b: StagedRow | undefined): boolean {
  if (!b) return false;
  if (label === 'K') return a.fingerprint !== undefined && b.fingerprint !== undefined && sameKey(a.fingerprint, b.fingerprint);
  const of = (row: StagedRow): string | undefined => (label === 'ICCID' ? row.iccid : label === 'IMSI' ? row.imsi : row.msisdn);
  return of(a) !== undefined && of(a) === of(b);
}

interface Touched {
  readonly occurrences: Occurrences;
  readonly first: number;
  readonly kind: FindingName;
  readonly column: number;
  readonly label: string;
}

const none: readonly Patch[] = [];

function byRow(patches: readonly Patch[]): Map<number, Patch[]> {
  const rows = new Map<number, Patch[]>();
  for (const patch of patches) {
    const list = rows.get(patch.row);
    if (list) list.push(patch);
    else rows.set(patch.row, [patch]);
  }
  return rows;
}

const sameKey = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0;

const vaultFindings: Partial<Record<ImportReason, FindingName>> = {
  KCV_MISMATCH: 'kcv-mismatch', KEYS_SWAPPED: 'keys-swapped', WRAPPED_LENGTH: 'wrapped-length', KEY_LENGTH: 'key-length', KEY_MISSING: 'key-missing', DEFAULT_SECRET: 'secret-default',
};
const codeFinding = (name: string): FindingName => (name.startsWith('adm') ? 'adm-invalid' : name.startsWith('puk') ? 'puk-invalid' : 'pin-invalid');
const vaultDetail = (reason: ImportReason, label: string): string => (reason === 'KEY_LENGTH' ? `${label} has a wrong length once it is opened.` : label);

async function anyRefused(ctx: EngineContext): Promise<boolean> {
  if (journalAhead(ctx)) return true;
  const burnt = await ctx.reader.selectFrom('burnt_numbers').select('number').limit(1).executeTakeFirst();
  if (burnt) return true;
  return await ctx.reader.selectFrom('number_blocks').select('id').where('state', 'in', ['blocked', 'closed']).limit(1).executeTakeFirst() !== undefined;
}

/** Says of a row that it is a double, once. Inside a write of staging. */
export function markDouble(v: Validation, problem: StagedProblem): void {
  const { row } = problem;
  const known = v.staging.problemsOf(row).some((one) => one.kind === problem.kind && one.column === problem.column);
  v.staging.putProblem(problem);
  if (known) return;
  const state = v.stateOf(row);
  if (state === 'left-out' || state === 'skipped') return;
  v.count(problem, 1);
  v.setState(row, v.judged(row));
  v.staging.setState(row, v.judged(row));
}
