/** What validation found: states of rows, groups of findings, values seen. Numbers in arrays; rows themselves are in staging. */
import type { ImportCounts } from './types.ts';
import type { Staging, StagedProblem, RowState } from '../store/bulk-imports.ts';
import { rowStates } from '../store/bulk-imports.ts';
import type { FindingName } from './findings.ts';
import { findingKinds } from './findings.ts';
import { Occurrences } from './occurrences.ts';
import type { Plan } from './plan.ts';

export interface FileFinding {
  readonly kind: FindingName;
  readonly detail: string;
  accepted: boolean;
}

export class Validation {
  readonly staging: Staging;
  readonly plan: Plan;
  readonly batchKey: Uint8Array;
  /** Rows of the file. */
  readonly rows: number;
  readonly iccids: Occurrences;
  readonly imsis: Occurrences;
  readonly msisdns: Occurrences | undefined;
  readonly keys: Occurrences;
  readonly file = new Map<FindingName, FileFinding>();
  /** Rows looked at in the first pass. */
  done = 0;
  repaired = 0;
  #states: Uint8Array;
  #blockers: Uint8Array;
  #warnings: Uint8Array;
  #counts = [0, 0, 0, 0];
  #warned = 0;
  readonly #groups = new Map<string, { kind: FindingName; column: number; rows: number }>();

  constructor(staging: Staging, plan: Plan, batchKey: Uint8Array, rows: number) {
    this.staging = staging;
    this.plan = plan;
    this.batchKey = batchKey;
    this.rows = rows;
    this.iccids = new Occurrences(rows);
    this.imsis = new Occurrences(rows);
    this.msisdns = plan.columns.some((one) => one.field === 'msisdn') ? new Occurrences(rows) : undefined;
    this.keys = new Occurrences(rows);
    this.#states = new Uint8Array(rows).fill(UNSEEN);
    this.#blockers = new Uint8Array(rows);
    this.#warnings = new Uint8Array(rows);
  }

  stateOf(row: number): RowState | undefined {
    return rowStates[this.#states[row]!];
  }

  /** Rows that are left out or passed over no longer count in groups. */
  setState(row: number, state: RowState): void {
    const before = this.#states[row]!;
    const code = rowStates.indexOf(state);
    if (before === code) return;
    if (before !== UNSEEN) this.#counts[before]! -= 1;
    this.#counts[code]! += 1;
    this.#states[row] = code;
  }

  /** Good or bad, as its findings have it. */
  judged(row: number): RowState {
    return this.#blockers[row]! > 0 ? 'bad' : 'good';
  }

  /** Counts a finding of a row in; written to staging by the caller. */
  count(problem: Pick<StagedProblem, 'row' | 'kind' | 'column'>, by: 1 | -1): void {
    const kind = problem.kind as FindingName;
    const key = `${kind}:${problem.column}`;
    const group = this.#groups.get(key) ?? { kind, column: problem.column, rows: 0 };
    group.rows += by;
    this.#groups.set(key, group);
    const blocker = findingKinds[kind].severity === 'blocker';
    const array = blocker ? this.#blockers : this.#warnings;
    array[problem.row]! += by;
    if (!blocker && array[problem.row] === (by === 1 ? 1 : 0)) this.#warned += by;
  }

  groups(): { id: string; kind: FindingName; column: number; rows: number }[] {
    return [...this.#groups].filter(([, group]) => group.rows > 0).map(([id, group]) => ({ id, ...group }));
  }

  group(id: string): { kind: FindingName; column: number; rows: number } | undefined {
    const found = this.#groups.get(id);
    return found && found.rows > 0 ? found : undefined;
  }

  counts(): ImportCounts {
    const [good, bad, leftOut, skipped] = this.#counts as [number, number, number, number];
    return { rows: this.rows, good, bad, leftOut, skipped, warned: this.#warned, repaired: this.repaired };
  }

  /** Good rows that bring their K. */
  withKey(): number {
    let n = 0;
    for (let row = 0; row < this.rows; row++) if (this.#states[row] === 0 && this.keys.has(row)) n++;
    return n;
  }

  /** Findings about the whole file that still stand in the way. */
  openFileFindings(): FileFinding[] {
    return [...this.file.values()].filter((one) => !one.accepted && findingKinds[one.kind].severity === 'blocker');
  }
}

const UNSEEN = 255;
