/** Template versions looked into, compared and edited. Versions never change: an edit writes the next one. */
import type { z } from 'zod';
import type { editSummary } from '../../../shared/contract/template-edit.ts';
import type { templateDetail as detail, TemplateDetail } from '../../../shared/contract/types.ts';
import { sameBytes } from '../../../shared/tlv/index.ts';
import type { TemplateEdit } from '../../saip/index.ts';
import { diffPackages, editPackage, estimateSize, presentValues, readPackage, SaipError, viewPackage } from '../../saip/index.ts';
import type { Call, EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { keyDomain, withFillers } from './placeholders.ts';
import type { TemplateRecord } from './records.ts';
import type { FindingView, TemplateDraft, TemplateView } from './templates.ts';
import { demandTemplate, draftFindings, draftTemplate, listTemplates, storeTemplate, templateUses, templateView } from './templates.ts';

type Summary = z.input<typeof editSummary>;

/** Everything a screen shows of one version. Throws {@link DeskProblem} `TEMPLATE_UNKNOWN`. */
export async function templateDetail(db: Reader, id: string): Promise<z.input<typeof detail>> {
  const row = await demandTemplate(db, id);
  const slots = JSON.parse(row.slots) as { name: string; length: number; secret: boolean; late: boolean; writes: unknown[] }[];
  const findings = withFillers(JSON.parse(row.findings) as FindingView[], slots, keyDomain(row.der));
  const view = viewPackage(row.der);
  const size = estimateSize(readPackage(row.der));
  return {
    template: { ...templateView(row, await templateUses(db)), warnings: findings.filter((one) => one.severity === 'warning' && one.filledBy === undefined).length, nvmBytes: size.nvmBytes },
    versions: await listTemplates(db, row.name),
    findings,
    elements: [...view.elements] as TemplateDetail['elements'],
    size: { ...size, byElement: [...size.byElement] },
    slots: slots.map(({ name, length, secret, late, writes }) => ({ name, length, secret, late, places: writes.length })),
    changes: JSON.parse(row.changes) as Summary[],
    present: presentValues(row.der) as TemplateDetail['present'],
  };
}

export async function diffTemplates(db: Reader, before: string, after: string) {
  const [a, b] = [await demandTemplate(db, before), await demandTemplate(db, after)];
  const uses = await templateUses(db);
  return { ...plainDiff(a.der, b.der), before: templateView(a, uses), after: templateView(b, uses) };
}

function plainDiff(a: Uint8Array, b: Uint8Array) {
  const { added, removed, changed } = diffPackages(a, b);
  return { added: [...added], removed: [...removed], changed: changed.map((one) => ({ ...one, before: [...one.before], after: [...one.after] })) };
}

interface Edited {
  readonly of: TemplateRecord;
  readonly draft: TemplateDraft;
  readonly changes: readonly Summary[];
}

/** The package after the edits, checked and compiled. Codes as `types.editTemplate`. */
async function edited(db: Reader, id: string, edits: readonly TemplateEdit[]): Promise<Edited> {
  const of = await demandTemplate(db, id);
  try {
    const { der, changes } = editPackage(of.der, edits);
    return { of, draft: draftTemplate(der, true, acceptedOf(of)), changes: changes.map((one) => ({ ...one, places: [...one.places] })) };
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    throw problemOf(error, of.der, edits);
  }
}

/** Errors the version came with were answered for when it was imported; `editPackage` lets no new one in. */
const acceptedOf = (row: TemplateRecord): string[] => (JSON.parse(row.findings) as FindingView[]).filter((one) => one.severity === 'error').map((one) => one.rule);

/** Which of the edits fails first when they are made one after the other: the one a screen puts the sentence at. */
function firstFailing(der: Uint8Array, edits: readonly TemplateEdit[]): number {
  for (let count = 1; count < edits.length; count++) {
    try {
      editPackage(der, edits.slice(0, count));
    } catch (error) {
      if (error instanceof SaipError) return count - 1;
      throw error;
    }
  }
  return edits.length - 1;
}

const editCodes: ReadonlySet<string> = new Set(['EDIT_BAD_VALUE', 'EDIT_NO_PLACE', 'EDIT_REFUSED', 'EDIT_BREAKS_RULE']);

function problemOf(error: SaipError, der: Uint8Array, edits: readonly TemplateEdit[]): DeskProblem {
  const hint = error.place ? { hint: `Look at ${error.place}.` } : {};
  // A list or a number that does not fit is a bad value of the edit, whichever part of the editor noticed.
  const code = editCodes.has(error.code) ? error.code : 'EDIT_BAD_VALUE';
  return new DeskProblem(code, error.message, { field: `edits.${firstFailing(der, edits)}`, ...hint });
}

/** What edits would make, stored nowhere. */
export async function tryEdits(db: Reader, id: string, edits: readonly TemplateEdit[]) {
  const { of, draft, changes } = await edited(db, id, edits);
  return {
    changes: [...changes], diff: plainDiff(of.der, draft.der), findings: draftFindings(draft),
    sizeBytes: draft.compiled.size, nvmBytes: estimateSize(readPackage(draft.der)).nvmBytes,
    before: { sizeBytes: of.size_bytes, nvmBytes: estimateSize(readPackage(of.der)).nvmBytes },
  };
}

/** Throws also `TEMPLATE_UNCHANGED`. */
export async function draftEdit(ctx: EngineContext, id: string, edits: readonly TemplateEdit[]): Promise<Edited> {
  const made = await edited(ctx.reader, id, edits);
  if (sameBytes(made.of.der, made.draft.der)) {
    throw new DeskProblem('TEMPLATE_UNCHANGED', 'The template is like that already; no version was written.', { field: 'edits' });
  }
  return made;
}

export async function storeEdit(
  tx: Tx, ctx: EngineContext, { of, draft, changes }: Edited, input: { readonly name?: string | undefined; readonly note?: string | undefined }, call: Call,
): Promise<{ template: TemplateView; changes: Summary[]; findings: FindingView[] }> {
  const row = await storeTemplate(tx, draft, input.name ?? of.name, ctx.clock.now(), { actor: call.actor, derivedFrom: of.id, changes, note: input.note });
  return { template: templateView(row, await templateUses(tx)), changes: [...changes], findings: draftFindings(draft) };
}

export async function retireTemplate(tx: Tx, id: string, retiredAt: number | null): Promise<TemplateView> {
  await demandTemplate(tx, id);
  await tx.updateTable('templates').set({ retired_at: retiredAt }).where('id', '=', Number(id)).execute();
  return templateView(await demandTemplate(tx, id), await templateUses(tx));
}
