/** An import as it is shown. */
import type { ImportGroup, ImportRow, ImportView } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { jobView } from '../jobs/index.ts';
import type { Patch, StagedRow } from '../store/bulk-imports.ts';
import { isIdentifier, keyFields, labelOf } from './columns.ts';
import { sameFile } from './commit.ts';
import { shapeText } from './detect.ts';
import { findingKinds, repairOf, wholeRow } from './findings.ts';
import { networksLookedAt, networkWords } from './network.ts';
import type { FindingName } from './findings.ts';
import { planOf } from './plan.ts';
import type { PlanColumn } from './plan.ts';
import { cellText, patchedCells, repairChange } from './row.ts';
import type { ImportSession } from './session.ts';
import { patience } from './session.ts';
import type { Validation } from './validation.ts';
import { trimmed } from './transforms.ts';
import { textOf } from './text.ts';

const samplesShown = 5;

export async function viewOf(ctx: EngineContext, session: ImportSession): Promise<ImportView> {
  const { validation } = session;
  const checked = validation !== undefined && (session.state === 'validated' || session.state === 'committing' || session.state === 'validating');
  const imported = session.state === 'done' ? undefined : await sameFile(ctx.reader, session.sha256);
  const stored = session.state === 'done' || session.state === 'committing' ? await ctx.reader.selectFrom('imports').select('id').where('handle', '=', session.id).where('state', '<>', 'rolled-back').executeTakeFirst() : undefined;
  const job = session.jobId === undefined ? undefined : await ctx.reader.selectFrom('jobs').selectAll().where('id', '=', session.jobId).executeTakeFirst();
  return {
    id: session.id, fileName: session.fileName, bytes: session.bytes, sha256: Buffer.from(session.sha256).toString('hex'), state: session.state, openedAt: session.openedAt, actor: session.actor,
    until: session.touchedAt + patience, detection: session.detection, ...(session.type === undefined ? {} : { type: session.type }), columns: [...session.columns], rules: session.rules,
    blockers: session.wiped ? [] : await blockersOf(ctx, session),
    ...(job ? { job: jobView(job) } : {}), ...(stored ? { reference: `I-${stored.id}` } : {}),
    ...(checked ? { counts: validation.counts() } : {}), groups: checked ? groupsOf(session, validation) : [],
    ...(imported && imported.state !== 'running' ? { imported: { at: imported.created_at, fileName: imported.file_name } } : {}),
  };
}

/** Why rows cannot be checked yet. */
async function blockersOf(ctx: EngineContext, session: ImportSession): Promise<string[]> {
  const blockers: string[] = [];
  for (const index of session.detection.undecided) {
    const chosen = session.columns.find((one) => one.index === index);
    if (session.state === 'opened' && chosen?.field === undefined) blockers.push(`Choose what the column ${session.source.names[index]} is.`);
  }
  for (const column of session.detection.columns) {
    const chosen = session.columns.find((one) => one.index === column.index);
    if (column.encrypted && chosen?.field !== undefined && chosen.wrapping === undefined) blockers.push(`Choose the transport key of the column ${column.name}.`);
  }
  const clear = clearKeys(ctx, session);
  if (clear !== undefined) blockers.push(clear);
  if (session.type === undefined) blockers.push('Choose the profile type.');
  else {
    try {
      await planOf(ctx, { type: session.type, columns: session.columns, names: session.source.names, rules: session.rules, op: session.op, checkedIccids: session.checkedIccids, detection: session.detection });
    } catch (error) {
      if (!(error instanceof DeskProblem)) throw error;
      if (error.code !== 'CLEAR_KEYS_REFUSED' || clear === undefined) blockers.push(error.message);
    }
  }
  return blockers;
}

/** Said while the columns are chosen, before there is a profile type to plan for. */
function clearKeys(ctx: EngineContext, { columns, detection }: ImportSession): string | undefined {
  if (ctx.environment === 'lab') return undefined;
  const names = columns.flatMap(({ index, field, wrapping }) => (field !== undefined && keyFields.has(field) && wrapping === undefined && !detection.columns.some((one) => one.index === index && one.encrypted) ? [labelOf(field)] : []));
  if (names.length === 0) return undefined;
  return names.length === 1 ? `${names[0]} is in the clear, which only a lab takes: choose its transport key.` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are in the clear, which only a lab takes: choose the transport key of each.`;
}

function groupsOf(session: ImportSession, v: Validation): ImportGroup[] {
  const rows = v.groups().map(({ id, kind, column, rows: count }): ImportGroup => {
    const about = findingKinds[kind];
    const field = v.plan.columns.find((one) => one.index === column)?.field;
    const name = session.source.names[column];
    const label = field ? labelOf(field) : name ?? 'the row';
    return {
      id, code: about.code, severity: about.severity, ...(name === undefined ? {} : { column: name }), ...(field ? { field } : {}), rows: count,
      title: about.title(count.toLocaleString('en'), count === 1, label), expected: about.expected, hint: about.hint, repairs: about.repairs.map(repairOf), samples: samplesOf(session, v, kind, column),
      ...networkWords(kind, v.plan.network, count, () => v.staging.group(kind, column, -1, networksLookedAt).map((one) => one.detail)),
    };
  });
  const file = [...v.file.values()].filter((one) => !one.accepted).map((one): ImportGroup => {
    const about = findingKinds[one.kind];
    return { id: `${one.kind}:-1`, code: about.code, severity: about.severity, rows: 1, title: one.detail, expected: about.expected, hint: about.hint, repairs: about.repairs.map(repairOf), samples: [] };
  });
  const rank = (group: ImportGroup): number => (group.severity === 'blocker' ? 0 : 1);
  return [...file, ...rows.sort((a, b) => rank(a) - rank(b) || b.rows - a.rows || (a.id < b.id ? -1 : 1))];
}

function samplesOf(session: ImportSession, v: Validation, kind: FindingName, column: number): ImportGroup['samples'] {
  const samples: ImportGroup['samples'] = [];
  const about = findingKinds[kind];
  for (let after = -1, looked = 0; samples.length < samplesShown && looked < 50;) {
    const found = v.staging.group(kind, column, after, 10);
    for (const one of found) {
      looked += 1;
      const state = v.stateOf(one.row);
      if (state === 'left-out' || state === 'skipped' || samples.length === samplesShown) continue;
      const suggested = suggestion(session, v, kind, column, one.row);
      samples.push({ line: session.source.line(one.row), message: about.message(one.detail), ...(one.found === undefined || one.found === '' ? {} : { found: one.found }), ...(suggested === undefined ? {} : { suggested }) });
    }
    if (found.length < 10) break;
    after = found.at(-1)!.row;
  }
  return samples;
}

/** What the first repair that changes the cell would make of an identifier. */
function suggestion(session: ImportSession, v: Validation, kind: FindingName, column: number, row: number): string | undefined {
  const planned = v.plan.columns.find((one) => one.index === column);
  const repair = findingKinds[kind].repairs.find((one) => one === 'luhn-append' || one === 'luhn-correct' || one === 'pad-left' || one === 'remove-separators');
  if (!planned || !repair || !isIdentifier(planned.field) || !repairChange(repair, planned.field, '')) return undefined;
  const cells = session.source.cells(row);
  if (!cells) return undefined;
  const patches = v.staging.patches(row, row);
  const text = cellText(v.plan, planned, cells, [...patches, { row, column, kind: repair, value: '' }], session.source.format.encoding);
  return text.length > 40 ? undefined : text;
}

/** One row: identifiers as text, everything else as a shape. */
export function rowView(session: ImportSession, v: Validation, row: number, staged: StagedRow | undefined = v.staging.row(row)): ImportRow {
  const { source } = session;
  const patches = v.staging.patches(row, row);
  const cells = source.cells(row) ?? [];
  const shown = patchedCells(v.plan, cells, patches);
  const found = v.staging.problemsOf(row);
  // Which value belongs to which column is not known: nothing that is typed here would mend the row.
  const fixed = found.some((one) => wholeRow.has(one.kind));
  return {
    line: source.line(row), state: staged?.state ?? 'bad',
    ...(staged?.iccid === undefined ? {} : { iccid: staged.iccid }), ...(staged?.imsi === undefined ? {} : { imsi: staged.imsi }), ...(staged?.msisdn === undefined ? {} : { msisdn: staged.msisdn }),
    cells: source.names.map((_, index) => {
      const cell = cellView(session, v, v.plan.columns.find((one) => one.index === index), shown[index], cells, patches, index);
      return fixed ? { ...cell, editable: false } : cell;
    }),
    problems: found.map((one) => {
      const about = findingKinds[one.kind as FindingName];
      return { group: `${one.kind}:${one.column}`, code: about.code, severity: about.severity, message: about.message(one.detail), ...(one.column < 0 ? {} : { column: one.column }) };
    }),
  };
}

function cellView(session: ImportSession, v: Validation, column: PlanColumn | undefined, cell: Uint8Array | undefined, cells: readonly Uint8Array[], patches: readonly Patch[], index: number): ImportRow['cells'][number] {
  const changed = patches.some((one) => one.column === index || one.column === -1);
  if (cell === undefined) return { text: '', editable: false, changed };
  if (column && isIdentifier(column.field)) {
    const text = changed ? cellText(v.plan, column, cells, patches, session.source.format.encoding) : textOf(trimmed(cell.subarray(0, 100)), session.source.format.encoding);
    return { text: text.slice(0, 64), editable: true, changed };
  }
  return { text: cell.length === 0 ? '' : shapeText(trimmed(cell)), editable: false, changed };
}
